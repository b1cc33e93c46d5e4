"""FHIR data types as HL7 v2 data types: the maps of HL7's v2-to-FHIR guide, read backwards."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.interop.fhir._index import Index, Resource
from lienthong.interop.fhir._json import element_at, elements_at, number_at, text_at, texts_at
from lienthong.interop.fhir._lines import components, encoded, subcomponents
from lienthong.interop.fhir._systems import IDENTIFIER_TYPE, UCUM, authority_parts, system_name
from lienthong.interop.fhir._times import time_back
from lienthong.interop.fhir._vocabulary import (
    ADDRESS_TYPE,
    ADDRESS_USE,
    NAME_REPRESENTATION,
    NAME_USE,
    TELECOM_SYSTEM,
    TELECOM_USE,
    code_back,
)

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
_REPRESENTATION_BACK = {fhir: code for code, fhir in NAME_REPRESENTATION.items()}


def extension_at(element: Resource, url: str) -> Resource:
    """Return the extension of that URL; empty where there is none."""
    if "extension" not in element:
        return {}
    return next((one for one in elements_at(element, "extension") if one.get("url") == url), {})


def cwe(concept: Resource) -> str:
    """Write a CodeableConcept: up to three codings in their order, and its text."""
    if not concept:
        return ""
    codings = [one for one in elements_at(concept, "coding") if text_at(one, "code") or text_at(one, "display")]
    parts = [""] * 13
    for coding, places in zip(codings, ((0, 1, 2, 6), (3, 4, 5, 7), (9, 10, 11, 12)), strict=False):
        system = text_at(coding, "system")
        values = (text_at(coding, "code"), text_at(coding, "display"), system_name(system) if system else "")
        for place, value in zip(places, (*values, text_at(coding, "version")), strict=True):
            parts[place] = encoded(value)
    if text := text_at(concept, "text"):
        parts[8 if codings else 1] = encoded(text)
    return components(*parts)


def cx(identifier: Resource, index: Index) -> str:
    """Write an Identifier as CX."""
    value = text_at(identifier, "value")
    if not value:
        return ""
    digit = text_at(extension_at(identifier, f"{_EXTENSION}identifier-checkDigit"), "valueString")
    period = element_at(identifier, "period")
    return components(
        encoded(value),
        encoded(digit),
        "",
        hd_of(identifier, index),
        encoded(identifier_type_code(identifier)),
        "",
        encoded(time_back(period, "start")),
        encoded(time_back(period, "end")),
    )


def identifier_type_code(identifier: Resource) -> str:
    """Return the code of table 0203, else the first code, else the text of an Identifier's type."""
    codings = elements_at(element_at(identifier, "type"), "coding")
    known = [text_at(one, "code") for one in codings if one.get("system") == IDENTIFIER_TYPE]
    every = [*known, *(text_at(one, "code") for one in codings), text_at(identifier, "type", "text")]
    return next((code for code in every if code), "")


def ei(identifier: Resource, index: Index, *, is_inner: bool = False) -> str:
    """Write an Identifier as EI, with `is_inner` as subcomponents of an EIP."""
    value = text_at(identifier, "value")
    if not value:
        return ""
    rest = hd_of(identifier, index, is_inner=is_inner)
    return (subcomponents if is_inner else components)(encoded(value), rest)


def hd_of(identifier: Resource, index: Index, *, is_inner: bool = True) -> str:
    """Write the authority of an Identifier, its system and its assigner: as subcomponents, unless they are an EI's."""
    assigner = element_at(identifier, "assigner")
    organization = index.resolve(assigner)
    namespace = text_at(assigner, "display") or text_at(organization, "name")
    universal, kind = authority_parts(text_at(identifier, "system"))
    if not universal:
        other = element_at(assigner, "identifier")
        universal, kind = text_at(other, "value"), text_at(other, "type", "text")
    parts = (encoded(namespace), encoded(universal), encoded(kind))
    return subcomponents(*parts) if is_inner else components(*parts)


def hd(organization: Resource) -> str:
    """Write an Organization as HD."""
    namespace, universal, kind = text_at(organization, "name"), "", ""
    for identifier in elements_at(organization, "identifier"):
        value, system = text_at(identifier, "value"), text_at(identifier, "system")
        if system == "urn:ietf:rfc:3986":
            universal, kind = authority_parts(value)
        elif value and value != namespace and not universal:
            typed = identifier_type_code(identifier)
            universal, kind = (value, typed) if typed or namespace else ("", "")
            namespace = namespace or value
    return components(encoded(namespace), encoded(universal), encoded(kind))


def endpoint(source: Resource) -> str:
    """Write the source or a destination of a MessageHeader as HD."""
    universal, kind = authority_parts(text_at(source, "endpoint"))
    return components(encoded(text_at(source, "name")), encoded(universal), encoded(kind))


def name_parts(name: Resource) -> list[str]:
    """Return family (FN), given, further given, suffix, prefix and degree of a HumanName, encoded."""
    family = element_at(name, "_family")
    own = [
        text_at(extension_at(family, f"{_EXTENSION}humanname-{part}"), "valueString")
        for part in ("own-prefix", "own-name", "partner-prefix", "partner-name")
    ]
    given = texts_at(name, "given")
    suffixes, degrees = _suffixes(name)
    return [
        subcomponents(encoded(text_at(name, "family")), *map(encoded, own)),
        encoded(given[0] if given else ""),
        encoded(" ".join(given[1:])),
        encoded(" ".join(suffixes)),
        encoded(" ".join(texts_at(name, "prefix"))),
        encoded(" ".join(degrees)),
    ]


def _suffixes(name: Resource) -> tuple[list[str], list[str]]:
    marks = name.get("_suffix")
    marks = marks if isinstance(marks, list) else []
    found: tuple[list[str], list[str]] = ([], [])
    values = name.get("suffix")
    for place, text in enumerate(values if isinstance(values, list) else []):
        mark = marks[place] if place < len(marks) else None
        qualifier = extension_at(mark, f"{_EXTENSION}iso21090-EN-qualifier") if isinstance(mark, Mapping) else {}
        if isinstance(text, str):
            found[text_at(qualifier, "valueCode") == "AC"].append(text)
    return found


def xpn(name: Resource) -> str:
    """Write a HumanName as XPN; one that has only a text gives it as the family name."""
    parts = name_parts(name)
    if not any(parts):
        parts[0] = encoded(text_at(name, "text"))
    if not any(parts):
        return ""
    form = text_at(extension_at(name, f"{_EXTENSION}iso21090-EN-representation"), "valueCode")
    period = element_at(name, "period")
    return components(
        *parts,
        encoded(code_back(name, "use", NAME_USE)),
        _REPRESENTATION_BACK.get(form, ""),
        "",
        "",
        "",
        encoded(time_back(period, "start")),
        encoded(time_back(period, "end")),
    )


def xad(address: Resource) -> str:
    """Write an Address as XAD: the first line is the street, further ones the other designation."""
    lines = texts_at(address, "line") or tuple(part for part in (text_at(address, "text"),) if part)
    kind = code_back(address, "type", ADDRESS_TYPE) or code_back(address, "use", ADDRESS_USE)
    period = element_at(address, "period")
    tract = text_at(extension_at(address, f"{_EXTENSION}iso21090-ADXP-censusTract"), "valueString")
    return components(
        encoded(lines[0] if lines else ""),
        encoded(", ".join(lines[1:])),
        *(encoded(text_at(address, key)) for key in ("city", "state", "postalCode", "country")),
        encoded(kind),
        "",
        encoded(text_at(address, "district")),
        encoded(tract),
        "",
        "",
        encoded(time_back(period, "start")),
        encoded(time_back(period, "end")),
    )


def xtn(point: Resource) -> str:
    """Write a ContactPoint as XTN: a number is in XTN.1 and XTN.12, an address in XTN.4."""
    value = encoded(text_at(point, "value"))
    if not value:
        return ""
    system, use = code_back(point, "system", TELECOM_SYSTEM), code_back(point, "use", TELECOM_USE)
    if text_at(point, "use") == "mobile" and text_at(point, "system") == "phone":
        system = "CP"
    is_address = system in ("Internet", "X.400")
    pieces = [
        encoded(text_at(extension_at(point, f"{_EXTENSION}contactpoint-{name}"), "valueString"))
        for name in ("country", "area", "local", "extension")
    ]
    whole = value if pieces[2] and not is_address else ""
    number = "" if is_address else value
    return components(number, encoded(use), encoded(system), value if is_address else "", *pieces, "", "", "", whole)


def xcn(person: Resource, index: Index) -> str:
    """Write a Practitioner as XCN; of a PractitionerRole, its practitioner."""
    if person.get("resourceType") == "PractitionerRole":
        person = index.resolve(element_at(person, "practitioner"))
    identifier = element_at(person, "identifier")
    name = element_at(person, "name")
    number = encoded(text_at(identifier, "value"))
    parts = name_parts(name)
    if not (number or any(parts)):
        return ""
    issued = hd_of(identifier, index)
    kind = encoded(identifier_type_code(identifier))
    return components(number, *parts, "", issued, encoded(code_back(name, "use", NAME_USE)), "", "", kind)


def xon(organization: Resource, index: Index) -> str:
    """Write an Organization as XON."""
    identifier = element_at(organization, "identifier")
    issued = hd_of(identifier, index)
    kind = encoded(identifier_type_code(identifier))
    number = encoded(text_at(identifier, "value"))
    return components(encoded(text_at(organization, "name")), "", "", "", "", issued, kind, "", "", number)


def pl(place: Resource, index: Index) -> str:
    """Write a Location, and those it is part of, as PL."""
    places = {"wa": 0, "ro": 1, "bd": 2, "si": 3, "bu": 6, "lvl": 7}
    parts = [""] * 9
    for _ in range(len(places)):
        if not place:
            break
        code = next((text_at(one, "code") for one in elements_at(element_at(place, "physicalType"), "coding")), "")
        universal, kind = authority_parts(text_at(place, "identifier", "system"))
        name = text_at(place, "name")
        parts[places.get(code, 0)] = subcomponents(encoded(name), encoded(universal), encoded(kind))
        parts[8] = parts[8] or encoded(text_at(place, "description"))
        place = index.resolve(element_at(place, "partOf"))
    return components(*parts)


def unit_back(quantity: Resource) -> str:
    """Write unit, code and system of a Quantity as the CWE of OBX-6."""
    code, unit, system = text_at(quantity, "code"), text_at(quantity, "unit"), text_at(quantity, "system")
    if code and system:
        return components(encoded(code), encoded(unit), "UCUM" if system == UCUM else encoded(system_name(system)))
    return encoded(unit or code)


def cq(quantity: Resource) -> str:
    """Write a Quantity as CQ, whose unit is a CE in subcomponents."""
    value = number_at(quantity, "value")
    return components(value, unit_back(quantity).replace("^", "&")) if value else ""
