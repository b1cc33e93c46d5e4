"""What is sealed of a report: a canonical statement of each of its versions, whose salted digest enters the log.

A statement is one JSON object in UTF-8 without spaces, its keys in the order given here: the head, then `results`, the
results that stood with that version, and `earlier`, results that came with it but did not stand: originals that were
received after their corrections. Results stand in the order of their keys. Times are in UTC; numbers in the analyte's
unit are decimal text without trailing zeros. `is_current` and `replaces` of a result are left out: they change when a
later version comes, and follow from which results a version names.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from lienthong.core.bulk import copy_rows
from lienthong.core.log.entering import enter
from lienthong.core.log.sealing import new_salts, seal
from lienthong.results.reports.versions import Version

KIND = "lienthong-report-1"
SMALLEST = Decimal("1e-10")  # as columns of results_result round
PLACES = 10
NO_MARKS = msgspec.Raw(b"[]")
COLUMNS = ("id", "report_id", "version", "salt", "head", "results", "earlier")

_encode = msgspec.json.Encoder().encode


class Head(msgspec.Struct, kw_only=True):
    """The report's own part of a statement; numbers are the keys of the tables.

    `documents` are the digests of what holds beside the results: files, pointers, numbers of studies. Null is what a
    version from before there was a log did not keep.
    """

    kind: str = KIND
    report: int
    version: int
    source: str
    number: str
    placer_number: str | None
    facility: int
    patient_record: int
    service: str | None
    requester: str | None
    specimen: str | None
    status: str | None
    collected_at: str | None
    received_at: str | None
    released_at: str | None
    comment: str | None
    documents: list[str] | None
    message: int | None


class ResultSaid(msgspec.Struct):
    """One version of one result in a statement."""

    id: int
    message: int
    key: str
    version: int
    status: str
    procedure: int | None
    analyte: int
    code: str
    name: str
    reported_value: str
    reported_unit: str
    comparator: str
    value: str | None
    outcome: str
    reference_range: str
    reference_low: str | None
    reference_high: str | None
    flags: str
    comment: str | None
    filled_in: str
    collected_at: str | None
    measured_at: str | None
    released_at: str | None
    observed_at: str | None
    marks: msgspec.Raw


class _Results(msgspec.Struct):
    results: list[ResultSaid]
    earlier: list[ResultSaid]


@dataclass(slots=True)
class Telling:
    """One version of a report as a message made it, before its rows have keys."""

    report_id: int
    version: int
    head: Mapping[str, object]
    results: Sequence[Version]
    earlier: Sequence[Version]


@dataclass(slots=True)
class Teller:
    """Makes parts of statements. Most results of a message share their times and marks, which are written once each.

    What is remembered is found by the number of the object, and kept so that no other object gets that number.
    """

    _times: dict[int, tuple[dt.datetime, str]] = field(default_factory=dict)
    _marks: dict[int, tuple[object, msgspec.Raw]] = field(default_factory=dict)

    def head(self, report_id: int, version: int, said: Mapping[str, object]) -> bytes:
        """Return the head of a statement; `said` has the columns of results_report by name, and `documents`."""
        return _encode(
            Head(
                report=report_id,
                version=version,
                source=said["source"],  # type: ignore[arg-type]  # the columns have their types in the database
                number=said["number"],  # type: ignore[arg-type]
                placer_number=said["placer_number"],  # type: ignore[arg-type]
                facility=said["facility_id"],  # type: ignore[arg-type]
                patient_record=said["patient_record_id"],  # type: ignore[arg-type]
                service=said["service"],  # type: ignore[arg-type]
                requester=said["requester"],  # type: ignore[arg-type]
                specimen=said["specimen"],  # type: ignore[arg-type]
                status=said["status"],  # type: ignore[arg-type]
                collected_at=self.time(said["collected_at"]),  # type: ignore[arg-type]
                received_at=self.time(said["received_at"]),  # type: ignore[arg-type]
                released_at=self.time(said["released_at"]),  # type: ignore[arg-type]
                comment=said["comment"],  # type: ignore[arg-type]
                documents=said["documents"],  # type: ignore[arg-type]
                message=said["inbox_id"],  # type: ignore[arg-type]
            )
        )

    def of_version(self, one: Version) -> ResultSaid:
        """Return what a statement says of a version that is being stored."""
        draft, time = one.draft, self.time
        return ResultSaid(
            one.id, one.inbox_id, one.key, one.number, one.status, draft.procedure_id, draft.analyte_id,
            draft.local_code, draft.local_name, draft.reported_value, draft.reported_unit, draft.comparator,
            number(draft.value), draft.outcome, draft.reference_range, number(draft.reference_low),
            number(draft.reference_high), draft.flags, draft.comment, draft.filled_in,
            time(draft.collected_at), time(draft.measured_at), time(draft.released_at), time(draft.observed_at),
            self.marks(draft.marks),
        )  # fmt: skip

    def time(self, moment: dt.datetime | None) -> str | None:
        """Return an instant in UTC, to the microsecond where it has any."""
        if moment is None:
            return None
        if (known := self._times.get(id(moment))) is None:
            text = moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
            known = self._times[id(moment)] = moment, text
        return known[1]

    def marks(self, marks: Sequence[Mapping[str, object]]) -> msgspec.Raw:
        """Return marks as JSON with sorted keys, as the database gives them back in an order of its own."""
        if not marks:
            return NO_MARKS
        if (known := self._marks.get(id(marks))) is None:
            plain = json.dumps(list(marks), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            known = self._marks[id(marks)] = marks, msgspec.Raw(plain.encode())
        return known[1]


def statement(head: bytes, results: Iterable[ResultSaid], earlier: Iterable[ResultSaid]) -> bytes:
    """Return a whole statement of its head and its results in any order."""
    said = _Results(sorted(results, key=_id), sorted(earlier, key=_id))
    return head[:-1] + b"," + _encode(said)[1:]


def number(value: Decimal | None) -> str | None:
    """Return a number as decimal text without trailing zeros, rounded as its column rounds."""
    if value is None:
        return None
    text = str(value)
    if text[-1] != "0" and "E" not in text and len(text) - (text.find(".") + 1 or len(text)) <= PLACES:
        return text  # as nearly all are
    text = format(value, "f")
    whole, point, part = text.partition(".")
    if not point:
        return "0" if text == "-0" else text
    if len(part) > PLACES:
        whole, _point, part = format(value.quantize(SMALLEST, ROUND_HALF_UP), "f").partition(".")
    part = part.rstrip("0")
    said = f"{whole}.{part}" if part else whole
    return "0" if said == "-0" else said


def seal_versions(told: Sequence[Telling], keys: Sequence[int]) -> None:
    """Store each version with a salt under its key, and let its salted digest wait for the log: two COPY in all."""
    teller, kept, sealed = Teller(), [], []
    for one, key, salt in zip(told, keys, new_salts(len(told)), strict=True):
        head = teller.head(one.report_id, one.version, one.head)
        results = [teller.of_version(version) for version in one.results]
        earlier = [teller.of_version(version) for version in one.earlier]
        sealed.append((key, seal(statement(head, results, earlier), salt=salt)))
        kept.append((key, one.report_id, one.version, salt, head.decode(), _array(results), _array(earlier)))
    copy_rows("results_report_version", COLUMNS, kept)
    enter(sealed)


def _id(said: ResultSaid) -> int:
    return said.id


def _array(results: Iterable[ResultSaid]) -> str:
    """Return the keys of results as PostgreSQL reads an array; COPY takes a list of numbers five times as long."""
    return "{" + ",".join([str(one.id) for one in results]) + "}"
