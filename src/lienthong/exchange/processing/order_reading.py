"""From the bytes of an order message (ORM, OML) to what can be stored of it: patients and drafts of their orders.

Nothing is written here. What forbids storing anything is raised as Unstorable; the rest is told as findings.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from lienthong.exchange.errors import Unstorable
from lienthong.exchange.processing.parsing import parse_as
from lienthong.exchange.processing.patient_reading import claim_of
from lienthong.exchange.processing.specimen_numbers import told_by_order
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Coded, Instant, OrderMessage, OrderRequest, PatientIdentity, PatientOrders
from lienthong.results.actions import OrderDraft, PatientClaim, Waiting, order_lock_name

LONGEST_NUMBER = 100
# HL7 table 0119: what an order control code makes of an order; the others leave its status as it is.
STATUS_BY_CONTROL = {
    **dict.fromkeys(("NW", "RO", "SN", "NA", "PA", "CH", "XX"), "requested"),
    **dict.fromkeys(("OK", "RL", "OE", "OR"), "accepted"),
    **dict.fromkeys(("HD", "OH", "HR"), "on-hold"),
    **dict.fromkeys(("CA", "OC", "CR", "DC", "OD", "DR", "UA"), "cancelled"),
    **dict.fromkeys(("RP", "RU", "RQ"), "replaced"),
}
# HL7 table 0038, which tells more where ORC-1 leaves the order open.
STATUS_BY_ORDER_STATUS = {
    **{"A": "reported", "CA": "cancelled", "CM": "completed", "DC": "cancelled"},
    **{"HD": "on-hold", "IP": "accepted", "RP": "replaced", "SC": "accepted"},
}
_DECIDED = frozenset({"cancelled", "replaced", "on-hold"})


@dataclass(frozen=True, slots=True)
class PatientOrdersRead:
    """Whom the orders are for, and the drafts, which still lack the key of the record."""

    claim: PatientClaim
    drafts: tuple[OrderDraft, ...]


@dataclass(slots=True)
class OrderMessageRead:
    """All that an order message gives. `is_control` says that it orders control material only."""

    source: SourceFacts
    patients: list[PatientOrdersRead] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    controls: int = 0

    @property
    def is_control(self) -> bool:
        return bool(self.controls) and not self.patients

    def lock_names(self) -> list[str]:
        """Name what must not be written by two workers at once: patients, their numbers, those of orders and tubes."""
        names = []
        for patient in self.patients:
            claim = patient.claim
            names += claim.lock_names()
            for one in patient.drafts:
                numbers = {one.placer_number, one.filler_number, *(number for number, _ in one.specimens)} - {""}
                names += [order_lock_name(facility_id=claim.facility_id, number=number) for number in numbers]
        return names


def read_order_message(waiting: Waiting, source: SourceFacts) -> OrderMessageRead:
    """Read a claimed order message of a known source; raise Unstorable where nothing of it can be stored."""
    message, findings = parse_orders(waiting.raw, source)
    read = OrderMessageRead(source, findings=list(findings))
    for patient in message.patients:
        _take(message, patient, read, waiting)
    if not (read.patients or read.controls):
        told = Finding("ORC", "no-orders", "The message holds no order; look at it, then set it aside.")
        raise Unstorable("no-orders", [*read.findings, told])
    return read


def parse_orders(raw: bytes, source: SourceFacts) -> tuple[OrderMessage, tuple[Finding, ...]]:
    """Parse an order message in the source's character set; raise Unstorable where its form is broken."""
    return parse_as(hl7v2.read_orders, raw, source)


def status_of(order: OrderRequest) -> str:
    """Return what ORC-1 and ORC-5 make of an order, empty where they leave its status as it is."""
    by_control = STATUS_BY_CONTROL.get(order.control, "")
    if by_control in _DECIDED:
        return by_control
    return STATUS_BY_ORDER_STATUS.get(order.status, by_control)


def _take(message: OrderMessage, patient: PatientOrders, read: OrderMessageRead, waiting: Waiting) -> None:
    is_control = message.header.processing_id == "Q"
    orders = [one for one in patient.orders if not (is_control or one.is_quality_control)]
    read.controls += len(patient.orders) - len(orders)
    if not orders:
        return
    identity = patient.patient or PatientIdentity()
    claim, told = claim_of(identity, read.source)
    read.findings += told
    if claim is None:
        raise Unstorable(told[0].code, read.findings)
    drafts = tuple(_draft(one, read, waiting) for one in orders)
    read.patients.append(PatientOrdersRead(claim, drafts))


def _draft(order: OrderRequest, read: OrderMessageRead, waiting: Waiting) -> OrderDraft:
    _check(order, read)
    specimen = order.specimen
    return OrderDraft(
        source=read.source.code,
        facility_id=read.source.facility_id,
        patient_record_id=0,
        inbox_id=waiting.id,
        position=order.position,
        control=_clean(order.control),
        status=status_of(order),
        placer_number=_clean(order.placer_number),
        filler_number=_clean(order.filler_number),
        group_number=_clean(order.group_number),
        service_code=_clean(next(iter(order.service.codes), ("", ""))[1]),
        service_system=_clean(next(iter(order.service.codes), ("", ""))[0]),
        service=_clean(order.service.display),
        specimen=_clean(specimen.type.display) if specimen and specimen.type else "",
        priority=_clean(order.priority),
        requester=_clean(order.requester),
        diagnoses=tuple(map(_diagnosis, order.diagnoses or order.reasons)),
        requested_at=_moment(order.requested_at, read.source),
        wanted_at=_moment(order.wanted_at, read.source),
        specimens=tuple((number, _moment(at, read.source)) for number, at in told_by_order(order).items()),
    )


def _check(order: OrderRequest, read: OrderMessageRead) -> None:
    """An order must have a number by which it is found again, and say what is asked for."""
    numbers = (order.placer_number, order.filler_number)
    if not any(numbers) or any(len(number) > LONGEST_NUMBER for number in numbers):
        place = f"{order.position}-2"
        told = f"{place} or the field behind it must hold the order number, {LONGEST_NUMBER} signs at most."
        raise Unstorable("order-number", [*read.findings, Finding(place, "order-number", told)])
    if not order.control:
        raise Unstorable("order-control", read.findings)


def _diagnosis(one: Coded) -> tuple[str, str, str]:
    system, code = next(iter(one.codes), ("", ""))
    return _clean(code), _clean(system), _clean(one.display)


def _moment(instant: Instant | None, source: SourceFacts) -> dt.datetime | None:
    return instant.at(source.zone) if instant else None


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL in texts; the raw message has it."""
    return text.replace("\0", "")
