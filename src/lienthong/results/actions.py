"""Every write of results: receiving, claiming, storing a report, what became of a message, holding and replaying."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg import AsyncConnection

from lienthong.core import audit
from lienthong.core.bulk import change_rows, fetch_prepared
from lienthong.core.happenings import publish
from lienthong.core.models import User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.findings import Finding
from lienthong.results.imaging.tying import tie_to_reports
from lienthong.results.intake.inbox import (
    FINISH,
    LISTENER,
    RECEIVE,
    TAKE,
    Arrival,
    Waiting,
    findings_json,
    receive_parameters,
    storable,
)
from lienthong.results.models import HeldResult, InboxMessage
from lienthong.results.orders.specimens import keep_waiting, wait_no_longer, waiting_for_lane, waiting_for_orders
from lienthong.results.orders.writing import OrderDraft, StoredOrder, follow_reports, order_lock_name, store_orders
from lienthong.results.people.lock_names import patient_lock_name
from lienthong.results.people.patients import PatientClaim, PatientOutcome, write_patients
from lienthong.results.reports import statements
from lienthong.results.reports.backlog import seal_earlier
from lienthong.results.reports.drafts import (
    ChangedBack,
    DocumentDraft,
    HeldDraft,
    HeldOfMessage,
    Outcome,
    ReportClaim,
    ReportDraft,
    ReportOfAnotherPatient,
    ResultDraft,
    Stored,
    StoredReport,
)
from lienthong.results.reports.writing import write_reports
from lienthong.results.resources.changes import note_changes
from lienthong.results.resources.writing import (
    ResourceDraft,
    VersionConflict,
    WrittenResource,
    give_resources,
    name_reports,
    settle,
    settle_patients,
    write_resources,
)

__all__ = [
    "Arrival",
    "ChangedBack",
    "DocumentDraft",
    "HeldDraft",
    "HeldOfMessage",
    "OrderDraft",
    "Outcome",
    "PatientClaim",
    "PatientOutcome",
    "ReportClaim",
    "ReportDraft",
    "ReportOfAnotherPatient",
    "ResourceDraft",
    "ResultDraft",
    "Stored",
    "StoredOrder",
    "StoredReport",
    "VersionConflict",
    "Waiting",
    "WrittenResource",
    "affirm",
    "finish",
    "follow_reports",
    "free_results",
    "give_resources",
    "hold_for_orders",
    "hold_results",
    "lock_keys",
    "name_reports",
    "note_changes",
    "order_lock_name",
    "patient_lock_name",
    "receive",
    "receive_on",
    "refuse",
    "replay",
    "set_aside",
    "settle",
    "settle_patients",
    "store_orders",
    "store_patient",
    "store_patients",
    "store_reports",
    "store_resources",
    "take_lanes",
]

LARGEST_BATCH_BYTES = 16 * 1024 * 1024
# The texts of a held result and how many signs their columns take; the message keeps the whole.
HELD_TEXTS = {
    **dict.fromkeys(("position", "local_code", "local_system", "unit", "specimen", "reason"), 60),
    **{"position": 40, "local_name": 200, "loinc": 10, "reason": 40},
}


@transaction.atomic(savepoint=False)
def receive(arrivals: Sequence[Arrival], *, by: User, at: dt.datetime) -> list[int]:
    """Write messages to the inbox, all in one commit, and return their keys in order of arrival."""
    if not arrivals:
        return []
    parameters = receive_parameters(arrivals, at=at, actor=by.username, actor_label=by.full_name)
    return [row[0] for row in fetch_prepared(RECEIVE, parameters)]


async def receive_on(
    connection: AsyncConnection[tuple[object, ...]], arrivals: Sequence[Arrival], *, at: dt.datetime
) -> int:
    """Do the same on a listener's own connection, which must commit by itself; return how many were written."""
    if not arrivals:
        return 0
    parameters = receive_parameters(arrivals, at=at, actor=LISTENER, actor_label="Lienthong listener")
    cursor = await connection.execute(RECEIVE, parameters, prepare=True)
    return len(await cursor.fetchall())


def take_lanes(*, limit: int, by: User, largest: int = LARGEST_BATCH_BYTES) -> list[Waiting]:
    """Claim up to `limit` messages until the transaction ends, oldest first, each lane from its beginning.

    Other workers pass their lanes by. At most one message more than `largest` bytes comes.
    """
    _check_system(by)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"limit": limit, "largest": largest})
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [Waiting(**{**row, "raw": bytes(row["raw"])}) for row in rows]


def lock_keys(names: Iterable[str]) -> None:
    """Wait until no other worker writes the patients, numbers and reports named, until the transaction ends."""
    fetch_prepared(statements.LOCK, [list(names)])


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
        "actor": by.username,
        "actor_label": by.full_name,
        "first": outcomes[0].inbox_id,
        "counts": json.dumps(Counter(one.state for one in outcomes)),
    }
    change_rows(FINISH, parameters)


def store_patient(claim: PatientClaim, *, said_at: dt.datetime, by: User, at: dt.datetime) -> PatientOutcome:
    """Do what store_patients does for one claim."""
    return store_patients([claim], said_at=[said_at], by=by, at=at)[0]


@transaction.atomic(savepoint=False)
def store_patients(
    claims: Sequence[PatientClaim], *, said_at: Sequence[dt.datetime], by: User, at: dt.datetime
) -> list[PatientOutcome]:
    """Find or make the senders' records of patients; no record comes back where a person must say who it is."""
    _check_system(by)
    return write_patients(claims, said_at=said_at, at=at)


@transaction.atomic(savepoint=False)
def store_reports(claims: Sequence[ReportClaim], *, by: User, at: dt.datetime) -> list[StoredReport]:
    """Store reports and their results in the order of their messages; the same again changes nothing, changed content
    is a new version.

    Raises ReportOfAnotherPatient where numbers are those of other patients' reports, and ChangedBack where results say
    again what was replaced since.
    """
    _check_system(by)
    stored = write_reports(claims, at=at)
    if stored:
        tie_to_reports({one.report_id for one in stored}, at=at)
    publish("result-changed", [key for one in stored for key in one.results.corrected], at=at)
    return stored


@transaction.atomic(savepoint=False)
def store_resources(drafts: Sequence[ResourceDraft], *, by: User) -> list[WrittenResource]:
    """Store resources as received, each once; the same again changes nothing, other content is a new version.

    Raises VersionConflict where one has not the version that it must have.
    """
    _check_system(by)
    return write_resources(drafts)


@transaction.atomic(savepoint=False)
def hold_results(messages: Sequence[HeldOfMessage], *, by: User, at: dt.datetime) -> None:
    """Write which results of messages wait, and release those that waited and wait no longer."""
    _check_system(by)
    if not messages:
        return
    held = [(message, one) for message in messages for one in message.results]
    parameters: dict[str, Any] = {
        "at": at,
        "messages": [message.inbox_id for message in messages],
        "inbox_id": [message.inbox_id for message, _ in held],
        "source": [message.source for message, _ in held],
        "number": [one.number for _, one in held],
        "asked_on": [one.asked_on for _, one in held],
        **{name: [storable(getattr(one, name), length) for _, one in held] for name, length in HELD_TEXTS.items()},
    }
    change_rows(statements.RELEASE, parameters)
    if held:
        change_rows(statements.HOLD, parameters)


@transaction.atomic(savepoint=False)
def hold_for_orders(
    waits: Collection[tuple[int, int, str]], *, tried: Collection[int], by: User, at: dt.datetime
) -> None:
    """Write which messages wait for an order, as message, facility and what they wait for: the number of a specimen or
    an order, or the lane of an order. What was written of the messages `tried` before is gone.
    """
    _check_system(by)
    keep_waiting(waits, of=tried)


@transaction.atomic(savepoint=False)
def free_results(order_ids: Collection[int], *, by: User, at: dt.datetime) -> int:
    """Send through the worker again what waits for any number of some orders; return how many messages go."""
    _check_system(by)
    waiting = waiting_for_orders(order_ids)
    return replay(waiting, by=by, at=at) if waiting else 0


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
def affirm(inbox_id: int, *, why: str, by: User, at: dt.datetime) -> int:
    """Let a message that is held as changed back be stored as a correction, for the reason that a person tells in
    words; return 1, as `replay` does.

    The caller checks that `by` may act for its sender. Raises NotFound, and Conflict where it is not held for that.
    """
    row = InboxMessage.objects.select_for_update().filter(id=inbox_id).first()
    if row is None:
        raise NotFound("there is no such message")
    if (row.state, row.reason) != (InboxMessage.State.HELD, ChangedBack.code):
        raise Conflict("only a message that is held as changed back can be affirmed")
    row.affirmed_at = at
    row.save(update_fields=["affirmed_at"])
    audit.record("affirm", by=by, at=at, object_kind="inbox", object_key=inbox_id, detail={"why": why})
    return replay([inbox_id], by=by, at=at)


@transaction.atomic
def refuse(inbox_ids: Collection[int], finding: Finding, *, by: User, at: dt.datetime) -> int:
    """Let held and refused messages stand as refused for another reason; return how many."""
    rows = InboxMessage.objects.filter(id__in=list(inbox_ids), state__in=("held", "rejected"))
    count = rows.update(state=InboxMessage.State.REJECTED, reason=finding.code, findings=[asdict(finding)])
    if count:
        detail: dict[str, Any] = {"messages": count, "reason": finding.code}
        audit.record("refuse", by=by, at=at, object_kind="inbox", object_key=min(inbox_ids), detail=detail)
    return count


@transaction.atomic
def set_aside(inbox_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Close a held message for good with a reason in words; it stays in the inbox and its lane goes on.

    Where it was about an order, the results that waited for that are tried again.
    """
    row = InboxMessage.objects.select_for_update().filter(id=inbox_id).first()
    if row is None:
        raise NotFound(_("There is no such message."))
    if row.state != InboxMessage.State.HELD:
        raise Conflict(_("Only a held message can be set aside, and this one is not held any more."))
    row.state, row.reason, row.processed_at = InboxMessage.State.REJECTED, "set-aside", at
    row.save(update_fields=["state", "reason", "processed_at"])
    HeldResult.objects.filter(inbox_id=inbox_id, released_at=None).update(released_at=at)
    audit.record("set-aside", by=by, at=at, object_kind="inbox", object_key=inbox_id, detail={"why": why})
    wait_no_longer(inbox_id)
    if waiting := waiting_for_lane(row.lane):
        replay(waiting, by=by, at=at)


@transaction.atomic
def seal_earlier_reports(*, by: User, limit: int = 500) -> int:
    """Seal reports that were stored before there was a log, for the log; return how many, 0 when all are."""
    _check_system(by)
    return seal_earlier(limit)


def _check_system(by: User) -> None:
    if not by.is_system:
        raise NotAllowed("results are written by workers only")
