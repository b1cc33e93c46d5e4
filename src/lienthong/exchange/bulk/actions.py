"""An export is asked for, told how far it is, finished, removed; each end of it is an event of the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from lienthong.core import audit
from lienthong.core.access import OVERSIGHT_EXPORT
from lienthong.core.limits import export_lifetime
from lienthong.core.models import User
from lienthong.exchange.bulk.asking import Wish
from lienthong.exchange.bulk.files import ExportFiles
from lienthong.exchange.bulk.making import Made
from lienthong.exchange.bulk.models import BulkExport, BulkFile
from lienthong.exchange.bulk.states import State, move
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import NotHere, TooMany

KIND = "bulk-export"
# Of one system: at work or waiting, and with files that it has not removed.
MOST_AT_WORK, MOST_KEPT = 2, 20
AT_ONCE = 10_000  # reads that are written to the audit log by one statement
RETRY_SECONDS = 120


@transaction.atomic
def ask_for_export(
    wish: Wish, *, kinds: Sequence[str], request: str, caller: FhirCaller, by: User, at: dt.datetime
) -> BulkExport:
    """Write down an export for the worker, of some kinds; `request` is the address by which it was asked for.

    Raises ScopeMissing for a kind that the system may not read, TooMany where it has as many exports as it may have.
    """
    client = caller.caller
    for kind in kinds:
        check_scopes(caller, kind)
    User.objects.select_for_update().get(pk=client.user.pk)  # so that two requests are not counted at once
    _check_room(client.client_id)
    row = BulkExport.objects.create(
        client_id=client.client_id,
        client_name=client.name,
        facility=client.facility,
        user=client.user,
        reader=caller.reader,
        is_oversight=OVERSIGHT_EXPORT in client.scopes,
        kinds=list(kinds),
        since=wish.since,
        request=request,
        told=[list(one) for one in wish.told],
        state=State.WAITING,
        asked_at=at,
    )
    detail = {"kinds": " ".join(kinds), "since": wish.since.isoformat() if wish.since else ""}
    _tell("ask-for-export", row, by=by, at=at, detail=detail | {"names_patients": not row.is_oversight})
    return row


@transaction.atomic
def remove_export(key: UUID, *, client_id: str, files: ExportFiles, by: User, at: dt.datetime) -> None:
    """Stop an export, or delete the files of one that is finished; raise NotHere where the system has no such."""
    row = BulkExport.objects.select_for_update().of_client(client_id).filter(key=key).first()
    if row is None:
        raise NotHere.because("not-found", "there is no such export, or its files were deleted")
    was = row.state
    move(row, State.REMOVED)
    row.finished_at = row.finished_at or at
    row.save(update_fields=["state", "finished_at"])
    _tell("remove-export", row, by=by, at=at, detail={"was": was})
    transaction.on_commit(lambda: files.remove(key))


@transaction.atomic
def begin_export(export_id: int, *, most_attempts: int, by: User, at: dt.datetime) -> BulkExport | None:
    """Take an export in hand, which must not be another's; None where nothing is to do any more.

    One that was interrupted too often is given up: what kills a worker each time must not keep it from all others.
    """
    row = BulkExport.objects.select_for_update().unfinished().filter(pk=export_id).first()
    if row is None:
        return None
    move(row, State.RUNNING)
    if row.attempt >= most_attempts:
        _fail(row, "interrupted", by=by, at=at)
        return None
    row.attempt, row.started_at, row.written, row.doing = row.attempt + 1, at, 0, ""
    row.save(update_fields=["state", "attempt", "started_at", "written", "doing"])
    return row


@transaction.atomic
def finish_export(export: BulkExport, made: Made, *, by: User, at: dt.datetime) -> bool:
    """Let the files of an export be fetched; False where it was removed meanwhile.

    What was read stands in the audit log when the first file can be fetched: one event of the export, and one of each
    patient record, as of any other read.
    """
    row = _of_attempt(export)
    if row is None:
        return False
    move(row, State.COMPLETE)
    counts = made.counts()
    row.transaction_time, row.horizon, row.cluster = made.snapshot.at, made.snapshot.horizon, made.snapshot.cluster
    row.finished_at, row.expires_at = at, at + export_lifetime()
    row.written, row.doing = sum(counts.values()), ""
    row.patients = _note_reads(row, made, at=at)
    row.save()
    BulkFile.objects.bulk_create(
        BulkFile(export=row, **{name: getattr(one, name) for name in one.__slots__}) for one in made.files
    )
    detail: dict[str, str | int] = {**counts, "patients": row.patients, "facilities": " ".join(made.facilities)}
    _tell("finish-export", row, by=by, at=at, detail=detail)
    return True


@transaction.atomic
def fail_export(export: BulkExport, reason: str, *, by: User, at: dt.datetime) -> None:
    """Give an export up; whoever asked for it is told why."""
    if row := _of_attempt(export):
        _fail(row, reason, by=by, at=at)


def forget_expired_exports(*, files: ExportFiles, by: User, at: dt.datetime) -> int:
    """Delete the files whose time is over, and those that nobody can fetch any more; return how many exports ended."""
    ended = BulkExport.objects.filter(state__in=[State.COMPLETE, State.FAILED], expires_at__lte=at)
    count = sum(_expire(pk, by=by, at=at) for pk in list(ended.values_list("pk", flat=True)))
    there = files.keys()
    alive = BulkExport.objects.filter(key__in=there, state__in=[State.WAITING, State.RUNNING, State.COMPLETE])
    for key in {*there} - {*alive.values_list("key", flat=True)}:
        files.remove(key)
    return count


def check_scopes(caller: FhirCaller, kind: str) -> None:
    """Raise ScopeMissing unless the token lets all of a kind be found and read."""
    caller.check(kind, "r")
    caller.check(kind, "s")


def _note_reads(row: BulkExport, made: Made, *, at: dt.datetime) -> int:
    """Write the reads of patient records, many at once; return how many."""
    count = 0
    for relation, records in made.records.items():
        for some in records.some_at_a_time(AT_ONCE):
            count += len(some)
            of: tuple[str, object, str] = (KIND, row.key, relation)
            audit.record_reads(dict.fromkeys(some, of), by=row.user, at=at, facility=row.facility)
    return count


def _expire(export_id: int, *, by: User, at: dt.datetime) -> bool:
    with transaction.atomic():
        row = BulkExport.objects.select_for_update().get(pk=export_id)
        if row.state not in (State.COMPLETE, State.FAILED):
            return False
        move(row, State.EXPIRED)
        row.save(update_fields=["state"])
        _tell("expire-export", row, by=by, at=at, detail={})
    return True


def _check_room(client_id: str) -> None:
    mine = BulkExport.objects.of_client(client_id)
    if mine.unfinished().count() >= MOST_AT_WORK:
        told = f"the system has {MOST_AT_WORK} exports at work: wait for one, or remove it (DELETE)"
        raise TooMany.after(RETRY_SECONDS, told)
    if mine.filter(state=State.COMPLETE).count() >= MOST_KEPT:
        told = f"the system has {MOST_KEPT} finished exports: remove those that it has fetched (DELETE)"
        raise TooMany.after(RETRY_SECONDS, told)


def _of_attempt(export: BulkExport) -> BulkExport | None:
    """Return the row, locked, if the export is still being made, and by this attempt."""
    rows = BulkExport.objects.select_for_update().filter(pk=export.pk, state=State.RUNNING, attempt=export.attempt)
    return rows.first()


def _fail(row: BulkExport, reason: str, *, by: User, at: dt.datetime) -> None:
    move(row, State.FAILED)
    row.reason, row.finished_at, row.doing = reason, at, ""
    row.expires_at = at + export_lifetime()
    row.save(update_fields=["state", "reason", "finished_at", "expires_at", "doing"])
    _tell("fail-export", row, by=by, at=at, detail={"reason": reason})


def _tell(action: str, row: BulkExport, *, by: User, at: dt.datetime, detail: Mapping[str, str | int]) -> None:
    told = {"system": row.client_id, **detail}
    audit.record(action, by=by, at=at, object_kind=KIND, object_key=row.key, facility=row.facility, detail=told)
