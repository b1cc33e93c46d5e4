"""Writes the reports of a batch: opens them, applies each message to its report, and writes what that changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from lienthong.core.bulk import change_rows, copy_rows, fetch_prepared, fetch_rows
from lienthong.core.timekey import next_keys
from lienthong.results.imaging.documents import Beside
from lienthong.results.intake.inbox import storable
from lienthong.results.models import Report
from lienthong.results.people.person_links import is_one_person
from lienthong.results.reports import statements
from lienthong.results.reports.drafts import (
    ChangedBack,
    Marks,
    ReportClaim,
    ReportDraft,
    ReportOfAnotherPatient,
    ResultDraft,
    Stored,
    StoredReport,
)
from lienthong.results.reports.sealing import Telling, seal_versions
from lienthong.results.reports.versions import Applied, Cancellation, Chains, Saying, Version

Name = tuple[str, str]
# The columns of a report that its messages say, and how long the texts may be.
TEXTS = {"placer_number": 100, "service": 200, "requester": 200, "specimen": 60, "comment": None}
TIMES = ("collected_at", "received_at", "released_at")
OWN = ("facility_id", "placer_number", "service", "requester", "specimen", "collected_at", "received_at")
FINAL = (Report.Status.FINAL, Report.Status.CORRECTED, Report.Status.WITHDRAWN)
NO_MARKS = "[]"
_values, _times = attrgetter(*statements.VALUES), attrgetter(*statements.TIMES)


@dataclass(slots=True)
class _OpenReport:
    """A locked report, and what the messages of the batch make of it."""

    id: int
    chains: Chains
    beside: Beside
    patient_record_id: int
    status: str
    version: int
    inbox_id: int
    released_at: dt.datetime | None
    comment: str | None
    is_new: bool
    own: dict[str, object]
    said: dict[str, object] = field(default_factory=dict)
    is_dirty: bool = False
    told: list[Telling] = field(default_factory=list)

    def take(self, claim: ReportClaim, *, at: dt.datetime) -> Applied:
        """Apply a message: its results first, then what came beside them, then the report's own fields."""
        draft = claim.draft
        is_first, self.is_new = self.is_new, False
        cancellation = Cancellation(self.released_at) if self.status == "withdrawn" and not is_first else None
        said = Saying(claim.inbox_id, draft.written_at, claim.is_affirmed)
        applied = self.chains.apply(draft.results, said, cancellation=cancellation)
        if draft.is_cancelled:
            applied.unfounded += is_first and not draft.results
            self.chains.withdraw_all(applied, inbox_id=claim.inbox_id, released_at=draft.released_at)
        applied.is_commented = not is_first and self._is_comment_new(draft, claim.inbox_id)
        applied.documents = self.beside.take(claim, self.id, at=at)
        is_cancelled = draft.is_cancelled and self.status != "withdrawn"
        is_corrected = bool(applied.written or applied.is_commented or is_cancelled)
        is_changed = not is_first and (is_corrected or bool(applied.documents))
        if is_changed:
            self._bring_up_to_date(draft, claim.inbox_id, is_corrected=is_corrected)
        if is_first or is_changed:
            self._tell(applied)
        return applied

    def _tell(self, applied: Applied) -> None:
        """Note this version of the report, as it is after one message, for the log."""
        head = {**self.own, **self.said, "status": self.status, "inbox_id": self.inbox_id}
        head["documents"] = self.beside.digests(self.id)
        earlier = [one for one in applied.written if not one.is_current]
        self.told.append(Telling(self.id, self.version, head, self.chains.current, earlier))

    def _is_comment_new(self, draft: ReportDraft, inbox_id: int) -> bool:
        """Whether a message changes the comment; one that came before comments were kept is not known."""
        is_other = bool(draft.comment) and self.comment is not None and draft.comment != self.comment
        return is_other and not self._is_behind(draft, inbox_id)

    def _is_behind(self, draft: ReportDraft, inbox_id: int) -> bool:
        """Whether a message was received or released before the one that the report follows."""
        is_older = bool(draft.released_at and self.released_at and draft.released_at < self.released_at)
        return inbox_id < self.inbox_id or is_older

    def _bring_up_to_date(self, draft: ReportDraft, inbox_id: int, *, is_corrected: bool) -> None:
        """Take over the report's own fields from its latest message; what that leaves blank stays.

        Another file beside results that stay as they are doesn't make the report a corrected one; nor do results of its
        own message that waited for what their codes mean.
        """
        self.version += 1
        self.is_dirty = True
        if self._is_behind(draft, inbox_id):
            return
        if is_corrected or not self.chains.by_key:
            self.status = self._later_status(draft, is_same_message=inbox_id == self.inbox_id)
        self.inbox_id, self.released_at = inbox_id, draft.released_at or self.released_at
        self.comment = draft.comment or self.comment
        self.said |= {name: value for name, value in _fields(draft).items() if value}

    def _later_status(self, draft: ReportDraft, *, is_same_message: bool) -> str:
        """A report that was final and changed is a corrected one; it is withdrawn when none of its results stands.

        One that never had results, only files or words, is withdrawn when it is cancelled.
        """
        current = self.chains.current
        if all(one.status == "withdrawn" for one in current) if current else draft.is_cancelled:
            return Report.Status.WITHDRAWN
        if is_same_message:
            return self.status
        if self.status in FINAL or draft.status == Report.Status.WITHDRAWN:
            return Report.Status.CORRECTED
        return draft.status


def write_reports(claims: Sequence[ReportClaim], *, at: dt.datetime) -> list[StoredReport]:
    """Store reports, given in the order of their messages; the same again changes nothing, changed content is a new
    version.

    Raises ReportOfAnotherPatient where a report's number is that of another patient's report, and ChangedBack where a
    result says again what was replaced since; both name all messages concerned.
    """
    if not claims:
        return []
    beside = Beside()
    opened = _open(claims, beside)
    _check_patients(claims, opened)
    stored = [one for one in opened.values() if not one.is_new]
    _load_versions(stored)
    beside.load(one.id for one in stored)
    done = [(one := opened[_name(claim)], one.take(claim, at=at)) for claim in claims]
    _check_changed_back(claims, [applied for _report, applied in done])
    beside.write()
    _write_versions(list(opened.values()))
    _change_reports([one for one in opened.values() if one.is_dirty])
    return [StoredReport(report.id, _stored(applied)) for report, applied in done]


def _open(claims: Sequence[ReportClaim], beside: Beside) -> dict[Name, _OpenReport]:
    """Make or find each report, and lock it until the transaction ends."""
    first: dict[Name, ReportClaim] = {}
    for claim in claims:
        first.setdefault(_name(claim), claim)
    wanted = list(first.values())
    parameters: dict[str, list[object]] = {
        "source": [one.draft.source for one in wanted],
        "number": [one.draft.number for one in wanted],
        "facility_id": [one.draft.facility_id for one in wanted],
        "patient_record_id": [one.patient_record_id for one in wanted],
        "status": [one.draft.status for one in wanted],
        "version": [1] * len(wanted),
        "inbox_id": [one.inbox_id for one in wanted],
        **_columns([_fields(one.draft) for one in wanted]),
    }
    rows = fetch_prepared(statements.OPEN_REPORTS, parameters)
    return {row[1:3]: _opened(row, beside) for row in rows}


def _opened(row: tuple[Any, ...], beside: Beside) -> _OpenReport:
    """Return a report of a row of OPEN_REPORTS, with its own columns as they are stored."""
    id_, source, number, patient_record_id, status, version, inbox_id, released_at, comment, is_new, *own = row
    columns = {
        **dict(zip(OWN, own, strict=True)),
        **{"source": source, "number": number, "patient_record_id": patient_record_id},
        **{"released_at": released_at, "comment": comment},
    }
    chains = Chains(source, number)
    return _OpenReport(
        id_, chains, beside, patient_record_id, status, version, inbox_id, released_at, comment, is_new, columns
    )


def _check_patients(claims: Iterable[ReportClaim], opened: dict[Name, _OpenReport]) -> None:
    """A report stays on the record it was made for; the sender may have merged that with the one it names now."""
    pairs = [(one.inbox_id, opened[_name(one)].patient_record_id, one.patient_record_id) for one in claims]
    wrong = [inbox_id for inbox_id, own, named in pairs if own != named and not is_one_person(own, named)]
    if wrong:
        raise ReportOfAnotherPatient(
            "the report of this number (OBR-3) belongs to another patient of the sender", tuple(wrong)
        )


def _check_changed_back(claims: Sequence[ReportClaim], done: Sequence[Applied]) -> None:
    contested = [claim.inbox_id for claim, applied in zip(claims, done, strict=True) if applied.contested]
    if contested:
        raise ChangedBack("an earlier version of a result said the same and was replaced since", tuple(contested))


def _load_versions(reports: Sequence[_OpenReport]) -> None:
    """Give each report the versions that are stored of its results."""
    if not reports:
        return
    by_id = {one.id: one for one in reports}
    for report_id, *row in fetch_rows(statements.VERSIONS, [list(by_id)]):
        chains = by_id[report_id].chains.by_key
        version = _version(row)
        chain = chains.setdefault(version.key, [])
        version.replaces = chain[-1] if chain else None
        chain.append(version)


def _version(row: Sequence[object]) -> Version:
    """Make a version of a stored row; what is told by its key only is left blank."""
    id_, inbox_id, key, number, is_current, status, marks, *values = row
    said = dict(zip(statements.OF_DRAFT, values, strict=True))
    said["marks"] = () if marks == NO_MARKS else tuple(json.loads(marks))  # type: ignore[arg-type]  # JSON as text
    draft = ResultDraft(code_system="", sub_id="", specimen="", status=status, **said)  # type: ignore[arg-type]  # by name
    return Version(key, number, status, inbox_id, draft, is_current=is_current, id=id_, is_stored=True)  # type: ignore[arg-type]  # columns of the statement


def _write_versions(reports: Sequence[_OpenReport]) -> None:
    """Write new versions by one COPY, tell stored ones what replaced them or what they replace, and seal."""
    touched = [(report, version) for report in reports for chain in report.chains.by_key.values() for version in chain]
    new = [(report, version) for report, version in touched if not version.is_stored]
    told = [one for report in reports for one in report.told]
    if not new and not told:
        return
    new.sort(key=lambda pair: pair[1].inbox_id)
    keys = next_keys(len(new) + len(told))
    for (_report, version), key in zip(new, keys, strict=False):
        version.id = key
    write = _RowWriter()
    copy_rows("results_result", statements.OF_RESULT, (write.row(report, version) for report, version in new))
    _change_results([pair for pair in touched if pair[1].is_stored and pair[1].is_changed])
    seal_versions(told, keys[len(new) :])


@dataclass(slots=True)
class _RowWriter:
    """Makes rows for COPY. Most results of a message share their times, and to write a time takes longest."""

    _texts: dict[int, str] = field(default_factory=dict)

    def row(self, report: _OpenReport, version: Version) -> tuple[object, ...]:
        draft = version.draft
        return (
            version.id,
            report.patient_record_id,
            report.id,
            version.inbox_id,
            version.key,
            version.number,
            version.replaces.id if version.replaces else None,
            version.is_current,
            version.status,
            _marks(draft.marks),
            *_values(draft),
            *map(self._text, _times(draft)),
            draft.resource_id,
        )

    def _text(self, moment: dt.datetime | None) -> str | None:
        """Return a time as PostgreSQL reads it. The drafts keep the times, so that each has a number of its own."""
        if moment is None:
            return None
        if (text := self._texts.get(id(moment))) is None:
            text = self._texts[id(moment)] = moment.isoformat()
        return text


def _marks(marks: Marks) -> str:
    return json.dumps(list(marks), ensure_ascii=False) if marks else NO_MARKS


def _change_results(changed: Sequence[tuple[_OpenReport, Version]]) -> None:
    if not changed:
        return
    parameters: dict[str, Any] = {
        "patient_record_id": [report.patient_record_id for report, _ in changed],
        "id": [version.id for _, version in changed],
        "is_current": [version.is_current for _, version in changed],
        "replaces": [version.replaces.id if version.replaces else None for _, version in changed],
    }
    change_rows(statements.CHANGE_RESULTS, parameters)


def _change_reports(reports: Sequence[_OpenReport]) -> None:
    if not reports:
        return
    blank = dict.fromkeys(TEXTS, "") | dict.fromkeys(TIMES)
    parameters: dict[str, list[object]] = {
        "id": [one.id for one in reports],
        "status": [one.status for one in reports],
        "version": [one.version for one in reports],
        "inbox_id": [one.inbox_id for one in reports],
        **_columns([blank | one.said for one in reports]),
    }
    change_rows(statements.CHANGE_REPORTS, parameters)


def _stored(applied: Applied) -> Stored:
    return Stored(
        new=tuple(one.id for one in applied.new),
        changed=tuple(one.id for one in applied.changed),
        corrected=tuple(one.id for one in applied.corrected),
        joined=tuple(one.id for one in applied.joined),
        unchanged=applied.unchanged,
        overtaken=applied.overtaken,
        unfounded=applied.unfounded,
        is_commented=applied.is_commented,
        documents=applied.documents,
    )


def _fields(draft: ReportDraft) -> dict[str, object]:
    """Return the report's own fields, cut to their columns."""
    texts = {name: storable(getattr(draft, name), length) for name, length in TEXTS.items()}
    return texts | {name: getattr(draft, name) for name in TIMES}


def _columns(rows: Sequence[dict[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in (*TEXTS, *TIMES)}


def _name(claim: ReportClaim) -> Name:
    return claim.draft.source, claim.draft.number
