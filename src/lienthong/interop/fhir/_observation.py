"""One OBX with its notes to an Observation."""

from __future__ import annotations

import re

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._datatypes import concept, entity_identifier, unit_of
from lienthong.interop.fhir._json import Element, decimal
from lienthong.interop.fhir._parts import Parts, clean, code_of, parts_of, repetitions_of, value_of
from lienthong.interop.fhir._people import organization_with_address, practitioner, practitioner_role, practitioners
from lienthong.interop.fhir._systems import INTERPRETATION, UNIT, system_uri
from lienthong.interop.fhir._values import no_value, put_value
from lienthong.interop.fhir._vocabulary import (
    INTERPRETATIONS,
    OBSERVATION_STATUS,
    OLD_INTERPRETATIONS,
    put_code,
)
from lienthong.interop.hl7v2 import Segment

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
SUB_ID = f"{_EXTENSION}observation-v2-subid"
ANALYSED = f"{_EXTENSION}observation-analysis-date-time"
ABNORMAL = f"{_EXTENSION}observation-nature-of-abnormal-test"
_SUB_ID_PARTS = ("original-sub-identifier", "group", "sequence", "identifier")
_NUMBER = r"\d+(?:\.\d+)?"
_BOTH = re.compile(rf"({_NUMBER})\s*[-–~]\s*({_NUMBER})", re.ASCII)
_ONE_SIDE = re.compile(rf"([<>]=?|≤|≥)\s*({_NUMBER})", re.ASCII)
_WITH_UNIT = frozenset(("valueQuantity", "valueRange", "valueRatio"))
_OF_TABLE_0078 = ("", "HL70078", "HL7nnnn")  # the last is table 0396's own word for a table of HL7
_MEDICAL_DIRECTOR = {"system": "http://terminology.hl7.org/CodeSystem/v2-0912", "code": "MDIR"}
_OBSERVER = {"system": "http://terminology.hl7.org/CodeSystem/practitioner-role", "code": "responsibleObserver"}


def observation(segment: Segment, build: Build) -> Element:
    """Return an Observation by map "Segment OBX to Observation"; its subject and specimen are for the caller."""
    found: Element = {"resourceType": "Observation"}
    extensions = _extensions(segment, build)
    if instance := entity_identifier(parts_of(segment, 21), "FILL"):
        found["identifier"] = [instance]
    put_code(found, "status", code_of(segment, 11), OBSERVATION_STATUS, otherwise="unknown")
    if kind := code_of(segment, 29):
        found["category"] = [{"coding": [{"system": system_uri("HL70936"), "code": kind}]}]
    found["code"] = concept(parts_of(segment, 3), build) or no_value("unknown")
    build.time(found, "effectiveDateTime", value_of(segment, 14), "OBX-14")
    if performers := _performers(segment, build):
        found["performer"] = performers
    _put_values(found, segment, build)
    _put_absence(found, code_of(segment, 11))
    if flags := _interpretation(segment, build):
        found["interpretation"] = flags
    if site := concept(parts_of(segment, 20), build):
        found["bodySite"] = site
    if method := concept(parts_of(segment, 17), build):
        found["method"] = method
    if device := entity_identifier(parts_of(segment, 18)):
        found["device"] = build.add_content({"resourceType": "Device", "identifier": [device]})
    if limits := _reference_range(segment, build):
        found["referenceRange"] = [limits]
    if extensions:
        own = found.get("extension")
        found["extension"] = [*extensions, *(own if isinstance(own, list) else [])]
    return found


def annotation(segment: Segment, build: Build) -> Element | None:
    """Return an Annotation by map "Segment NTE to Observation"; repetitions are lines. None where NTE-3 is blank."""
    lines = [clean(segment, one) for one in segment.repetitions(3)]
    text = "\n".join(lines).strip()
    if not text:
        return None
    found: Element = {"text": text}
    if kind := concept(parts_of(segment, 4), build):
        found["extension"] = [{"url": f"{_EXTENSION}annotationType", "valueCodeableConcept": kind}]
    if author := practitioner(parts_of(segment, 5), build, where="NTE-5"):
        found["authorReference"] = author
    build.time(found, "time", value_of(segment, 6), "NTE-6")
    return found


def _put_values(found: Element, segment: Segment, build: Build) -> None:
    """Several repetitions are components with the observation's code (map "Segment OBX to Observation.component").

    The unit of a value that is no number (the map drops it) is kept in an extension.
    """
    unit = parts_of(segment, 6)
    _put_each_value(found, segment, unit, build)
    parts = found.get("component")
    holders = parts if isinstance(parts, list) else [found]
    measured = unit_of(unit, build)
    if measured and not any(_WITH_UNIT & one.keys() for one in holders):
        own = found.get("extension")
        found["extension"] = [*(own if isinstance(own, list) else []), {"url": UNIT, "valueQuantity": measured}]


def _put_each_value(found: Element, segment: Segment, unit: Parts, build: Build) -> None:
    sent = [one for one in segment.repetitions(5) if clean(segment, one)]
    if len(sent) == 1:
        put_value(found, segment, sent[0], unit, build)
        return
    components: list[Element] = []
    for one in sent:
        component: Element = {"code": found["code"]}
        put_value(component, segment, one, unit, build)
        components.append(component)
    if components:
        found["component"] = components


def _put_absence(found: Element, status: str) -> None:
    """X and N say why there is no value; where one was sent all the same, it stays (constraint obs-6)."""
    has_value = any(key.lstrip("_").startswith("value") for key in found) or "component" in found
    reason = {"X": "cannot-be-obtained", "N": "not-asked"}.get(status)
    if reason and not has_value:
        sent = found.get("dataAbsentReason")
        text = sent.get("text") if isinstance(sent, dict) else ""
        found["dataAbsentReason"] = no_value(reason, text if isinstance(text, str) else "")


def _interpretation(segment: Segment, build: Build) -> list[Element]:
    found: list[Element] = []
    for parts in repetitions_of(segment, 8):
        code, name = parts.code(1), parts.text(3)
        if code in INTERPRETATIONS and name in _OF_TABLE_0078:
            rest = concept(parts, build)
            first: Element = {"system": INTERPRETATION, "code": code}
            if shown := parts.text(2):
                first["display"] = shown
            codings = rest.get("coding")
            others = codings[1:] if isinstance(codings, list) else []
            found.append({**rest, "coding": [first, *others]})
        elif code in OLD_INTERPRETATIONS and not name:
            found.append({"coding": [{"system": system_uri("HL70078"), "code": code}]})
        elif code and not name and not parts.text(2):
            found.append({"text": code})
        elif flag := concept(parts, build):
            found.append(flag)
    return found


def _reference_range(segment: Segment, build: Build) -> Element:
    """OBX-7 is the text; `3.9-6.1`, `<5` and `>=1` are read as limits too, in the unit of the observation."""
    text = clean(segment, segment.sent(7))
    if not text:
        return {}
    unit = unit_of(parts_of(segment, 6), build)
    found: Element = {}
    if match := _BOTH.fullmatch(text):
        low, high = decimal(match[1]), decimal(match[2])
        if low is not None and high is not None and low <= high:
            found = {"low": {"value": low, **unit}, "high": {"value": high, **unit}}
    elif match := _ONE_SIDE.fullmatch(text):
        side = "high" if match[1][0] in "<≤" else "low"
        if match[1] in ("<=", ">=", "≤", "≥") and (limit := decimal(match[2])) is not None:
            found = {side: {"value": limit, **unit}}
    return {**found, "text": text}


def _performers(segment: Segment, build: Build) -> list[Element]:
    found = [
        practitioner_role(build, practitioner=person, code=[{"coding": [_OBSERVER]}])
        for person in practitioners(segment, 16, build)
    ]
    laboratory = organization_with_address(segment, build, name=23, place=24)
    directors = practitioners(segment, 25, build)
    if directors:
        role = practitioner_role(
            build, practitioner=directors[0], organization=laboratory, code=[{"coding": [_MEDICAL_DIRECTOR]}]
        )
        found.append(role)
    elif laboratory:
        found.append(laboratory)
    if producer := _producer(parts_of(segment, 15), build):
        found.append(producer)
    return found


def _producer(parts: Parts, build: Build) -> Element:
    """OBX-15 is an identifier of an organisation that OBX-23 may name in full: a reference by identifier."""
    code, name, text = parts.text(1), parts.text(3), parts.text(2)
    found: Element = {}
    if code:
        found["identifier"] = {**({"system": system_uri(name, build.sender)} if name else {}), "value": code}
    if text:
        found["display"] = text
    return {"type": "Organization", **found} if found else {}


def _extensions(segment: Segment, build: Build) -> list[Element]:
    found: list[Element] = []
    if sub_id := parts_of(segment, 4):
        pieces = [
            {"url": name, "valueString": text}
            for place, name in enumerate(_SUB_ID_PARTS, start=1)
            if (text := sub_id.text(place))
        ]
        if pieces:
            found.append({"url": SUB_ID, "extension": pieces})
    for parts in repetitions_of(segment, 10):
        if code := parts.code(1):
            coding = {"system": system_uri("HL70080"), "code": code}
            found.append({"url": ABNORMAL, "valueCodeableConcept": {"coding": [coding]}})
    analysed: Element = {"url": ANALYSED}
    build.time(analysed, "valueDateTime", value_of(segment, 19), "OBX-19")
    if "valueDateTime" in analysed:  # an extension must have a value; what is no time is reported
        found.append(analysed)
    return found
