"""Records become what they say: each belongs to the record of the next higher level before it.

The levels (E1394): H and L are 0, P and Q 1, O 2, R 3; C, M and S stand one below the record that they follow.
The values of R-7 and R-9 are those that the connection protocol of IDS-iSYS (page 224) lists from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from lienthong.findings import Finding
from lienthong.interop.astm._records import Components, Message, Record
from lienthong.interop.astm._types import (
    AnalyzerMessage,
    Comment,
    Measurand,
    Patient,
    Request,
    Sender,
    TestOrder,
    TestResult,
)
from lienthong.interop.hl7v2 import Instant, read_instant

# Findings that only say how something was read: the message can be used.
NOTES = frozenset({"record-unknown", "sequence", "no-value", "date", "patient-record-missing"})
STATUSES = frozenset("CPFXIMRNSQVW")
KNOWN_TYPES = frozenset("HPORCQMSL")


def read_results(message: Message) -> tuple[AnalyzerMessage, tuple[Finding, ...]]:
    """Read a message by its levels. Findings whose code is in `NOTES` say how something was read; others are faults."""
    reader = _Reader(_read_sender(message.records[0]))
    for record in message.records[1:]:
        reader.take(record)
    return reader.finish(), tuple(reader.findings)


@dataclass(slots=True)
class _Reader:
    sender: Sender
    findings: list[Finding] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _patients: list[Patient] = field(default_factory=list)
    _orders: list[TestOrder] = field(default_factory=list)
    _results: list[TestResult] = field(default_factory=list)
    _requests: list[Request] = field(default_factory=list)
    _termination: str | None = None
    _last: str = "H"

    def take(self, record: Record) -> None:
        kind = record.type
        self._counts[kind] = self._counts.get(kind, 0) + 1
        where = f"{kind}({self._counts[kind]})"
        source = _Source(record, where, self.findings)
        step = {"P": self._patient, "O": self._order, "R": self._result, "C": self._comment, "Q": self._request}
        if self._termination is not None:
            self._tell(where, "after-terminator", f"{where} stands after the terminator (L) and was not read.")
        elif kind in step:
            step[kind](source)
        elif kind == "L":
            self._end(source)
        elif kind not in KNOWN_TYPES:
            self._tell(where[:1] or "record", "record-unknown", "A record of a type that the standard does not have.")
        if kind in "HPORQ":
            self._last = kind

    def finish(self) -> AnalyzerMessage:
        if self._termination is None:
            self._tell("L", "terminator-missing", "The message must end with a terminator record (L); send it whole.")
        self._close_patient()
        return AnalyzerMessage(
            sender=self.sender,
            patients=tuple(self._patients),
            requests=tuple(self._requests),
            termination=self._termination or "",
        )

    def _patient(self, source: _Source) -> None:
        self._close_order()
        self._close_patient()
        self._patients.append(_read_patient(source))

    def _order(self, source: _Source) -> None:
        self._close_order()
        if not self._patients:
            self._patients.append(Patient())
            self._tell(source.where, "patient-record-missing", f"{source.where} follows no patient record (P).")
        self._orders.append(_read_order(source))

    def _result(self, source: _Source) -> None:
        if not self._orders:
            self._tell(source.where, "record-order", f"{source.where} follows no order record (O) and was not read.")
            return
        self._results.append(_read_result(source))

    def _comment(self, source: _Source) -> None:
        """A comment belongs to the record before it."""
        comment = Comment(
            text=source.record.text(4),
            source=source.record.value(3),
            type=source.record.value(5),
            position=source.where,
        )
        if self._last == "R" and self._results:
            self._results[-1] = replace(self._results[-1], comments=(*self._results[-1].comments, comment))
        elif self._last == "O" and self._orders:
            self._orders[-1] = replace(self._orders[-1], comments=(*self._orders[-1].comments, comment))
        elif self._last == "P" and self._patients:
            self._patients[-1] = replace(self._patients[-1], comments=(*self._patients[-1].comments, comment))

    def _request(self, source: _Source) -> None:
        record = source.record
        ids = tuple(_last_part(components) for components in record.repeats(3))
        self._requests.append(
            Request(
                specimen_ids=tuple(one for one in ids if one),
                measurands=_measurands(record, 5),
                status=record.value(13),
                position=source.where,
            )
        )

    def _end(self, source: _Source) -> None:
        self._termination = source.record.value(3).upper() or "N"

    def _close_order(self) -> None:
        if self._orders and self._results:
            self._orders[-1] = replace(self._orders[-1], results=tuple(self._results))
        self._results = []

    def _close_patient(self) -> None:
        self._close_order()
        if self._patients and self._orders:
            self._patients[-1] = replace(self._patients[-1], orders=tuple(self._orders))
        self._orders = []

    def _tell(self, where: str, code: str, message: str) -> None:
        self.findings.append(Finding(where, code, message))


@dataclass(frozen=True, slots=True)
class _Source:
    """A record, its place in the message, and where what is wrong with it is told."""

    record: Record
    where: str
    findings: list[Finding]

    def instant(self, number: int) -> Instant | None:
        text = self.record.value(number)
        found = read_instant(text) if text else None
        if text and found is None:
            self.tell(number, "date", "is not a date or time; it is taken as not told.")
        return found

    def day(self, number: int) -> date | None:
        found = self.instant(number)
        return found.value.date() if found and found.value else None

    def tell(self, number: int, code: str, told: str) -> None:
        place = f"{self.where}-{number}"
        self.findings.append(Finding(place, code, f"{place} {told}"))


def _read_sender(record: Record) -> Sender:
    parts = tuple(part.strip() for part in record.repeats(5)[0])
    return Sender(
        name=parts[0],
        parts=parts,
        control_id=record.value(3),
        processing_id=record.value(12),
        version=record.value(13),
        sent_at=read_instant(record.value(14)),
    )


def _read_patient(source: _Source) -> Patient:
    record = source.record
    return Patient(
        practice_id=record.value(3),
        laboratory_id=record.value(4),
        other_id=record.value(5),
        family_name=record.value(6),
        given_name=record.value(6, 2),
        middle_name=record.value(6, 3),
        birth_date=source.day(8),
        sex=record.value(9),
        position=source.where,
    )


def _read_order(source: _Source) -> TestOrder:
    record = source.record
    return TestOrder(
        specimen_id=record.value(3),
        specimen_parts=_stripped(record.repeats(3)[0]),
        instrument_specimen_id=record.value(4),
        instrument_specimen_parts=_stripped(record.repeats(4)[0]),
        measurands=_measurands(record, 5),
        priority=record.value(6),
        requested_at=source.instant(7),
        collected_at=source.instant(8),
        action_code=record.value(12).upper(),
        received_at=source.instant(15),
        descriptor=record.text(16),
        physician=record.text(17),
        reported_at=source.instant(23),
        report_types=tuple(one[0].strip().upper() for one in record.repeats(26) if one[0].strip()),
        position=source.where,
    )


def _read_result(source: _Source) -> TestResult:
    record = source.record
    measurands = _measurands(record, 3)
    if not measurands:
        source.tell(3, "measurand-missing", "must say what was measured.")
    result = TestResult(
        measurand=measurands[0] if measurands else Measurand(),
        value="^".join(record.repeats(4)[0]).strip(),
        unit=record.value(5),
        range=record.text(6),
        flags=tuple(part.strip() for one in record.repeats(7) for part in one if part.strip()),
        status=record.value(9).upper(),
        operator=record.value(11),
        started_at=source.instant(12),
        completed_at=source.instant(13),
        instrument=tuple(part for part in _stripped(record.repeats(14)[0]) if part),
        position=source.where,
    )
    if result.has_no_value:
        source.tell(4, "no-value", "holds no value.")
    if result.status and result.status not in STATUSES:
        source.tell(9, "status", "is no result status; the result is taken as preliminary.")
    return result


def _measurands(record: Record, number: int) -> tuple[Measurand, ...]:
    found = (_measurand(_stripped(components)) for components in record.repeats(number))
    return tuple(one for one in found if not one.is_empty)


def _measurand(parts: Components) -> Measurand:
    code, name, system = (*parts, "", "", "")[:3]
    return Measurand(code=code, name=name, system=system, local=tuple(parts[3:]))


def _stripped(components: Components) -> Components:
    return tuple(part.strip() for part in components)


def _last_part(components: Components) -> str:
    return next((part for part in reversed(_stripped(components)) if part), "")
