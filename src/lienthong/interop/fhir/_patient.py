"""Who the message is about: PID, PD1, MRG and NK1 to Patient and RelatedPerson."""

from __future__ import annotations

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._datatypes import (
    address,
    concept,
    contact_point,
    human_name,
    identifier,
    identifier_type,
    table_concept,
)
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._parts import code_of, parts_of, repetitions_of, value_of
from lienthong.interop.fhir._people import organization, practitioners
from lienthong.interop.fhir._systems import NOTE
from lienthong.interop.fhir._vocabulary import MARITAL_NULL, MARITAL_STATUS, SEX, put_code
from lienthong.interop.hl7v2 import Segment

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
_MARITAL = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
_NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_YES_NO = {"Y": True, "N": False}


def patient(segment: Segment, build: Build) -> Element:
    """Return a Patient by map "Segment PID to Patient"."""
    found: Element = {"resourceType": "Patient"}
    extensions = _extensions(segment, build)
    if extensions:
        found["extension"] = extensions
    _put(found, "identifier", _identifiers(segment, build))
    _put(found, "name", [*names(segment, 5, build), *names(segment, 9, build)])
    _put(found, "telecom", _telecom(segment, build))
    put_code(found, "gender", code_of(segment, 8), SEX)
    _birth(found, segment, build)
    _death(found, segment, build)
    _put(found, "address", _addresses(segment, build))
    _marital(found, segment, build)
    _multiple_birth(found, segment)
    if language := table_concept(parts_of(segment, 15), "0296", build):
        found["communication"] = [{"language": language}]
    return found


def add_details(found: Element, segment: Segment, build: Build) -> None:
    """Complete a Patient by map "Segment PD1 to Patient"."""
    facilities = [one for parts in repetitions_of(segment, 3) if (one := organization(parts, build))]
    _put(found, "generalPractitioner", [*facilities, *practitioners(segment, 4, build)])


def add_note(found: Element, note: Element) -> None:
    """Add a note to a resource that has no element for notes in R4 (extension note)."""
    extensions = found.setdefault("extension", [])
    if isinstance(extensions, list):
        extensions.append({"url": NOTE, "valueAnnotation": note})


def merged_patient(segment: Segment, survivor: Element, build: Build) -> tuple[Element, list[Element]]:
    """Return the Patient that MRG names, which the survivor replaces, and its numbers (no map of the guide has MRG)."""
    numbers = [
        *_cx(segment, 1, build),
        *_cx(segment, 4, build),
    ]
    found: Element = {"resourceType": "Patient", "active": False}
    _put(found, "identifier", numbers)
    _put(found, "name", names(segment, 7, build))
    found["link"] = [{"other": survivor, "type": "replaced-by"}]
    return found, numbers


def related_person(segment: Segment, build: Build, subject: Element) -> Element:
    """Return a RelatedPerson by map "Segment NK1 to RelatedPerson"."""
    found: Element = {"resourceType": "RelatedPerson"}
    _put(found, "identifier", [*_cx(segment, 12, build), *_cx(segment, 33, build)])
    found["patient"] = subject
    kinds = (table_concept(parts_of(segment, 3), "0063", build), table_concept(parts_of(segment, 7), "0131", build))
    _put(found, "relationship", [one for one in kinds if one])
    _put(found, "name", [*names(segment, 2, build), *names(segment, 30, build)])
    _put(
        found,
        "telecom",
        [*telecom(segment, 5, build), *telecom(segment, 6, build, "work"), *telecom(segment, 31, build)],
    )
    put_code(found, "gender", code_of(segment, 15), SEX)
    _birth_day(found, value_of(segment, 16), build, f"{segment.name}-16")
    _put(found, "address", [*addresses(segment, 4, build), *addresses(segment, 32, build)])
    period: Element = {}
    build.time(period, "start", value_of(segment, 8), "NK1-8")
    build.time(period, "end", value_of(segment, 9), "NK1-9")
    _put(found, "period", period)
    if language := table_concept(parts_of(segment, 20), "0296", build):
        found["communication"] = [{"language": language}]
    return found


def names(segment: Segment, number: int, build: Build) -> list[Element]:
    """Return the names of a repeating XPN field; a name that one is called by (XPN.15) is one of its own."""
    found: list[Element] = []
    for parts in repetitions_of(segment, number):
        if name := human_name(parts, build, where=f"{segment.name}-{number}"):
            found.append(name)
        if called := parts.text(15):
            found.append({"use": "nickname", "given": [called]})
    return found


def addresses(segment: Segment, number: int, build: Build) -> list[Element]:
    where = f"{segment.name}-{number}"
    return [one for parts in repetitions_of(segment, number) if (one := address(parts, build, where=where))]


def telecom(segment: Segment, number: int, build: Build, use: str = "") -> list[Element]:
    where = f"{segment.name}-{number}"
    found = (contact_point(parts, build, where=where, use=use) for parts in repetitions_of(segment, number))
    return [one for one in found if one]


def _put(found: Element, key: str, value: object) -> None:
    if value:
        found[key] = value


def _cx(segment: Segment, number: int, build: Build) -> list[Element]:
    where = f"{segment.name}-{number}"
    return [one for parts in repetitions_of(segment, number) if (one := identifier(parts, build, where=where))]


def _identifiers(segment: Segment, build: Build) -> list[Element]:
    found = [*_cx(segment, 2, build), *_cx(segment, 3, build), *_cx(segment, 4, build)]
    if number := value_of(segment, 19):
        found.append({**identifier_type("SS"), "value": number})
    licence = parts_of(segment, 20)
    if number := licence.text(1):
        found.append({**identifier_type("DL"), "value": number})
    return found


def _telecom(segment: Segment, build: Build) -> list[Element]:
    return [
        *telecom(segment, 13, build, "home"),
        *telecom(segment, 14, build, "work"),
        *telecom(segment, 40, build),
    ]


def _addresses(segment: Segment, build: Build) -> list[Element]:
    found = addresses(segment, 11, build)
    county = value_of(segment, 12)
    if county and len(found) == 1 and "district" not in found[0]:
        found[0]["district"] = county
    elif county and all(one.get("district") != county for one in found):
        found.append({"district": county})
    return found


def _birth(found: Element, segment: Segment, build: Build) -> None:
    sent = value_of(segment, 7)
    _birth_day(found, sent, build, "PID-7")
    if "birthDate" in found and len(sent) > 8:
        extension: Element = {"url": f"{_EXTENSION}patient-birthTime"}
        build.time(extension, "valueDateTime", sent, "PID-7")
        if "T" in str(extension.get("valueDateTime")):
            found["_birthDate"] = {"extension": [extension]}


def _birth_day(found: Element, sent: str, build: Build, where: str) -> None:
    build.time(found, "birthDate", sent, where)
    if isinstance(day := found.get("birthDate"), str):
        found["birthDate"] = day.partition("T")[0]


def _death(found: Element, segment: Segment, build: Build) -> None:
    build.time(found, "deceasedDateTime", value_of(segment, 29), "PID-29")
    indicator = _YES_NO.get(code_of(segment, 30))
    if indicator is not None and "deceasedDateTime" not in found:
        found.pop("_deceasedDateTime", None)
        found["deceasedBoolean"] = indicator


def _marital(found: Element, segment: Segment, build: Build) -> None:
    parts = parts_of(segment, 16)
    status = table_concept(parts, "0002", build)
    code = parts.code(1)
    for system, known in ((_MARITAL, MARITAL_STATUS), (_NULL_FLAVOR, MARITAL_NULL)):
        if code in known and parts.text(3) in ("", "HL70002"):
            mapped = {"system": system, "code": known[code][0], "display": known[code][1]}
            status = {**status, "coding": [mapped, *_sent_codings(status)]}
    _put(found, "maritalStatus", status)


def _sent_codings(found: Element) -> list[object]:
    codings = found.get("coding")
    return codings if isinstance(codings, list) else []


def _multiple_birth(found: Element, segment: Segment) -> None:
    order, indicator = value_of(segment, 25), _YES_NO.get(code_of(segment, 24))
    if order.isascii() and order.isdigit() and len(order) < 3:
        found["multipleBirthInteger"] = int(order)
    elif indicator is not None:
        found["multipleBirthBoolean"] = indicator


def _extensions(segment: Segment, build: Build) -> list[Element]:
    found: list[Element] = []
    maiden = names(segment, 6, build)
    if maiden and maiden[0].get("family"):
        found.append({"url": f"{_EXTENSION}patient-mothersMaidenName", "valueString": maiden[0]["family"]})
    if religion := table_concept(parts_of(segment, 17), "0006", build):
        found.append({"url": f"{_EXTENSION}patient-religion", "valueCodeableConcept": religion})
    if place := value_of(segment, 23):
        found.append({"url": f"{_EXTENSION}patient-birthPlace", "valueAddress": {"text": place}})
    for number, name in ((26, "patient-citizenship"), (28, "patient-nationality"), (39, "patient-citizenship")):
        for parts in repetitions_of(segment, number):
            if country := concept(parts, build):
                inner = [{"url": "code", "valueCodeableConcept": country}]
                found.append({"url": f"{_EXTENSION}{name}", "extension": inner})
    return found
