"""Orders as ServiceRequests (R4, ServiceRequest)."""

from __future__ import annotations

from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.own.shelf import Shelf, instant, meta
from lienthong.exchange.fhir.own.wording import ORDER_STATUS, PRIORITY
from lienthong.interop.fhir import Element
from lienthong.results.reads import OrderFacts

_LABORATORY = {"system": "http://snomed.info/sct", "code": "108252007", "display": "Laboratory procedure"}


def service_request(order: OrderFacts, shelf: Shelf, *, patient: str) -> Element:
    """Return an order as it stands in `order.now`."""
    now = order.now
    found: Element = {
        "resourceType": "ServiceRequest",
        "id": str(order.id),
        "meta": meta(version=now.version, changed_at=now.recorded_at),
        "identifier": _numbers(order),
        "status": ORDER_STATUS[now.status],
        "intent": "order",
        "category": [{"coding": [_LABORATORY]}],
        "subject": {"reference": patient},
        "performer": [shelf.organization(order.facility_id)],
    }
    if now.service_code or now.service:
        coding: Element = {"system": now.service_system or systems.codes_of(order.source), "code": now.service_code}
        codings = {"coding": [coding]} if now.service_code else {}
        found["code"] = codings | ({"text": now.service} if now.service else {})
    if now.group_number:
        found["requisition"] = {"system": systems.orders_of(order.source), "value": now.group_number}
    if now.requested_at:
        found["authoredOn"] = instant(now.requested_at)
    if now.wanted_at:
        found["occurrenceDateTime"] = instant(now.wanted_at)
    if priority := PRIORITY.get(now.priority[:1]):
        found["priority"] = priority
    if now.requester:
        found["requester"] = {"display": now.requester}
    if reasons := [_reason(code, system, text) for code, system, text in now.diagnoses]:
        found["reasonCode"] = reasons
    return {key: value for key, value in found.items() if value != []}


def _numbers(order: OrderFacts) -> list[Element]:
    placed: Element = {"system": systems.orders_of(order.source), "value": order.placer_number}
    filled: Element = {"system": systems.reports_of(order.source), "value": order.filler_number}
    return [one for one in (placed, filled) if one["value"]]


def _reason(code: str, system: str, text: str) -> Element:
    coding = {"coding": [{"code": code} | ({"system": system} if ":" in system else {})]} if code else {}
    return coding | ({"text": text} if text else {})
