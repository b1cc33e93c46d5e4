"""Read an order message (ORM^O01, OML^O21, O33, O35): patients and what is ordered, changed or cancelled for them.

Results that stand beside an order (earlier ones, answers to questions on ordering) are passed over with a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import structs

from lienthong.findings import Finding
from lienthong.interop.hl7v2._datatypes import Coded, Organisation
from lienthong.interop.hl7v2._elements import Elements
from lienthong.interop.hl7v2._header import Header, header_of
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._message import Message, Segment
from lienthong.interop.hl7v2._order_types import OrderMessage, OrderRequest, PatientOrders
from lienthong.interop.hl7v2._patient import PatientIdentity, Visit
from lienthong.interop.hl7v2._patient_segments import read_pid, read_pv1
from lienthong.interop.hl7v2._specimen import Specimen, container_from, old_specimens, specimen_from

# Findings that only say how something was read: the message can be used.
ORDER_NOTES = frozenset({"sex", "null-ignored", "control-assumed", "prior-results", "order-observations"})

KINDS = {"ORM": frozenset({"O01", ""}), "OML": frozenset({"O21", "O33", "O35"})}
STRUCTURES = frozenset({"ORM_O01", "OML_O21", "OML_O33", "OML_O35"})
_SPECIMEN_FIRST = frozenset({"O33", "O35"})
_PREVIOUS = "PR"  # HL7 table 0119: previous results, sent along with a new order
_ANSWERS = frozenset({"ORR", "ORL"})


def is_order_message(header: Header) -> bool:
    """Whether a message is one that `read_orders` reads."""
    triggers = KINDS.get(header.message_code)
    return (triggers is not None and header.trigger_event in triggers) or header.message_structure in STRUCTURES


def read_orders(message: Message) -> tuple[OrderMessage | None, tuple[Finding, ...]]:
    """Read an order message; None where the message is of another type, an answer to orders (ORR, ORL) among them.

    Findings whose code is in `ORDER_NOTES` tell how something was read; any other is a fault.
    """
    header = header_of(message)
    if not is_order_message(header):
        what = "an answer to orders" if header.message_code in _ANSWERS else "none of these"
        told = f"MSH-9 must be ORM^O01 or OML^O21, O33 or O35 to be read as orders, but is {what}."
        return None, (Finding("MSH-9", "message-type", told),)
    reader = _Reader(is_specimen_first=header.trigger_event in _SPECIMEN_FIRST)
    for segment in message.segments[1:]:
        reader.take(segment)
    return OrderMessage(header=header, patients=reader.finish()), tuple(reader.findings)


@dataclass(slots=True)
class _Open:
    """The segments of one order as they come."""

    orc: Elements | None
    obr: Elements | None = None
    timing: Elements | None = None
    specimens: list[Specimen] = field(default_factory=list)
    diagnoses: list[Coded] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    has_observations: bool = False


@dataclass(slots=True)
class _OpenPatient:
    patient: PatientIdentity | None
    visit: Visit | None = None
    orders: list[OrderRequest] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    is_specimen_first: bool
    findings: list[Finding] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _patients: list[_OpenPatient] = field(default_factory=list)
    _order: _Open | None = None
    _specimen: Specimen | None = None  # which the orders after it share
    _earlier: str = ""  # the segment that began a group of earlier results

    def take(self, segment: Segment) -> None:
        count = self._counts[segment.name] = self._counts.get(segment.name, 0) + 1
        is_counted = count > 1 or segment.name in ("OBR", "SPM", "OBX")
        source = Elements(segment, f"{segment.name}({count})" if is_counted else segment.name, self.findings)
        step = {
            "PID": self._pid,
            "PV1": self._pv1,
            "ORC": self._orc,
            "OBR": self._obr,
            "TQ1": self._tq1,
            "SPM": self._spm,
            "SAC": self._sac,
            "DG1": self._dg1,
            "NTE": self._nte,
            "OBX": self._obx,
        }.get(segment.name)
        if step:
            step(source)

    def finish(self) -> tuple[PatientOrders, ...]:
        self._close_order()
        if not self._counts.get("PID"):
            self.findings.append(Finding("PID", "segment-missing", "An order message must hold PID."))
        if not (self._counts.get("ORC") or self._counts.get("OBR")):
            self.findings.append(Finding("ORC", "segment-missing", "An order message must hold ORC and OBR."))
        return tuple(
            PatientOrders(patient=one.patient, visit=one.visit, orders=tuple(one.orders))
            for one in self._patients
            if one.orders or one is self._patients[0]
        )

    def _pid(self, source: Elements) -> None:
        """A second PID begins earlier results, unless an order that is none of them follows."""
        self._close_order()
        if self._patients:
            self._earlier = source.where
        self._specimen = None
        self._patients.append(_OpenPatient(read_pid(source)))

    def _pv1(self, source: Elements) -> None:
        if self._patients and not self._earlier:
            self._patients[-1].visit = read_pv1(source)

    def _orc(self, source: Elements) -> None:
        self._close_order()
        control = source.value(1).upper()
        if control == _PREVIOUS or (self._earlier and not control):
            self._pass_over(source)
            return
        self._earlier = ""
        self._order = _Open(source)

    def _obr(self, source: Elements) -> None:
        if self._earlier:
            self._pass_over(source)
            return
        if self._order is None or self._order.obr is not None:
            self._close_order()
            self._order = _Open(None)
        self._order.obr = source

    def _tq1(self, source: Elements) -> None:
        if self._order and self._order.timing is None:
            self._order.timing = source

    def _spm(self, source: Elements) -> None:
        if self.is_specimen_first:
            self._close_order()
            self._specimen = _read_specimen(source)
        elif self._order:
            self._order.specimens.append(_read_specimen(source))

    def _sac(self, source: Elements) -> None:
        """A container is that of the specimen before it."""
        container = container_from(source.sent, source.fields, source.where, source.findings)
        if self._order and self._order.specimens:
            last = self._order.specimens[-1]
            self._order.specimens[-1] = structs.replace(last, containers=(*last.containers, container))
        elif self._specimen:
            self._close_order()
            self._specimen = structs.replace(self._specimen, containers=(*self._specimen.containers, container))

    def _dg1(self, source: Elements) -> None:
        diagnosis = source.coded(3) or Coded(text=source.value(4))
        if self._order and diagnosis != Coded():
            self._order.diagnoses.append(diagnosis)

    def _nte(self, source: Elements) -> None:
        if self._order and not self._order.has_observations:
            texts = (source.segment.text(one) for one in source.segment.repetitions(3))
            self._order.notes += [text for text in texts if text.strip()]

    def _obx(self, source: Elements) -> None:
        if self._order and not self._order.has_observations:
            self._order.has_observations = True
            told = f"{source.where} and what follows it stand beside an order; they were not read as results."
            self.findings.append(Finding(source.where, "order-observations", told))

    def _pass_over(self, source: Elements) -> None:
        self._earlier = self._earlier or source.where
        if not any(one.code == "prior-results" for one in self.findings):
            told = f"Earlier results come with the orders, from {self._earlier} on; they were not read."
            self.findings.append(Finding(self._earlier, "prior-results", told))

    def _close_order(self) -> None:
        if self._order is None:
            return
        if not self._patients:
            self._patients.append(_OpenPatient(None))
        if self._specimen and not self._order.specimens:
            self._order.specimens.append(self._specimen)
        self._patients[-1].orders.append(_close(self._order, self.findings))
        self._order = None


def _close(order: _Open, findings: list[Finding]) -> OrderRequest:
    """Make one order of its segments: what ORC and OBR both can say comes from ORC, the service from OBR."""
    both = [source for source in (order.orc, order.obr) if source]
    orc = order.orc or both[0]
    group = order.orc.value(4) if order.orc else ""
    request = OrderRequest(
        control=_control(order, findings),
        placer_number=_first_value(both, 2),
        placer_authority=next((found for one in both if (found := one.value(2, 3) or one.value(2, 2))), ""),
        filler_number=_first_value(both, 3),
        group_number=group,
        status=order.orc.value(5).upper() if order.orc else "",
        service=(order.obr.coded(4) if order.obr else None) or Coded(),
        priority=_priority(order),
        specimens=tuple(order.specimens) or _old_specimens(order.obr),
        requester=(order.orc.person(12) if order.orc else "") or (order.obr.person(16) if order.obr else ""),
        ordering_facility=_facility(order.orc),
        requested_at=(order.orc.instant(9) if order.orc else None) or (order.obr.instant(6) if order.obr else None),
        wanted_at=_wanted_at(order),
        diagnoses=tuple(order.diagnoses),
        reasons=_reasons(order.obr),
        notes=tuple(order.notes),
        position=orc.where,
    )
    _check(request, order, findings)
    return request


def _check(request: OrderRequest, order: _Open, findings: list[Finding]) -> None:
    if not (request.placer_number or request.filler_number):
        place = f"{request.position}-2"
        told = f"{place} must hold the placer order number, or the next field the filler's; both are blank."
        findings.append(Finding(place, "required", told))
    if order.obr and request.service == Coded():
        place = f"{order.obr.where}-4"
        findings.append(Finding(place, "required", f"{place} must name the service, but is blank."))


def _control(order: _Open, findings: list[Finding]) -> str:
    if order.orc is None:
        where = order.obr.where if order.obr else "OBR"
        told = f"{where} comes without ORC; it was taken as a new order."
        findings.append(Finding(where, "control-assumed", told))
        return "NW"
    control = order.orc.value(1).upper()
    if not control:
        place = f"{order.orc.where}-1"
        told = f"{place} must hold the order control code (NW, CA, DC, XO, SC …), but is blank."
        findings.append(Finding(place, "required", told))
    return control


def _first_value(sources: list[Elements], number: int) -> str:
    return next((value for one in sources if (value := one.value(number))), "")


def _priority(order: _Open) -> str:
    """TQ1-9, which replaced the quantity and timing of OBR-27 and ORC-7 with version 2.5; OBR-5 before 2.3."""
    places = ((order.timing, 9, 1), (order.obr, 27, 6), (order.orc, 7, 6), (order.obr, 5, 1))
    return next((value for source, *place in places if source and (value := source.value(*place))), "").upper()


def _wanted_at(order: _Open) -> Instant | None:
    """When the service shall start: TQ1-7, the fourth component of OBR-27 or ORC-7, OBR-36."""
    places = ((order.timing, 7, 1), (order.obr, 27, 4), (order.orc, 7, 4), (order.obr, 36, 1))
    return next((found for source, *place in places if source and (found := source.instant(*place))), None)


def _reasons(obr: Elements | None) -> tuple[Coded, ...]:
    found = (obr.coded(31, one) for one in obr.repetitions(31)) if obr else ()
    return tuple(one for one in found if one)


def _facility(orc: Elements | None) -> Organisation | None:
    return orc.fields.organisation(orc.segment.sent(21)) if orc else None


def _read_specimen(spm: Elements) -> Specimen:
    return specimen_from(spm.sent, spm.fields, spm.where, spm.findings)


def _old_specimens(obr: Elements | None) -> tuple[Specimen, ...]:
    """OBR-15 and OBR-14, which SPM replaced with version 2.5."""
    return old_specimens(obr.segment.sent(15), obr.instant(14), obr.fields) if obr else ()
