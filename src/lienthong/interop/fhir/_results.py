"""An order's results, specimens and report, tied together when its last segment is read."""

from __future__ import annotations

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._orders import Order
from lienthong.interop.fhir._parts import code_of, repetitions_of
from lienthong.interop.fhir._specimen import NOT_OF_A_PATIENT, complete, order_specimen, pair
from lienthong.interop.hl7v2 import Segment

# OBX-29 of answers and facts that came with the order (the message map ORU_R01 names them).
_OF_THE_ORDER = frozenset(("QST", "SCI"))


def close_order(order: Order, build: Build, patient: tuple[Element, Element] | None, visit: Element | None) -> Element:
    """Add the resources of an order to the Bundle and return a reference to its report, else to its request.

    Results of control material (MSH-11 Q, or an SPM-11 that is no patient's) get no subject and no visit.
    """
    is_control = order.is_control or build.is_control or any(map(_is_control, order.specimens))
    subject = None if is_control or patient is None else patient[1]
    visit = None if is_control else visit
    specimens = _add_specimens(order, build, subject)
    results, questions = _add_observations(order, build, subject, visit, specimens)
    _tie(order.request, subject, visit, specimens)
    if order.report is None:
        questions = [*questions, *results]
    if questions:
        order.request["supportingInfo"] = questions
    request = build.add(order.request, *order.key, is_shared=False)
    if order.report is None:
        return request
    order.report["basedOn"] = [request]
    _tie(order.report, subject, visit, specimens)
    if results:
        order.report["result"] = results
    return build.add(order.report, *order.key, is_shared=False)


def _is_control(one: tuple[Segment | None, Element]) -> bool:
    return one[0] is not None and code_of(one[0], 11) in NOT_OF_A_PATIENT


def _tie(
    found: Element, subject: Element | None, visit: Element | None, specimens: list[tuple[Segment | None, Element]]
) -> None:
    if subject:
        found["subject"] = subject
    if visit:
        found["encounter"] = visit
    if specimens:
        found["specimen"] = [reference for _, reference in specimens]


def _add_specimens(order: Order, build: Build, subject: Element | None) -> list[tuple[Segment | None, Element]]:
    """SPM, completed by OBR where there is one SPM; without SPM, what OBR says."""
    from_order = order_specimen(order.segment, build)
    if from_order and not order.specimens:
        order.specimens.append((None, from_order))
    elif from_order and len(order.specimens) == 1:
        complete(order.specimens[0][1], from_order)
    found: list[tuple[Segment | None, Element]] = []
    for segment, resource in order.specimens:
        if subject:
            resource["subject"] = subject
        key = (segment.sent(2) or segment.sent(31)) if segment else ""
        found.append((segment, build.add(resource, *((key,) if key else order.key))))
    return found


def _add_observations(
    order: Order,
    build: Build,
    subject: Element | None,
    visit: Element | None,
    specimens: list[tuple[Segment | None, Element]],
) -> tuple[list[Element], list[Element]]:
    results: list[Element] = []
    questions: list[Element] = []
    for segment, found in order.results:
        is_question = code_of(segment, 29) in _OF_THE_ORDER
        if subject:
            found["subject"] = subject
        if visit:
            found["encounter"] = visit
        specimen = _specimen_of(segment, specimens)
        if specimen and not is_question:
            found["specimen"] = specimen
        reference = build.add(found, *order.key, segment.sent(3), segment.sent(4), is_shared=False)
        (questions if is_question else results).append(reference)
    for found, segment, place in order.about_specimens:
        if subject:
            found["subject"] = subject
        found["focus"] = [specimens[place][1]]
        build.add(found, *order.key, "specimen", segment.sent(3), segment.sent(4), is_shared=False)
    return results, questions


def _specimen_of(segment: Segment, specimens: list[tuple[Segment | None, Element]]) -> Element | None:
    """Return the specimen that OBX-33 names, else the order's only one."""
    wanted = [number for parts in repetitions_of(segment, 33) for number in pair(parts)]
    for spm, reference in specimens:
        numbers = [number for parts in repetitions_of(spm, 2) for number in pair(parts)] if spm else []
        if any(number in numbers for number in wanted):
            return reference
    return specimens[0][1] if len(specimens) == 1 else None
