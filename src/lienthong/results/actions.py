"""Every write of results: receiving, claiming, storing a report, what became of a message, holding and replaying."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from psycopg import AsyncConnection

from lienthong.core import audit
from lienthong.core.happenings import publish
from lienthong.core.models import User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.findings import Finding
from lienthong.results.inbox import (
    LISTENER,
    RECEIVE,
    TAKE,
    Arrival,
    Waiting,
    findings_json,
    receive_parameters,
    storable,
)
from lienthong.results.models import HeldResult, InboxMessage, Report
from lienthong.results.patients import PatientClaim, PatientOutcome, write_patient, write_patients
from lienthong.results.versions import ResultDraft, Stored, write_versions

__all__ = [
    "Arrival",
    "HeldDraft",
    "Outcome",
    "PatientClaim",
    "PatientOutcome",
    "ReportDraft",
    "ReportOfAnotherPatient",
    "ResultDraft",
    "StoredReport",
    "Waiting",
    "finish",
    "hold_results",
    "lock_keys",
    "receive",
    "receive_on",
    "replay",
    "set_aside",
    "store_patient",
    "store_patients",
    "store_report",
    "take_lanes",
]

_FINISH = """
UPDATE results_inbox SET
  state = CASE WHEN done.state = 'duplicate' AND results_stored > 0 THEN 'stored' ELSE done.state END,
  reason = done.reason, findings = done.findings::jsonb, results_stored = results_stored + done.stored,
  results_held = done.held, attempts = attempts + 1, processed_at = %(at)s,
  source = coalesce(nullif(done.source, ''), results_inbox.source)
FROM unnest(%(id)s::bigint[], %(state)s::text[], %(reason)s::text[], %(findings)s::text[], %(stored)s::int[],
            %(held)s::int[], %(source)s::text[]) AS done(id, state, reason, findings, stored, held, source)
WHERE results_inbox.id = done.id
"""
# Every transaction takes its locks in one order, so that no two wait for each other.
_LOCK = "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest(%s::text[]) AS name ORDER BY 1) AS keys"  # noqa: E501


class ReportOfAnotherPatient(Conflict):
    code = "report-of-another-patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """A report as a message gives it, with its results coded."""

    source: str
    facility_id: int
    number: str
    placer_number: str = ""
    service: str = ""
    requester: str = ""
    specimen: str = ""
    status: str
    collected_at: dt.datetime | None = None
    received_at: dt.datetime | None = None
    released_at: dt.datetime | None = None
    results: tuple[ResultDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredReport:
    report_id: int
    results: Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDraft:
    """A result that waits for a mapping; `asked_on` is the day for which the mapping must hold."""

    position: str
    local_code: str
    local_system: str = ""
    local_name: str = ""
    loinc: str = ""
    unit: str = ""
    specimen: str = ""
    number: Decimal | None = None
    asked_on: dt.date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a claimed message; `source` where the sender was not known before."""

    inbox_id: int
    source: str = ""
    state: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    results_stored: int = 0
    results_held: int = 0


@transaction.atomic
def receive(arrivals: Sequence[Arrival], *, by: User, at: dt.datetime) -> list[int]:
    """Write messages to the inbox, all in one commit, and return their keys in order of arrival."""
    if not arrivals:
        return []
    parameters = receive_parameters(arrivals, at=at, actor=by.username, actor_label=by.full_name)
    with connection.cursor() as cursor:
        cursor.execute(RECEIVE, parameters)
        return [row[0] for row in cursor.fetchall()]


async def receive_on(
    connection: AsyncConnection[tuple[object, ...]], arrivals: Sequence[Arrival], *, at: dt.datetime
) -> int:
    """Do the same on a listener's own connection, which must commit by itself; return how many were written."""
    if not arrivals:
        return 0
    parameters = receive_parameters(arrivals, at=at, actor=LISTENER, actor_label="Lienthong listener")
    cursor = await connection.execute(RECEIVE, parameters, prepare=True)
    return len(await cursor.fetchall())


def take_lanes(*, limit: int, by: User) -> list[Waiting]:
    """Claim the heads of up to `limit` lanes until the transaction ends, oldest first; other workers pass them by."""
    _check_system(by)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"limit": limit})
        names = ("id", "source", "sender", "lane", "control_id", "message_type", "raw", "received_at", "attempts")
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [Waiting(**{**row, "raw": bytes(row["raw"])}) for row in rows]


def lock_keys(names: Iterable[str]) -> None:
    """Wait until no other worker writes the patients, numbers and reports named, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(names)])


@transaction.atomic(savepoint=False)
def finish(outcomes: Sequence[Outcome], *, by: User, at: dt.datetime) -> None:
    """Write what became of claimed messages, with one audit event for the batch."""
    if not outcomes:
        return
    parameters: dict[str, Any] = {
        "at": at,
        "id": [one.inbox_id for one in outcomes],
        "state": [one.state for one in outcomes],
        "reason": [one.reason for one in outcomes],
        "findings": [findings_json(one.findings) for one in outcomes],
        "stored": [one.results_stored for one in outcomes],
        "held": [one.results_held for one in outcomes],
        "source": [one.source for one in outcomes],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, parameters)
    states = [one.state for one in outcomes]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    audit.record("process", by=by, at=at, object_kind="inbox", object_key=outcomes[0].inbox_id, detail=counts)


@transaction.atomic(savepoint=False)
def store_patient(claim: PatientClaim, *, said_at: dt.datetime, by: User, at: dt.datetime) -> PatientOutcome:
    """Find or make the sender's record of a patient; no record comes back where a person must say who it is."""
    _check_system(by)
    return write_patient(claim, said_at=said_at, at=at)


@transaction.atomic(savepoint=False)
def store_patients(
    claims: Sequence[PatientClaim], *, said_at: Sequence[dt.datetime], by: User, at: dt.datetime
) -> list[PatientOutcome]:
    """Do the same for many claims by a few statements; they act in their order."""
    _check_system(by)
    return write_patients(claims, said_at=said_at, at=at)


@transaction.atomic(savepoint=False)
def store_report(
    draft: ReportDraft, *, patient_record_id: int, inbox_id: int, by: User, at: dt.datetime
) -> StoredReport:
    """Store a report and its results; the same again changes nothing, changed content is a new version.

    Raises ReportOfAnotherPatient where the number is that of another patient's report.
    """
    _check_system(by)
    report = _report(draft, patient_record_id, inbox_id)
    stored = write_versions(
        draft.results,
        source=draft.source,
        number=draft.number,
        patient_record_id=patient_record_id,
        report_id=report.pk,
        inbox_id=inbox_id,
    )
    _bring_up_to_date(report, draft, inbox_id, has_changed=bool(stored.new or stored.changed))
    publish("result-changed", stored.corrected, at=at)
    return StoredReport(report.pk, stored)


@transaction.atomic(savepoint=False)
def hold_results(inbox_id: int, held: Sequence[HeldDraft], *, source: str, by: User, at: dt.datetime) -> None:
    """Write which results of a message wait, and release those that waited and wait no longer."""
    _check_system(by)
    still = {one.position for one in held}
    HeldResult.objects.filter(inbox_id=inbox_id, released_at=None).exclude(position__in=still).update(released_at=at)
    names = ("local_code", "local_system", "local_name", "loinc", "unit", "specimen", "number", "asked_on", "reason")
    for one in held:
        values = {name: _fitted(name, getattr(one, name)) for name in names}
        HeldResult.objects.update_or_create(
            inbox_id=inbox_id,
            position=one.position,
            defaults={**values, "source": source, "released_at": None},
            create_defaults={**values, "source": source, "held_at": at},
        )


@transaction.atomic
def replay(inbox_ids: Collection[int], *, by: User, at: dt.datetime) -> int:
    """Send held or refused messages, and stored ones with results that wait, through the worker again, in order.

    The caller checks that `by` may act for their senders. Returns how many go.
    """
    rows = InboxMessage.objects.filter(id__in=list(inbox_ids)).select_for_update().order_by("id")
    ids = [row.id for row in rows if row.state in ("held", "rejected") or row.results_held]
    if ids:
        InboxMessage.objects.filter(id__in=ids).update(state=InboxMessage.State.RECEIVED, reason="")
        audit.record("replay", by=by, at=at, object_kind="inbox", object_key=ids[0], detail={"messages": len(ids)})
    return len(ids)


@transaction.atomic
def set_aside(inbox_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Close a held message for good with a reason in words; it stays in the inbox and its lane goes on."""
    row = InboxMessage.objects.select_for_update().filter(id=inbox_id).first()
    if row is None:
        raise NotFound("there is no such message")
    if row.state != InboxMessage.State.HELD:
        raise Conflict(f"only a held message can be set aside, but this one is {row.get_state_display()}")
    row.state, row.reason, row.processed_at = InboxMessage.State.REJECTED, "set-aside", at
    row.save(update_fields=["state", "reason", "processed_at"])
    HeldResult.objects.filter(inbox_id=inbox_id, released_at=None).update(released_at=at)
    audit.record("set-aside", by=by, at=at, object_kind="inbox", object_key=inbox_id, detail={"why": why})


def _check_system(by: User) -> None:
    if not by.is_system:
        raise NotAllowed("results are written by workers only")


def _fitted(name: str, value: object) -> object:
    """Cut a text of a held result to its column; the message keeps the whole."""
    limits = {"local_name": 200, "loinc": 10}
    return storable(value, limits.get(name, 60)) if isinstance(value, str) else value


def _report(draft: ReportDraft, patient_record_id: int, inbox_id: int) -> Report:
    """Return the report's locked row, made if it is new; the worker holds the lock of its name."""
    report = Report.objects.select_for_update().filter(source=draft.source, number=draft.number).first()
    if report is None:
        return Report.objects.create(
            source=draft.source,
            number=draft.number,
            facility_id=draft.facility_id,
            patient_record_id=patient_record_id,
            status=draft.status,
            version=0,
            inbox_id=inbox_id,
        )
    if report.patient_record_id != patient_record_id:
        raise ReportOfAnotherPatient("the report of this number (OBR-3) belongs to another patient of the sender")
    return report


def _bring_up_to_date(report: Report, draft: ReportDraft, inbox_id: int, *, has_changed: bool) -> None:
    """Take over the report's own fields from its latest message; what that leaves blank stays."""
    if inbox_id < report.inbox_id or not has_changed:
        Report.objects.filter(pk=report.pk).update(version=F("version") + (1 if has_changed else 0))
        return
    names = ("placer_number", "service", "requester", "specimen", "collected_at", "received_at", "released_at")
    said = {name: getattr(draft, name) for name in names if getattr(draft, name)}
    limits = {"placer_number": 100, "specimen": 60}
    fitted = {
        name: storable(value, limits.get(name, 200)) if isinstance(value, str) else value
        for name, value in said.items()
    }
    version = report.version + 1
    status = draft.status if version == 1 or draft.status == Report.Status.WITHDRAWN else _later_status(report, draft)
    Report.objects.filter(pk=report.pk).update(**fitted, status=status, version=version, inbox_id=inbox_id)


def _later_status(report: Report, draft: ReportDraft) -> str:
    """A report that was final and changed is a corrected one."""
    was_final = report.status in (Report.Status.FINAL, Report.Status.CORRECTED, Report.Status.WITHDRAWN)
    return Report.Status.CORRECTED if was_final else draft.status
