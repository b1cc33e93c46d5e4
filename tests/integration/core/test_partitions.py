"""Monthly partitions: made ahead, once, and never over rows that the default partition already holds."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from lienthong.core.partitions import PARTITIONED, ensure_months

pytestmark = pytest.mark.django_db

ON = dt.date(2031, 11, 22)


def partitions(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table])
        return {row[0] for row in cursor.fetchall()}


def test_months_are_made_ahead_over_the_turn_of_the_year_and_only_once() -> None:
    made = ensure_months(on=ON, ahead=2)
    again = ensure_months(on=ON, ahead=2)

    assert made == [f"{table}_{month}" for month in ("2031_11", "2031_12", "2032_01") for table in PARTITIONED]
    assert again == []
    assert {f"results_inbox_{month}" for month in ("2031_11", "2031_12", "2032_01")} <= partitions("results_inbox")


def test_row_lies_in_the_partition_of_its_month() -> None:
    ensure_months(on=ON)
    at = dt.datetime(2031, 12, 5, tzinfo=dt.UTC)
    key = int(at.timestamp() * 1000) << 22

    _audit(key, at)

    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM core_audit_event WHERE id = %s", [key])
        assert cursor.fetchone()[0] == "core_audit_event_2031_12"


def test_month_that_has_rows_in_the_default_partition_is_left_there() -> None:
    at = dt.datetime(2031, 11, 5, tzinfo=dt.UTC)
    _audit(int(at.timestamp() * 1000) << 22, at)

    made = ensure_months(on=ON, ahead=0)

    assert made == ["results_inbox_2031_11", "results_result_2031_11", "results_report_version_2031_11"]


def _audit(key: int, at: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_audit_event (id, at, actor, actor_label, action, object_kind, object_key, facility,"
            " relation, detail) VALUES (%s, %s, 'a', 'A', 'read', 'report', '1', '', '', '{}')",
            [key, at],
        )
