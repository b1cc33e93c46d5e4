"""HL7 v2 data types to FHIR data types, each by the map of HL7's v2-to-FHIR guide that its function names."""

from __future__ import annotations

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._json import Element, decimal
from lienthong.interop.fhir._parts import Parts
from lienthong.interop.fhir._systems import (
    IDENTIFIER_TYPE,
    UCUM,
    absent,
    authority,
    system_uri,
)
from lienthong.interop.fhir._vocabulary import (
    ADDRESS_TYPE,
    ADDRESS_USE,
    IDENTIFIER_TYPES,
    NAME_REPRESENTATION,
    NAME_USE,
    TELECOM_SYSTEM,
    TELECOM_USE,
    put_code,
)
from lienthong.interop.ucum import is_valid, normalise_unit

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
# Positions of code, text, system, version and OID of the three codings of a CWE.
_CODINGS = ((1, 2, 3, 7, 14), (4, 5, 6, 8, 17), (10, 11, 12, 13, 20))
_FAMILY = ("humanname-own-prefix", "humanname-own-name", "humanname-partner-prefix", "humanname-partner-name")
_DEGREE = {"extension": [{"url": f"{_EXTENSION}iso21090-EN-qualifier", "valueCode": "AC"}]}


def concept(parts: Parts, build: Build) -> Element:
    """Map "Datatype CWE to CodeableConcept" (and CE, CNE, CF); empty where nothing is valued.

    A text without a code and without an original text is the concept's text.
    """
    count = len(parts)
    codings = [coding for places in _CODINGS if places[0] <= count and (coding := _coding(parts, places, build))]
    text = parts.text(9)
    if not text and len(codings) == 1 and set(codings[0]) == {"display"}:
        return {"text": codings[0]["display"]}
    found: Element = {"coding": codings} if codings else {}
    if text:
        found["text"] = text
    return found


def _coding(parts: Parts, places: tuple[int, int, int, int, int], build: Build) -> Element:
    code, display, name, version, oid = places
    found: Element = {}
    if value := parts.code(code):
        universal = parts.text(oid)
        if system := (system_uri(universal) if universal and universal[0].isdigit() else parts.text(name)):
            found["system"] = system if universal == system else system_uri(system, build.sender)
        if edition := parts.text(version):
            found["version"] = edition
        found["code"] = value
    if shown := parts.text(display):
        found["display"] = shown
    return found


def table_concept(parts: Parts, table: str, build: Build) -> Element:
    """Return the CodeableConcept of a field of an HL7 table: a code without a system is of that table."""
    found = concept(parts, build)
    for one in _as_list(found.get("coding"))[:1]:
        if "code" in one and "system" not in one:
            one["system"] = system_uri(f"HL7{table}")
    return found


def _as_list(value: object) -> list[Element]:
    return value if isinstance(value, list) else []


def identifier(parts: Parts, build: Build, *, where: str) -> Element:
    """Map "Datatype CX to Identifier"; empty where CX.1 is blank."""
    value = parts.text(1)
    if not value:
        return {}
    extensions: list[Element] = []
    if digit := parts.text(2):
        extensions.append({"url": f"{_EXTENSION}identifier-checkDigit", "valueString": digit})
    found: Element = {"extension": extensions} if extensions else {}
    found.update(identifier_type(parts.code(5)))
    found.update(_authority_at(parts.inner(4)))
    found["value"] = value
    period: Element = {}
    build.time(period, "start", parts.text(7), f"{where}.7")
    build.time(period, "end", parts.text(8), f"{where}.8")
    if period:
        found["period"] = period
    return found


def entity_identifier(parts: Parts, kind: str = "") -> Element:
    """Map "Datatype EI to Identifier"; `kind` is the code of table 0203 that the field gives it."""
    value = parts.text(1)
    if not value:
        return {}
    return {
        **identifier_type(kind),
        **authority(parts.text(2), parts.text(3), parts.text(4)),
        "value": value,
    }


def _authority_at(parts: Parts) -> Element:
    return authority(parts.text(1), parts.text(2), parts.text(3))


def identifier_type(code: str) -> Element:
    """Return `type` for a code of HL7 table 0203 (a code that the table lacks is its text)."""
    if not code:
        return {}
    if code in IDENTIFIER_TYPES or (len(code) == 5 and code.startswith("NN")):
        return {"type": {"coding": [{"system": IDENTIFIER_TYPE, "code": code}]}}
    return {"type": {"text": code}}


def human_name(parts: Parts, build: Build, *, where: str, first: int = 1, use: int = 7) -> Element:
    """Map "Datatype XPN to HumanName"; with `first` 2 and `use` 10, the name of an XCN. Empty without a name."""
    found = _name_parts(parts, first)
    if not found:
        return {}
    put_code(found, "use", parts.code(use), NAME_USE)
    if representation := NAME_REPRESENTATION.get(parts.code(use + 1 if first == 1 else 15)):
        url = f"{_EXTENSION}iso21090-EN-representation"
        found["extension"] = [{"url": url, "valueCode": representation}]
    period: Element = {}
    start, end = (12, 13) if first == 1 else (19, 20)
    build.time(period, "start", parts.text(start), f"{where}.{start}")
    build.time(period, "end", parts.text(end), f"{where}.{end}")
    if period:
        found["period"] = period
    return found


def _name_parts(parts: Parts, first: int) -> Element:
    family = parts.inner(first)
    found: Element = {}
    if surname := family.text(1):
        found["family"] = surname
    pieces: list[Element] = [
        {"url": f"{_EXTENSION}{name}", "valueString": text}
        for place, name in enumerate(_FAMILY, start=2)
        if (text := family.text(place))
    ]
    if pieces:
        found["_family"] = {"extension": pieces}
    if given := [text for place in (first + 1, first + 2) if (text := parts.text(place))]:
        found["given"] = given
    if prefix := parts.text(first + 4):
        found["prefix"] = [prefix]
    suffix, degree = parts.text(first + 3), parts.text(first + 5)
    professional = parts.text(14 if first == 1 else 21)
    if suffixes := [text for text in (suffix, degree, professional) if text]:
        found["suffix"] = suffixes
        if degree:  # tells XPN.6 from XPN.4 on the way back
            found["_suffix"] = [_DEGREE if place == bool(suffix) else None for place in range(len(suffixes))]
    return found


def address(parts: Parts, build: Build, *, where: str) -> Element:
    """Map "Datatype XAD to Address"; empty where nothing is valued."""
    street = parts.inner(1)
    lines = [street.text(1), street.text(2), street.text(3), parts.text(2), parts.text(19)]
    found: Element = {"line": [line for line in lines if line]} if any(lines) else {}
    for key, place in (("city", 3), ("district", 9), ("state", 4), ("postalCode", 5), ("country", 6)):
        if text := parts.text(place):
            found[key] = text
    if not found:
        return {}
    kind = parts.code(7)
    if kind in ADDRESS_TYPE.codes:
        put_code(found, "type", kind, ADDRESS_TYPE)
    else:
        put_code(found, "use", kind, ADDRESS_USE)
    if tract := parts.text(10):
        found["extension"] = [{"url": f"{_EXTENSION}iso21090-ADXP-censusTract", "valueString": tract}]
    period: Element = {}
    build.time(period, "start", parts.text(13), f"{where}.13")
    build.time(period, "end", parts.text(14), f"{where}.14")
    if period:
        found["period"] = period
    return found


def contact_point(parts: Parts, build: Build, *, where: str, use: str = "") -> Element:
    """Map "Datatype XTN to ContactPoint"; `use` is the field's where XTN.2 is blank. Empty where there is no number."""
    equipment = parts.code(3)
    is_address = equipment in ("Internet", "X.400") or (not equipment and bool(parts.text(4)))
    value = parts.text(4) or parts.text(1) if is_address else parts.text(12) or parts.text(1) or _dialled(parts)
    if not value:
        return {}
    found: Element = {"value": value}
    if equipment or is_address:
        put_code(found, "system", equipment or "Internet", TELECOM_SYSTEM, otherwise="other")
    else:
        found["_system"] = absent()
    put_code(found, "use", parts.code(2), TELECOM_USE)
    if "use" not in found and equipment == "CP":
        found["use"] = "mobile"
    elif use and not parts.code(2):
        found["use"] = use
    if pieces := _pieces(parts):
        found["extension"] = pieces
    rank = parts.text(18)
    if rank.isascii() and rank.isdigit() and 0 < int(rank[:10]) < 2**31:
        found["rank"] = int(rank[:10])
    period: Element = {}
    build.time(period, "start", parts.text(13), f"{where}.13")
    build.time(period, "end", parts.text(14), f"{where}.14")
    if period:
        found["period"] = period
    return found


def _dialled(parts: Parts) -> str:
    """Write a number that came only in parts: +84 28 3822 1234 ext. 5."""
    country, area, local, extension = (parts.text(place) for place in (5, 6, 7, 8))
    if not local:
        return ""
    number = " ".join(part for part in (f"+{country.removeprefix('+')}" if country else "", area, local) if part)
    return f"{number} ext. {extension}" if extension else number


def _pieces(parts: Parts) -> list[Element]:
    names = ((5, "country"), (6, "area"), (7, "local"), (8, "extension"))
    return [
        {"url": f"{_EXTENSION}contactpoint-{name}", "valueString": text}
        for place, name in names
        if (text := parts.text(place))
    ]


def quantity(number: str, unit: Parts, build: Build) -> Element:
    """Map "Datatype NM to Quantity" with "Datatype CWE to Quantity" for its unit; empty where `number` is none.

    A unit is a UCUM code where the sender says so, or where what it prints can mean only one; else its text alone.
    """
    value = decimal(number)
    return {} if value is None else {"value": value, **unit_of(unit, build)}


def unit_of(unit: Parts, build: Build) -> Element:
    """Return unit, system and code of a Quantity."""
    code, text, name = unit.code(1), unit.text(2), unit.text(3)
    if not (code or text):
        return {}
    found: Element = {"unit": text or code}
    system = system_uri(name, build.sender) if name else ""
    if code and system == UCUM and is_valid(code):
        return {**found, "system": UCUM, "code": code}
    is_printed = not name or not text or text == code  # a local code beside a text is not what is printed
    certain = normalise_unit(code or text) if is_printed and system != UCUM else None
    if certain and is_valid(certain):
        return {**found, "system": UCUM, "code": certain}
    if code and system and system != UCUM:
        return {**found, "system": system, "code": code}
    return found
