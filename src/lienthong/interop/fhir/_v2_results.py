"""ServiceRequest, DiagnosticReport, Observation and Specimen as ORC, OBR, OBX and SPM."""

from __future__ import annotations

from lienthong.interop.fhir._index import Index, Resource
from lienthong.interop.fhir._json import element_at, elements_at, number_at, text_at
from lienthong.interop.fhir._lines import Line, components, encoded, repetitions
from lienthong.interop.fhir._observation import ABNORMAL, ANALYSED, SUB_ID
from lienthong.interop.fhir._orders import STATUS_REASON
from lienthong.interop.fhir._systems import SPECIMEN_ROLE, UNIT, system_name
from lienthong.interop.fhir._times import time_back
from lienthong.interop.fhir._v2_patient import notes
from lienthong.interop.fhir._v2_types import (
    cq,
    cwe,
    cx,
    ei,
    extension_at,
    identifier_type_code,
    unit_back,
    xad,
    xcn,
    xon,
    xtn,
)
from lienthong.interop.fhir._v2_values import own_components, value_back, values_back
from lienthong.interop.fhir._vocabulary import (
    INTENT,
    OBSERVATION_STATUS,
    ORDER_CONTROL,
    ORDER_STATUS,
    PRIORITY,
    REPORT_STATUS,
    SPECIMEN_STATUS,
    as_companion,
    code_back,
)
from lienthong.interop.hl7v2 import Segment


def orc(request: Resource, report: Resource, index: Index) -> Segment:
    """Write ORC from a ServiceRequest; of an order that only a report tells of, its numbers."""
    line = Line("ORC")
    kept = code_back({"_status": as_companion(request, "status")}, "status", ORDER_CONTROL)
    line.put_text(1, kept or ("RE" if report else _control(request)))
    numbers = _numbers(request if elements_at(request, "identifier") else report)
    line.put(2, ei(numbers.get("PLAC", {}), index))
    line.put(3, ei(numbers.get("FILL", {}), index))
    line.put(4, ei(numbers.get("PGN", {}), index))
    if not kept:
        line.put_text(5, code_back(request, "status", ORDER_STATUS))
    line.put_text(9, time_back(request, "authoredOn"))
    requester = index.resolve(element_at(request, "requester"), request)
    line.put(12, xcn(requester, index))
    line.put(16, cwe(element_at(extension_at(request, STATUS_REASON), "valueCodeableConcept")))
    facility = index.resolve(element_at(requester, "organization"))
    if requester.get("resourceType") == "Organization":
        facility = requester
    if facility:
        line.put(21, xon(facility, index))
        line.put(22, repetitions([xad(one) for one in elements_at(facility, "address")]))
        line.put(23, repetitions([xtn(one) for one in elements_at(facility, "telecom")]))
    return line.segment()


def obr(number: int, request: Resource, report: Resource, specimen: Resource, index: Index) -> Segment:
    """Write OBR from a report and its order."""
    line = Line("OBR")
    line.put(1, str(number))
    numbers = _numbers(report) or _numbers(request)
    line.put(2, ei(numbers.get("PLAC", {}), index))
    line.put(3, ei(numbers.get("FILL", {}), index))
    line.put(4, cwe(element_at(request, "code")) or cwe(element_at(report, "code")))  # what was asked for
    line.put_text(5, code_back(request, "priority", PRIORITY))
    line.put_text(6, time_back(request, "occurrenceDateTime"))
    period = element_at(report, "effectivePeriod")
    line.put_text(7, time_back(report, "effectiveDateTime") or time_back(period, "start"))
    line.put_text(8, time_back(period, "end"))
    line.put(10, xcn(index.resolve(element_at(specimen, "collection", "collector")), index))
    line.put_text(11, code_back(request, "intent", INTENT))
    line.put(16, xcn(index.resolve(element_at(request, "requester"), request), index))
    line.put_text(22, time_back(report, "issued"))
    line.put_text(24, text_at(report, "category", "coding", "code"))
    line.put_text(25, code_back(report, "status", REPORT_STATUS))
    line.put(31, repetitions([cwe(one) for one in elements_at(request, "reasonCode")]))
    return line.segment()


def obx(
    number: int, observation: Resource, index: Index, *, is_question: bool = False, names_specimen: bool = False
) -> list[Segment]:
    """Write an Observation as OBX and its notes; components with codes of their own are OBX of their own.

    With `names_specimen` OBX-33 says of which specimen it is, where an order has several.
    """
    line = Line("OBX")
    kind, values, unit = values_back(observation)
    unit = unit or unit_back(element_at(extension_at(observation, UNIT), "valueQuantity"))
    _put_value(line, number, observation, (kind, repetitions(values), unit))
    instance = next((one for one in elements_at(observation, "identifier") if identifier_type_code(one) == "FILL"), {})
    line.put(21, ei(instance, index))
    category = element_at(observation, "category", "coding")
    if system_name(text_at(category, "system")) == "HL70936":
        line.put_text(29, text_at(category, "code"))
    elif is_question:
        line.put(29, "QST")
    _put_context(line, observation, index)
    if names_specimen:
        line.put(33, _pair(index.resolve(element_at(observation, "specimen"), observation), index))
    own = own_components(observation)
    parts = [] if own else elements_at(observation, "component")
    segments = [line.segment(), *notes(observation, index)]
    for place, part in enumerate(parts, start=1):
        inner = Line("OBX")
        _put_value(inner, number + place, part, value_back(part))
        inner.put_text(11, code_back(observation, "status", OBSERVATION_STATUS))
        inner.put_text(14, _effective(observation))
        segments.append(inner.segment())
    return segments


def _put_value(line: Line, number: int, holder: Resource, value: tuple[str, str, str]) -> None:
    kind, written, unit = value
    line.put(1, str(number))
    line.put(2, kind if written else "")
    line.put(3, cwe(element_at(holder, "code")))
    line.put(5, written)
    line.put(6, unit)
    line.put_text(7, _limits(element_at(holder, "referenceRange")))
    line.put(8, repetitions([_flag(one) for one in elements_at(holder, "interpretation")]))


def _put_context(line: Line, observation: Resource, index: Index) -> None:
    sub_id = elements_at(extension_at(observation, SUB_ID), "extension")
    pieces = {text_at(one, "url"): encoded(text_at(one, "valueString")) for one in sub_id}
    names = ("original-sub-identifier", "group", "sequence", "identifier")
    line.put(4, components(*(pieces.get(name, "") for name in names)))
    abnormal = [one for one in elements_at(observation, "extension") if one.get("url") == ABNORMAL]
    line.put(10, repetitions([encoded(text_at(one, "valueCodeableConcept", "coding", "code")) for one in abnormal]))
    line.put_text(11, code_back(observation, "status", OBSERVATION_STATUS))
    line.put_text(14, _effective(observation))
    line.put(17, cwe(element_at(observation, "method")))
    device = index.resolve(element_at(observation, "device"), observation)
    line.put(18, ei(element_at(device, "identifier"), index))
    line.put_text(19, time_back(extension_at(observation, ANALYSED), "valueDateTime"))
    line.put(20, cwe(element_at(observation, "bodySite")))
    _put_performers(line, observation, index)


def _put_performers(line: Line, observation: Resource, index: Index) -> None:
    """OBX-15 is a performer that is only named; a medical director (MDIR) is OBX-25, another person OBX-16."""
    observers: list[str] = []
    for performer in elements_at(observation, "performer"):
        resource = index.resolve(performer, observation)
        kind = resource.get("resourceType")
        if not resource:
            _put_producer(line, performer)
            continue
        facility = resource if kind == "Organization" else index.resolve(element_at(resource, "organization"))
        if facility and not line.has(23):
            line.put(23, xon(facility, index))
            line.put(24, repetitions([xad(one) for one in elements_at(facility, "address")]))
        if kind == "PractitionerRole" and text_at(resource, "code", "coding", "code") == "MDIR":
            line.put(25, xcn(resource, index))
        elif kind in ("Practitioner", "PractitionerRole"):
            observers.append(xcn(resource, index))
    line.put(16, repetitions(observers))


def _put_producer(line: Line, performer: Resource) -> None:
    identifier = element_at(performer, "identifier")
    system = text_at(identifier, "system")
    name = encoded(system_name(system)) if system else ""
    line.put(15, components(encoded(text_at(identifier, "value")), encoded(text_at(performer, "display")), name))


def _effective(observation: Resource) -> str:
    start = time_back(element_at(observation, "effectivePeriod"), "start")
    return time_back(observation, "effectiveDateTime") or time_back(observation, "effectiveInstant") or start


def _limits(limits: Resource) -> str:
    if text := text_at(limits, "text"):
        return text
    low, high = (number_at(element_at(limits, side), "value") for side in ("low", "high"))
    if low and high:
        return f"{low}-{high}"
    return f">={low}" if low else f"<={high}" if high else ""


def _flag(interpretation: Resource) -> str:
    """A flag of table 0078 goes without its system, as laboratories send it, unless it has a text."""
    codings = elements_at(interpretation, "coding")
    if len(codings) == 1 and not text_at(interpretation, "text"):
        system = text_at(codings[0], "system")
        if system_name(system) == "HL70078" and not text_at(codings[0], "display"):
            return encoded(text_at(codings[0], "code"))
    if not codings:
        return encoded(text_at(interpretation, "text"))
    return cwe(interpretation)


def spm(number: int, specimen: Resource, index: Index) -> list[Segment]:
    """Write a Specimen as SPM."""
    line = Line("SPM")
    line.put(1, str(number))
    line.put(2, _pair(specimen, index))
    parents = [_inner_pair([element_at(one, "identifier")], index) for one in elements_at(specimen, "parent")]
    line.put(3, repetitions(parents))
    line.put(4, cwe(element_at(specimen, "type")))
    container = element_at(specimen, "container")
    additive = element_at(container, "additiveCodeableConcept")
    line.put(6, cwe(additive))
    collection = element_at(specimen, "collection")
    line.put(7, cwe(element_at(collection, "method")))
    line.put(8, cwe(element_at(collection, "bodySite")))
    role = element_at(extension_at(specimen, SPECIMEN_ROLE), "valueCodeableConcept")
    line.put(11, cwe(role))
    line.put(12, cq(element_at(collection, "quantity")))
    line.put(14, repetitions([encoded(text_at(one, "text")) for one in elements_at(specimen, "note")]))
    period = element_at(collection, "collectedPeriod")
    start = time_back(collection, "collectedDateTime") or time_back(period, "start")
    line.put(17, components(encoded(start), encoded(time_back(period, "end"))))
    line.put_text(18, time_back(specimen, "receivedTime"))
    line.put(20, code_back(specimen, "status", SPECIMEN_STATUS))
    line.put(24, repetitions([cwe(one) for one in elements_at(specimen, "condition")]))
    line.put(27, cwe(element_at(container, "type")))
    line.put(30, cx(element_at(specimen, "accessionIdentifier"), index))
    others = [one for one in elements_at(specimen, "identifier") if identifier_type_code(one) not in ("PLAC", "FILL")]
    line.put(31, repetitions([cx(one, index) for one in others]))
    return [line.segment()]


def _pair(specimen: Resource, index: Index) -> str:
    return _inner_pair(list(elements_at(specimen, "identifier")), index)


def _inner_pair(identifiers: list[Resource], index: Index) -> str:
    """Write the placer's and the filler's number as EIP."""
    sides = {identifier_type_code(one): ei(one, index, is_inner=True) for one in reversed(identifiers)}
    return components(sides.get("PLAC", ""), sides.get("FILL", ""))


def _numbers(resource: Resource) -> dict[str, Resource]:
    """Return placer's, filler's and group's number by their codes; an untyped number is the filler's."""
    found: dict[str, Resource] = {}
    for identifier in elements_at(resource, "identifier"):
        code = identifier_type_code(identifier)
        found.setdefault(code or "FILL", identifier)
    return found


def _control(request: Resource) -> str:
    """ORC-1 of an order that was not sent as v2: new, cancelled, held, or a change of status."""
    status = text_at(request, "status")
    return {"revoked": "OC", "on-hold": "OH", "completed": "SC", "entered-in-error": "OC"}.get(status, "NW")
