"""ORC and OBR to ServiceRequest and DiagnosticReport, and the results and specimens that belong to one order."""

from __future__ import annotations

from dataclasses import dataclass, field

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._datatypes import concept, entity_identifier, identifier
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._parts import Parts, code_of, parts_of, repetitions_of, value_of
from lienthong.interop.fhir._people import organization_with_address, practitioner_role, practitioners, result_person
from lienthong.interop.fhir._systems import absent, system_uri
from lienthong.interop.fhir._vocabulary import INTENT, ORDER_CONTROL, ORDER_STATUS, PRIORITY, REPORT_STATUS, put_code
from lienthong.interop.hl7v2 import Segment

_EMPTY = Segment("ORC", ())
_FUNCTION = "http://hl7.org/fhir/StructureDefinition/event-performerFunction"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
STATUS_REASON = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
# What a technician and a transcriptionist did (map "Segment OBR to DiagnosticReport", OBR-34 and OBR-35).
_FUNCTIONS = ((34, "SPRF"), (35, "TRANS"))


@dataclass(slots=True)
class Order:
    """An order group while it is read; `report` is None where the message asks for results instead of giving them."""

    number: int
    key: tuple[str, ...]
    request: Element
    report: Element | None
    segment: Segment
    observations: list[Element] = field(default_factory=list)
    results: list[tuple[Segment, Element]] = field(default_factory=list)
    about_specimens: list[tuple[Element, Segment, int]] = field(default_factory=list)  # and the specimen's place
    specimens: list[tuple[Segment | None, Element]] = field(default_factory=list)
    is_control: bool = False
    has_specimen_open: bool = False


def order_key(obr: Segment | None, orc: Segment | None, build: Build, number: int) -> tuple[str, ...]:
    """Return what names an order: its numbers and its service; without numbers, its place in the message."""
    obr, orc = obr or _EMPTY, orc or _EMPTY
    filler = orc.sent(3) or obr.sent(3)
    placer = orc.sent(2) or obr.sent(2)
    if placer or filler:
        return (placer, filler, obr.sent(4))
    return (build.control_id, str(number), obr.sent(4))


def service_request(obr: Segment | None, orc: Segment | None, build: Build) -> Element:
    """Return a ServiceRequest by maps "Segment ORC to ServiceRequest" and "Segment OBR to ServiceRequest"."""
    obr, orc = obr or _EMPTY, orc or _EMPTY
    found: Element = {"resourceType": "ServiceRequest"}
    if numbers := _identifiers(obr, orc, build, alternates=True):
        found["identifier"] = numbers
    _request_status(found, orc, build)
    put_code(found, "intent", code_of(obr, 11), INTENT, otherwise="order")
    put_code(found, "priority", code_of(obr, 5), PRIORITY)
    if service := concept(parts_of(obr, 4), build):
        found["code"] = service
    if details := [concept(parts, build) for number in (46, 47) for parts in repetitions_of(obr, number)]:
        found["orderDetail"] = details
    found["subject"] = absent()
    build.time(found, "occurrenceDateTime", value_of(obr, 6), "OBR-6")
    if code_of(orc, 1) == "NW":
        build.time(found, "authoredOn", value_of(orc, 9), "ORC-9")
    if requester := _requester(obr, orc, build):
        found["requester"] = requester
    if reasons := [concept(parts, build) for parts in repetitions_of(obr, 31)]:
        found["reasonCode"] = reasons
    if clinical := [text for parts in repetitions_of(obr, 13) if (text := _relevant(parts))]:
        found["note"] = [{"text": text} for text in clinical]
    return found


def diagnostic_report(obr: Segment, orc: Segment | None, build: Build) -> Element:
    """Return a DiagnosticReport by maps "Segment ORC to DiagnosticReport" and "Segment OBR to DiagnosticReport"."""
    orc = orc or _EMPTY
    found: Element = {"resourceType": "DiagnosticReport"}
    if numbers := _identifiers(obr, orc, build, alternates=False):
        found["identifier"] = numbers
    put_code(found, "status", code_of(obr, 25), REPORT_STATUS, otherwise="unknown")
    if section := code_of(obr, 24):
        found["category"] = [{"coding": [{"system": system_uri("HL70074"), "code": section}]}]
    found["code"] = concept(parts_of(obr, 4), build) or {"text": "unknown"}
    if value_of(obr, 8):
        period: Element = {}
        build.time(period, "start", value_of(obr, 7), "OBR-7")
        build.time(period, "end", value_of(obr, 8), "OBR-8")
        found["effectivePeriod"] = period
    else:
        build.time(found, "effectiveDateTime", value_of(obr, 7), "OBR-7")
    build.time(found, "issued", value_of(obr, 22), "OBR-22", is_instant=True)
    if interpreter := result_person(parts_of(obr, 32), build, where="OBR-32"):
        found["resultsInterpreter"] = [interpreter]
    if performers := _report_performers(obr, build):
        found["performer"] = performers
    return found


def _report_performers(obr: Segment, build: Build) -> list[Element]:
    found: list[Element] = []
    for number, function in _FUNCTIONS:
        for parts in repetitions_of(obr, number):
            if person := result_person(parts, build, where=f"OBR-{number}"):
                coding = {"system": _PARTICIPATION, "code": function}
                what = {"url": _FUNCTION, "valueCodeableConcept": {"coding": [coding]}}
                found.append({**person, "extension": [what]})
    return found


def _request_status(found: Element, orc: Segment, build: Build) -> None:
    """ORC-5, else ORC-1 (order status 0038, order control 0119); neither is RE, of results, in the map."""
    if status := code_of(orc, 5):
        put_code(found, "status", status, ORDER_STATUS, otherwise="unknown")
    else:
        put_code(found, "status", code_of(orc, 1), ORDER_CONTROL, otherwise="unknown")
    if not code_of(orc, 5) and (reason := concept(parts_of(orc, 16), build)):
        found["extension"] = [{"url": STATUS_REASON, "valueCodeableConcept": reason}]


def _identifiers(obr: Segment, orc: Segment, build: Build, *, alternates: bool) -> list[Element]:
    found = [
        entity_identifier(parts_of(orc, 2) or parts_of(obr, 2), "PLAC"),
        entity_identifier(parts_of(orc, 3) or parts_of(obr, 3), "FILL"),
        entity_identifier(parts_of(orc, 4), "PGN"),
    ]
    if alternates:
        field_number = (obr, 53) if obr.sent(53) else (orc, 33)
        for parts in repetitions_of(*field_number):
            found.append(identifier(parts, build, where=f"{field_number[0].name}-{field_number[1]}"))
    return [one for one in found if one]


def _requester(obr: Segment, orc: Segment, build: Build) -> Element | None:
    """ORC-12, else OBR-16; with an ordering facility (ORC-21 to 23) it is a role there."""
    people = practitioners(orc, 12, build) or practitioners(obr, 16, build)
    facility = organization_with_address(orc, build, name=21, place=22, phone=23)
    if facility:
        return practitioner_role(build, practitioner=people[0] if people else None, organization=facility)
    return people[0] if people else None


def _relevant(parts: Parts) -> str:
    """OBR-13 as a note: R4's supportingInfo takes references only."""
    return parts.text(9) or parts.text(2) or parts.text(1)
