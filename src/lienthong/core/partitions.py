"""Monthly partitions of the tables at message rate. The default partition takes what no month was made for."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.special import RunSQL

from lienthong.core.timekey import first_key

PARTITIONED = ("core_audit_event", "results_inbox", "results_result", "results_report_version")


def create_table(name: str, columns: str, *, indexes: tuple[str, ...] = ()) -> Operation:
    """Return the migration operation that makes a table partitioned by range of its key `id`."""
    create = f"CREATE TABLE {name} ({columns}) PARTITION BY RANGE (id)"
    default = f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT"
    return RunSQL([create, default, *indexes], [f"DROP TABLE {name}"])


def ensure_months(*, on: dt.date, ahead: int = 2) -> list[str]:
    """Make the partitions of this month and of `ahead` months to come; return the names of those made."""
    made = []
    for month in _months(on, ahead + 1):
        bounds = [first_key(dt.datetime(day.year, day.month, 1, tzinfo=dt.UTC)) for day in (month, _next(month))]
        made += [name for table in PARTITIONED if (name := _make(table, month, bounds[0], bounds[1]))]
    return made


def _make(table: str, month: dt.date, start: int, end: int) -> str | None:
    """Make one month of one table, unless it stands or the default partition already holds rows of it."""
    name = f"{table}_{month:%Y_%m}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")  # a month can wait, the tables' readers and writers can't
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0]:
            return None
        cursor.execute(f"SELECT 1 FROM {table}_default WHERE id >= %s AND id < %s LIMIT 1", [start, end])  # noqa: S608
        if cursor.fetchone():
            return None
        cursor.execute(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ({start}) TO ({end})")
    return name


def _months(on: dt.date, count: int) -> list[dt.date]:
    months = [on.replace(day=1)]
    while len(months) < count:
        months.append(_next(months[-1]))
    return months


def _next(month: dt.date) -> dt.date:
    return (month.replace(day=28) + dt.timedelta(days=7)).replace(day=1)
