"""From the bytes of a message to what can be stored of it: patients, reports, coded results, and what is held back.

Nothing is written here. What forbids storing anything is raised as Unstorable; the rest is told as findings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lienthong.exchange.deliveries.element_places import place_in_file
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.imaging.documents import documents_of
from lienthong.exchange.imaging.examinations import as_examination, is_of_imaging, without_files
from lienthong.exchange.processing.bundles import is_bundle, resource_of
from lienthong.exchange.processing.code_findings import (
    clash,
    code_place,
    is_examination,
    no_examination,
    unknown_code,
)
from lienthong.exchange.processing.filling import Filled, fill_in
from lienthong.exchange.processing.measured import (
    Measured,
    has_no_value,
    measure,
    storable_number,
    unit_text,
    unread_number,
)
from lienthong.exchange.processing.message_read import MessageRead, PatientRead, ReportRead
from lienthong.exchange.processing.ownerless import Ownerless, may_ask_orders
from lienthong.exchange.processing.parsing import parse_results
from lienthong.exchange.processing.patient_reading import claim_of
from lienthong.exchange.processing.report_fields import (
    lines_of,
    report_comment,
    report_status,
    specimen_key,
    specimen_type,
    storable_text,
)
from lienthong.exchange.processing.specimen_numbers import told_by_results
from lienthong.exchange.senders import SourceFacts
from lienthong.exchange.terms.codebook import CodeBook, Coding, local_code_of, loincs_of
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import (
    Comment,
    Header,
    Instant,
    Observation,
    OruMessage,
    OruOrder,
    PatientResults,
    read_instant,
)
from lienthong.registry.reads import AnalyteFacts
from lienthong.results.actions import HeldDraft, ReportDraft, ResultDraft, Waiting

RESULT_STATUS = {
    **dict.fromkeys("FUV", "final"),
    **dict.fromkeys("CAB", "corrected"),
    **dict.fromkeys("DWX", "withdrawn"),
}
NO_RESULT = frozenset("INO")
# HL7 tables 0085 and 0123: what speaks of a result that was sent before.
AMENDMENTS, AMENDED_ORDERS, CANCELLED = frozenset("CABDWX"), frozenset("CX"), "X"
NO_PATIENT = Finding(
    "P-3",
    "patient-missing",
    "P-3 must hold the number of the patient, or O-3 that of a tube by which orders are found.",
)
LONGEST_NUMBER = 100
DAY_LENGTH = len(" 2026-11-20")  # which the report of a tube bears beside its number
CLOCK_DIFFERENCE = dt.timedelta(hours=1)


def read_message(waiting: Waiting, source: SourceFacts, book: CodeBook) -> MessageRead:
    """Read a claimed message of a known source; raise Unstorable where nothing of it can be stored."""
    oru, findings = parse_results(waiting.message_type, waiting.raw, source)
    read = MessageRead(source, findings=list(findings))
    reader = _Reader(read, source, book, waiting.received_at, oru.header, is_bundle=is_bundle(waiting))
    try:
        for patient in oru.patients:
            reader.take(oru, patient)
    except Unstorable as error:
        error.controls = tuple(order for order in oru.orders if is_control(order, oru, source))
        raise
    if not (read.patients or read.ownerless or read.held or read.controls):
        place = Finding("OBX", "no-results", "The message holds no result; look at its order, then set it aside.")
        raise Unstorable("no-results", [*read.findings, place])
    return read


@dataclass(frozen=True, slots=True)
class _OfOrder:
    """What all observations of an order share."""

    collected_at: dt.datetime | None
    released_at: dt.datetime | None
    specimen: str


def is_control(order: OruOrder, oru: OruMessage, source: SourceFacts) -> bool:
    """Whether the specimen is no patient's: by MSH-11, by its role, by the analyser's code, or by the source's rule."""
    if oru.header.processing_id == "Q" or order.is_quality_control:
        return True
    numbers = {order.filler_order_number, *(specimen.identifier for specimen in order.specimens)}
    return any(source.is_control_specimen(number) for number in numbers)


@dataclass(slots=True)
class _Reader:
    read: MessageRead
    source: SourceFacts
    book: CodeBook
    received_at: dt.datetime
    header: Header
    is_bundle: bool = False
    _moments: dict[str, dt.datetime | None] = field(default_factory=dict)
    _days: dict[dt.datetime, dt.date] = field(default_factory=dict)

    def take(self, oru: OruMessage, patient: PatientResults) -> None:
        orders = [order for order in patient.orders if not is_control(order, oru, self.source)]
        self.read.controls += [order for order in patient.orders if is_control(order, oru, self.source)]
        if not orders:
            return
        if may_ask_orders(self.header.message_code, patient.patient, self.source) and self._take_ownerless(
            patient, orders
        ):
            return
        claim, findings = claim_of(patient.patient, self.source)
        if claim is None and self.source.protocol == "astm" and not patient.patient.identifiers:
            findings = [NO_PATIENT]
        self.read.findings += findings
        if claim is None:
            raise Unstorable(findings[0].code, self.read.findings)
        if stored := self._reports(orders, patient.comments):
            self.read.patients.append(PatientRead(claim, stored))

    def _take_ownerless(self, patient: PatientResults, orders: list[OruOrder]) -> bool:
        """Take orders tube by tube; return False, and take none, where one of them names no tube."""
        tubes: dict[tuple[str, ...], list[OruOrder]] = {}
        for order in orders:
            tubes.setdefault(told_by_results(order, self.source.tube_kind), []).append(order)
        if () in tubes:
            return False
        for numbers, group in tubes.items():
            if stored := self._reports(group, patient.comments, longest=LONGEST_NUMBER - DAY_LENGTH):
                at = self._tested_at(stored)
                self.read.ownerless.append(Ownerless(group[0].position, numbers, at, patient.patient, stored))
        return True

    def _tested_at(self, reports: tuple[ReportRead, ...]) -> dt.datetime:
        """Return when a tube was measured, else collected, else received; never after its receipt."""
        results = [one for report in reports for one in report.draft.results]
        told = next((at for one in results if (at := one.measured_at or one.collected_at)), self.received_at)
        return min(told, self.received_at)

    def _reports(
        self, orders: list[OruOrder], of_patient: Sequence[Comment], *, longest: int = LONGEST_NUMBER
    ) -> tuple[ReportRead, ...]:
        """Return what can be stored of the reports that orders make up; `longest` are the signs of their numbers."""
        groups = self._by_number(orders, longest)
        reports = (self._report(number, group, of_patient) for number, group in groups.items())
        return tuple(report for report in reports if report.draft.says_something)

    def _by_number(self, orders: list[OruOrder], longest: int) -> dict[str, list[OruOrder]]:
        """Gather the orders of one report: its filler order number, else the placer's."""
        groups: dict[str, list[OruOrder]] = {}
        for order in orders:
            number = order.filler_order_number or order.placer_order_number
            if not number or len(number) > longest:
                place = f"{order.position}-3"
                must = f"{place} must hold the number of the report, {longest} signs at most."
                raise Unstorable("report-number", [*self.read.findings, Finding(place, "report-number", must)])
            groups.setdefault(number, []).append(order)
        return groups

    def _report(self, number: str, orders: list[OruOrder], of_patient: Sequence[Comment]) -> ReportRead:
        documents, told = documents_of(orders)
        self.read.findings += told
        orders = [self._as_reported(order) for order in orders]
        pairs = [pair for order in orders for pair in self._results(order)]
        first = orders[0]
        specimen = first.specimen
        draft = ReportDraft(
            source=self.source.code,
            facility_id=self.source.facility_id,
            number=number,
            placer_number=first.placer_order_number,
            service=first.service.display,
            requester=first.requester,
            specimen=specimen.type.display if specimen and specimen.type else "",
            status=report_status(orders, [draft for draft, _ in pairs]),
            collected_at=self._collected_at(first),
            received_at=self._moment(specimen.received_at) if specimen else None,
            released_at=self._moment(first.reported_at),
            comment=report_comment(orders, of_patient),
            results=tuple(draft for draft, _ in pairs),
            is_cancelled=all(order.result_status == CANCELLED for order in orders),
            written_at=self._moment(read_instant(self.header.message_at)),
            documents=documents,
        )
        return ReportRead(draft, tuple(systems for _, systems in pairs))

    def _as_reported(self, order: OruOrder) -> OruOrder:
        """Return an order of imaging as its one examination, any other without its files."""
        on = self._day(self._moment(order.observed_at) or self.received_at)
        if self.book.is_examination(self.source.code, order.service, on=on) or is_of_imaging(order):
            return as_examination(order)
        return without_files(order)

    def _results(self, order: OruOrder) -> Iterator[tuple[ResultDraft, tuple[int, ...]]]:
        """Code, convert and draft the observations of an order, but for those that hold no result or must wait."""
        at = _OfOrder(self._collected_at(order), self._moment(order.reported_at), specimen_key(order))
        for one in order.observations:
            if one.status not in NO_RESULT and (pair := self._result(order, one, at)):
                yield pair

    def _result(
        self, order: OruOrder, one: Observation, of_order: _OfOrder
    ) -> tuple[ResultDraft, tuple[int, ...]] | None:
        measured_at = self._measured_at(one)
        on = self._day(measured_at or of_order.collected_at or self.received_at)
        coding = self._coding(order, one, on)
        if coding is None or coding.meaning is None:
            return None
        status, reading = self._status(order, one), one.reading
        measured = self._measured(order, one, on, coding.meaning.analyte, status=status)
        if measured is None:
            return None
        filled = self._filled(of_order, one, coding, measured, status)
        system, code = next(iter(one.code.codes), ("", ""))
        draft = ResultDraft(
            code_system=system,
            local_code=storable_text(code),
            local_name=storable_text(one.code.display),
            sub_id=one.sub_id,
            specimen=of_order.specimen,
            procedure_id=coding.procedure_id,
            analyte_id=coding.meaning.analyte.id,
            status=status,
            reported_value=storable_text(one.text),
            reported_unit=storable_text(coding.unit),
            comparator=reading.comparator if measured.value is not None else "",
            value=measured.value,
            outcome=reading.outcome or "",
            reference_range=storable_text(one.reference_range),
            reference_low=filled.low,
            reference_high=filled.high,
            flags=storable_text(" ".join(one.flags)),
            collected_at=of_order.collected_at,
            measured_at=measured_at,
            released_at=of_order.released_at,
            observed_at=self._moment(one.observed_at),
            comment=lines_of(one.comments) if one.comments else "",
            amends=one.status in AMENDMENTS or order.result_status in AMENDED_ORDERS,
            resource_id=resource_of(one) if self.is_bundle else None,
            filled_in=filled.names,
        )
        return draft, coding.systems

    def _measured(
        self, order: OruOrder, one: Observation, on: dt.date, analyte: AnalyteFacts, *, status: str
    ) -> Measured | None:
        """Convert what is reported; None where the result must wait."""
        measured = measure(one, analyte, one.reading)
        if measured.hold and status != "withdrawn":
            self._hold(order, one, on, reason="unit", told=measured.hold)
            return None
        if unread := unread_number(one, analyte):
            self._tell(unread)
        return measured

    def _filled(self, of_order: _OfOrder, one: Observation, coding: Coding, measured: Measured, status: str) -> Filled:
        is_known = of_order.collected_at is not None
        return fill_in(self.header.message_code, one, coding, measured, status=status, is_collection_known=is_known)

    def _coding(self, order: OruOrder, one: Observation, on: dt.date) -> Coding | None:
        """Return what an observation is of; None where its code has no meaning, or one that it can't have."""
        coding = self.book.coding(self.source, one, specimen=specimen_type(order), on=on)
        if coding.meaning is None:
            self._hold(order, one, on, reason="code-unknown", told=unknown_code(order, one))
        elif is_examination(order, one) and not coding.meaning.analyte.is_narrative:
            self._hold(order, one, on, reason="quantity", told=no_examination(order, one))
        elif coding.clash:
            self._hold(order, one, on, reason="quantity", told=clash(order, one, coding.clash))
        else:
            return coding
        return None

    def _status(self, order: OruOrder, one: Observation) -> str:
        """Read OBX-11. What is not known to be final is preliminary; a final result without a value is none.

        Nothing stands of an order that is cancelled (OBR-25).
        """
        status = RESULT_STATUS.get(one.status, "preliminary")
        if order.result_status == CANCELLED and status != "withdrawn":
            place = f"{order.position}-25"
            self._tell(Finding(place, "order-cancelled", f"{place} cancels the order; its results are withdrawn."))
            return "withdrawn"
        if status != "preliminary" and has_no_value(one):
            return "withdrawn"
        return status

    def _hold(self, order: OruOrder, one: Observation, on: dt.date, *, reason: str, told: Finding) -> None:
        system, code = local_code_of(one.code)
        self.read.findings.append(told)
        self.read.held.append(
            HeldDraft(
                position=place_in_file(self.header.message_code, code_place(order, one)),
                local_code=code,
                local_system=system,
                local_name=one.code.display,
                loinc=next(iter(loincs_of(one.code)), ""),
                unit=unit_text(one),
                specimen=specimen_type(order),
                number=storable_number(one),
                asked_on=on,
                reason=reason,
            )
        )

    def _collected_at(self, order: OruOrder) -> dt.datetime | None:
        """Return when the specimen was taken, of a bare date its beginning; a time yet to come is not known."""
        moment = self._moment(order.collected_at)
        if moment and moment > self.received_at + CLOCK_DIFFERENCE:
            place = f"{order.position}-7"
            told = "lies after the receipt of the message; the time of collection is taken as not known."
            self._tell(Finding(place, "in-the-future", f"{place} {told}"))
            return None
        return moment

    def _measured_at(self, one: Observation) -> dt.datetime | None:
        """Return when the specimen was measured; a bare date does not say on which side of a control run."""
        return self._moment(one.analysed_at) if one.analysed_at and one.analysed_at.has_time else None

    def _day(self, instant: dt.datetime) -> dt.date:
        """Return the calendar day at the facility."""
        if instant not in self._days:
            self._days[instant] = instant.astimezone(self.source.zone).date()
        return self._days[instant]

    def _moment(self, instant: Instant | None) -> dt.datetime | None:
        """Return the point in time; the same text in a message is the same object."""
        if instant is None:
            return None
        if instant.text not in self._moments:
            self._moments[instant.text] = instant.at(self.source.zone)
        return self._moments[instant.text]

    def _tell(self, finding: Finding) -> None:
        if finding not in self.read.findings:
            self.read.findings.append(finding)
