"""The visit: PV1 and PV2 to Encounter."""

from __future__ import annotations

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._datatypes import concept, identifier, table_concept
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._parts import code_of, parts_of, repetitions_of, value_of
from lienthong.interop.fhir._people import location, practitioners
from lienthong.interop.fhir._systems import IDENTIFIER_TYPE, PARTICIPATION, absent, system_uri
from lienthong.interop.fhir._vocabulary import ENCOUNTER_CLASS, ENCOUNTER_STATUS, OWN_ENCOUNTER_CLASS, put_code
from lienthong.interop.hl7v2 import Segment

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
# Field, code of v3-ParticipationType, display.
_PEOPLE = (
    (7, "ATND", "attender"),
    (8, "REF", "referrer"),
    (9, "CON", "consultant"),
    (17, "ADM", "admitter"),
    (52, "PART", "Participation"),
)
_PLACES = ((3, "active"), (6, "completed"), (11, "active"), (42, "reserved"), (43, "completed"))


def encounter(segment: Segment, build: Build, subject: Element | None) -> Element:
    """Return an Encounter by map "Segment PV1 to Encounter"."""
    found: Element = {"resourceType": "Encounter"}
    numbers = _identifiers(segment, build)
    if numbers:
        found["identifier"] = numbers
    patient_class = code_of(segment, 2)
    put_code(found, "status", patient_class, ENCOUNTER_STATUS, otherwise="unknown")
    found.pop("_status", None)  # the class itself says it
    if value_of(segment, 45):
        found["status"] = "finished"
    found["class"] = _class(segment, build)
    if kind := table_concept(parts_of(segment, 4), "0007", build):
        found["type"] = [kind]
    if service := table_concept(parts_of(segment, 10), "0069", build):
        found["serviceType"] = service
    if subject:
        found["subject"] = subject
    if people := _participants(segment, build):
        found["participant"] = people
    period: Element = {}
    build.time(period, "start", value_of(segment, 44), "PV1-44")
    build.time(period, "end", value_of(segment, 45), "PV1-45")
    if period:
        found["period"] = period
    if stay := _hospitalization(segment, build):
        found["hospitalization"] = stay
    if places := _locations(segment, build):
        found["location"] = places
    return found


def add_visit_details(found: Element, segment: Segment, build: Build) -> None:
    """Complete an Encounter by map "Segment PV2 to Encounter": reason and priority."""
    if reason := concept(parts_of(segment, 3), build):
        found["reasonCode"] = [reason]
    if priority := table_concept(parts_of(segment, 25), "0217", build):
        found["priority"] = priority


def _identifiers(segment: Segment, build: Build) -> list[Element]:
    found: list[Element] = []
    for number in (19, 50):
        for parts in repetitions_of(segment, number):
            if one := identifier(parts, build, where=f"PV1-{number}"):
                if number == 19:
                    coding = {"system": IDENTIFIER_TYPE, "code": "VN"}
                    one = {**one, "type": {"coding": [coding], "text": "visit number"}}
                found.append(one)
    return found


def _class(segment: Segment, build: Build) -> Element:
    code, name = code_of(segment, 2), value_of(segment, 2, 3)
    if code in ENCOUNTER_CLASS and name in ("", "HL70004"):
        return {"system": _ACT_CODE, "code": ENCOUNTER_CLASS[code][0], "display": ENCOUNTER_CLASS[code][1]}
    if code in OWN_ENCOUNTER_CLASS and name in ("", "HL70004"):
        return {"system": system_uri("HL70004"), "code": code, "display": OWN_ENCOUNTER_CLASS[code]}
    if code:
        return {**({"system": system_uri(name, build.sender)} if name else {}), "code": code}
    return absent()


def _participants(segment: Segment, build: Build) -> list[Element]:
    return [
        {"type": [{"coding": [{"system": PARTICIPATION, "code": code, "display": display}]}], "individual": person}
        for number, code, display in _PEOPLE
        for person in practitioners(segment, number, build)
    ]


def _hospitalization(segment: Segment, build: Build) -> Element:
    found: Element = {}
    if number := identifier(parts_of(segment, 5), build, where="PV1-5"):
        found["preAdmissionIdentifier"] = number
    for key, field, table in (
        ("admitSource", 14, "0023"),
        ("reAdmission", 13, "0092"),
        ("dischargeDisposition", 36, "0112"),
    ):
        if value := table_concept(parts_of(segment, field), table, build):
            found[key] = value
    for key, field, table in (("dietPreference", 38, "0114"), ("specialCourtesy", 16, "0099")):
        if value := table_concept(parts_of(segment, field), table, build):
            found[key] = [value]
    return found


def _locations(segment: Segment, build: Build) -> list[Element]:
    is_planned = code_of(segment, 2) == "P"
    found: list[Element] = []
    for number, status in _PLACES:
        for parts in repetitions_of(segment, number)[:1]:
            if place := location(parts, build):
                found.append({"location": place, "status": "planned" if number == 3 and is_planned else status})
    return found
