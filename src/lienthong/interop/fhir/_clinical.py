"""Allergies and diagnoses: AL1 to AllergyIntolerance, DG1 to Condition."""

from __future__ import annotations

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._datatypes import concept, entity_identifier
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._parts import code_of, parts_of, repetitions_of, value_of
from lienthong.interop.fhir._people import practitioners
from lienthong.interop.fhir._vocabulary import alternate
from lienthong.interop.hl7v2 import Segment

_ACTIVE = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]
}
_IN_ERROR = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}]
}
_CATEGORIES = {"DA": "medication", "FA": "food", "EA": "environment"}  # table 0127
_CRITICALITY = {"SV": "high", "MO": "low", "MI": "low", "U": "unable-to-assess"}  # table 0128


def allergy(segment: Segment, build: Build, subject: Element) -> Element:
    """Return an AllergyIntolerance by map "Segment AL1 to AllergyIntolerance"."""
    found: Element = {"resourceType": "AllergyIntolerance", "clinicalStatus": _ACTIVE}
    kind = code_of(segment, 2)
    if kind in _CATEGORIES:
        found["category"] = [_CATEGORIES[kind]]
    elif kind:
        found["_category"] = [{"extension": [alternate("0127", kind)]}]
    severity = code_of(segment, 4)
    if severity in _CRITICALITY:
        found["criticality"] = _CRITICALITY[severity]
    if severity:
        found["_criticality"] = {"extension": [alternate("0128", severity)]}
    if code := concept(parts_of(segment, 3), build):
        found["code"] = code
    found["patient"] = subject
    build.time(found, "onsetDateTime", value_of(segment, 6), "AL1-6")
    reactions = [text for parts in repetitions_of(segment, 5) if (text := parts.text(2) or parts.text(1))]
    if reactions:
        found["reaction"] = [{"manifestation": [{"text": text} for text in reactions]}]
    return found


def condition(segment: Segment, build: Build, subject: Element) -> Element:
    """Return a Condition by map "Segment DG1 to Condition"."""
    found: Element = {"resourceType": "Condition"}
    if number := entity_identifier(parts_of(segment, 20)):
        found["identifier"] = [number]
    if code_of(segment, 21) == "D":
        found["verificationStatus"] = _IN_ERROR
    code = concept(parts_of(segment, 3), build)
    if description := value_of(segment, 4):
        code["text"] = description
    if code:
        found["code"] = code
    found["subject"] = subject
    build.time(found, "onsetDateTime", value_of(segment, 5), "DG1-5")
    build.time(found, "recordedDate", value_of(segment, 19), "DG1-19")
    if asserters := practitioners(segment, 16, build):
        found["asserter"] = asserters[0]
    return found
