"""As of when an export is true: one view of the database, and the instant before which nothing is missing from it.

A row bears the time at which it was written, and is seen when its transaction is committed, which may be later. So the
instant that an export names is not that at which it begins, but that at which the oldest transaction began which had
not ended then. Whoever asks for what changed since that instant gets what was committed late as well.

Some rows bear a time that is older than their writing: that of the message that they follow. Of these the next export
asks by transactions, which the server counts; it needs the count of the export before, which is kept with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from lienthong.exchange.bulk.models import BulkExport
from lienthong.results.search.conditions import ChangedSince

LOCK = 0x4C544558  # the first half of the advisory lock of an export, so that no other use of such locks meets it
# Other exports only read: what they see is written by nobody who is not seen here as well. Of other databases of the
# server nobody writes here, so that their transactions, however long they last, keep nothing back.
_BEGUN = """
SELECT least(clock_timestamp(), min(xact_start) FILTER (WHERE datname = current_database()
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s))),
  coalesce(array_agg(backend_xid::text) FILTER (WHERE datname <> current_database() AND backend_xid IS NOT NULL), '{}')
FROM pg_stat_activity
"""
# A view of the database counts the transactions of the whole server. The oldest that runs here, or may, is the horizon:
# one that is of no session (a prepared one) or began since the sessions were asked counts as one of ours.
_COUNTED = """
SELECT coalesce(
    (SELECT min(running::text::bigint) FROM pg_snapshot_xip(pg_current_snapshot()) AS running
     WHERE running::xid::text <> ALL(%s)),
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint),
  pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
  (SELECT system_identifier FROM pg_control_system())
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`at` is the instant before which nothing is missing; `horizon` and `newest` count transactions of `cluster`."""

    at: dt.datetime
    horizon: int
    newest: int
    cluster: int

    def changed_since(self, since: dt.datetime) -> ChangedSince:
        """Return the condition to have changed since an instant.

        Where that is the instant of an earlier export, all counts that was not seen by that; where the database was
        restored since on another server, whose transactions are other ones, everything does.
        """
        known = BulkExport.objects.filter(transaction_time=since).values_list("horizon", "cluster")
        before = [(horizon or 0, cluster) for horizon, cluster in known]
        if not before:
            return ChangedSince(since)
        is_same = all(cluster == self.cluster for _horizon, cluster in before)
        return ChangedSince(since, min(horizon for horizon, _cluster in before) if is_same else 0, self.newest)


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Read one view of the database until the end, whatever is written meanwhile; needs to be outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGUN, [LOCK])
        begun, elsewhere = cursor.fetchone()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1.0")  # all rows are wanted, not the first ones soon
        cursor.execute(_COUNTED, [elsewhere])
        horizon, newest, cluster = cursor.fetchone()
        yield Snapshot(begun.replace(microsecond=begun.microsecond // 1000 * 1000), horizon, newest, cluster)
