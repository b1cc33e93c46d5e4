"""Making exports in the background: the row of an export is itself the queue.

Who makes one holds a session's advisory lock, which ends with the connection, whatever kills it; then another begins it
anew. A row is complete when its files are whole and on the disk, and not before.
"""

from __future__ import annotations

import datetime as dt
import errno
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from lienthong.core.actions import system_user
from lienthong.core.turns import alone
from lienthong.errors import LienthongError
from lienthong.exchange.bulk.actions import begin_export, fail_export, finish_export
from lienthong.exchange.bulk.files import ExportFiles
from lienthong.exchange.bulk.making import make_export
from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.bulk.snapshot import LOCK

log = logging.getLogger(__name__)

EXPORTER = "exports"
MOST_ATTEMPTS = 5
EVERY_SECONDS = 1.0
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
_FULL = (errno.ENOSPC, errno.EDQUOT)
# Those that wait, and those whose maker is gone: nobody holds their lock.
_WAITING = """
SELECT id FROM exchange_bulkexport e WHERE state = 'waiting' OR (state = 'running' AND NOT EXISTS (
  SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = e.id %% 2147483648
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)) ORDER BY id
"""
_PROGRESS = """
UPDATE exchange_bulkexport SET doing = %s, written = %s WHERE id = %s AND state = 'running' AND attempt = %s
"""


class Removed(LienthongError):
    """The export that is being made was removed, or another has begun it anew."""

    code = "export-removed"


def waiting_exports() -> list[int]:
    """Return the exports that nobody is making, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [LOCK])
        return [row[0] for row in cursor.fetchall()]


def work_exports(clock: Callable[[], dt.datetime], *, files: ExportFiles | None = None) -> list[BulkExport]:
    """Make all exports that wait, oldest first; return those that were in hand here, as they are now."""
    files = files or ExportFiles.of_installation()
    done = [one for one in waiting_exports() if _work(one, clock, files)]
    return list(BulkExport.objects.filter(pk__in=done).order_by("pk"))


def _work(export_id: int, clock: Callable[[], dt.datetime], files: ExportFiles) -> bool:
    """Make one export; False where another is at it, or nothing is to do."""
    by = system_user(EXPORTER)
    with alone(LOCK, export_id) as is_alone:
        row = begin_export(export_id, most_attempts=MOST_ATTEMPTS, by=by, at=clock()) if is_alone else None
        if row is None:
            return False
        reason = _make(row, clock, files)
        if reason:
            fail_export(row, reason, by=by, at=clock())
        if not BulkExport.objects.filter(pk=row.pk, state=BulkExport.State.COMPLETE).exists():
            files.remove(row.key)
    return True


def _make(row: BulkExport, clock: Callable[[], dt.datetime], files: ExportFiles) -> str:
    """Make an export and let it be fetched; return why it failed, or nothing."""
    try:
        folder = files.begin(row.key, row.attempt)
        with _Progress.beside(row) as progress:
            made = make_export(row, folder, at=clock(), on_progress=progress.tell)
        files.settle(row.key, row.attempt)
        finish_export(row, made, by=system_user(EXPORTER), at=clock())
    except Removed:
        return ""
    except OSError as error:
        log.error("export %s could not be written: %s", row.key, error.strerror)
        return "no-room" if error.errno in _FULL else "not-written"
    except LienthongError as error:
        log.error("export %s could not be made: %s", row.key, error.code)
        return error.code
    except UNFORESEEN as error:
        log.error("export %s could not be made: %s", row.key, type(error).__name__)
        return "unforeseen"
    return ""


@dataclass(slots=True)
class _Progress:
    """Tells how far an export is by a connection of its own: that of the export reads an older view."""

    row: BulkExport
    beside_it: BaseDatabaseWrapper
    told_at: float = 0.0

    @classmethod
    def beside(cls, row: BulkExport) -> _Progress:
        return cls(row, connection.copy())

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_error: object) -> None:
        self.beside_it.close()

    def tell(self, kind: str, written: int) -> None:
        """Write the type and the count, once a second at most; raise Removed where there is nothing to go on with."""
        now = time.monotonic()
        if now - self.told_at < EVERY_SECONDS:
            return
        self.told_at = now
        with self.beside_it.cursor() as cursor:
            cursor.execute(_PROGRESS, [kind, written, self.row.pk, self.row.attempt])
            if not cursor.rowcount:
                raise Removed("the export was removed")
