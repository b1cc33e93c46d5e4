"""What is asked for each message, each record and each proof goes by an index, however much is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from tests.integration.crowd import MONTHS, PATIENTS, TABLES, crowd, report_of
from tests.integration.plans import Plan, plans, together

from lienthong.core.actions import system_user
from lienthong.core.log.storage import first_checkpoint, last_checkpoint, leaf_of, leaves, size_of_log, tiles_at
from lienthong.results.actions import take_lanes
from lienthong.results.facts import facts_by_id
from lienthong.results.identity import PersonNumber, Side, match_keys
from lienthong.results.intake.inbox_reads import processed_before
from lienthong.results.models import MatchKey, Result
from lienthong.results.people.known_patients import Book
from lienthong.results.people.matching import find_matches

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

pytestmark = pytest.mark.django_db
TRAITS = {"names": ("Tran Thi Mau",), "birth_date": dt.date(1980, 5, 17), "numbers": (), "phone": "", "address": ""}
LARGE, MOST_ROWS, MOST_BLOCKS = frozenset(TABLES), 400, 250
OF_A_MONTH: list[int] = []  # keys of results that came in one month


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A year of twenty hospitals, made once for the file and rolled back at its end."""
    with django_db_blocker.unblock(), crowd():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE results_patientrecord SET full_name = 'Tran Thi Mau' WHERE id = 5")
            cursor.execute("UPDATE results_patientrecord SET birth_date = '1980-05-17' WHERE id = 5")
        MatchKey.objects.bulk_create(MatchKey(key=one, record_id=5) for one in match_keys(**TRAITS))
        reports = [report_of(n, 4) for n in (1, 8, 9)]
        OF_A_MONTH[:] = Result.objects.filter(report_id__in=reports).values_list("id", flat=True)
        system_user("worker")
        yield


@pytest.fixture(autouse=True)
def _taken_back(filled: None) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _digest(patient: int, month: int) -> str:
    return sha256(f"{patient}-{month}".encode()).hexdigest()


def _duplicates() -> object:
    return processed_before([(2**63 - 1, f"S{n}", _digest(n, month)) for n, month in ((3, 2), (7, 5), (9, 11))])


def _matches() -> object:
    names = {"full_name": "Tran Thi Mau", "other_name": ""}
    return find_matches(Side(**names, birth_date=dt.date(1980, 5, 17), sex="F", numbers=(), doubted=frozenset()))


def _records() -> object:
    book = Book()
    book.load_records([("S5", "", "L5"), ("S6", "", "L6"), ("S6", "", "none")])
    return book.by_local


def _candidates() -> object:
    book = Book()
    book.load_candidates(match_keys(**TRAITS), [PersonNumber("NI", "key-77", "cccd")], ["Tran Thi Mau"])
    return [*book.by_id, *book.holders]


ASKED: dict[str, tuple[Callable[[], object], set[str], set[str]]] = {
    "lanes": (
        lambda: take_lanes(limit=2, by=system_user("worker")),
        {"results_inbox_waiting", "results_inbox_open_lane", "results_inbox_pkey"},
        {"results_inbox"},
    ),
    "duplicates": (_duplicates, {"results_inbox_digest"}, {"results_inbox"}),
    "matches": (
        _matches,
        {"results_matchkey_pkey", "results_patientrecord_pkey"},
        {"results_matchkey", "results_patientrecord", "results_personlink", "results_patientidentifier"},
    ),
    "records": (_records, set(), {"results_patientrecord"}),  # by either of two indexes that hold the number
    "candidates": (
        _candidates,
        {"results_matchkey_pkey", "results_claimednumber_one_person", "results_patientrecord_pkey"},
        {"results_matchkey", "results_claimednumber", "results_patientrecord", "results_personlink"},
    ),
    "results": (
        lambda: facts_by_id(OF_A_MONTH),
        {"results_result_id", "results_report_pkey"},
        {"results_result", "results_report"},
    ),
    "tiles": (lambda: tiles_at([(0, 40), (1, 3000), (2, 7)]), {"core_log_tile_pkey"}, {"core_log_tile"}),
    "leaf of an entry": (lambda: leaf_of(15_007), {"core_log_leaf_once"}, {"core_log_leaf"}),
    "leaves": (lambda: leaves(start=9_000, count=50), {"core_log_leaf_pkey"}, {"core_log_leaf"}),
    "size": (size_of_log, {"core_log_leaf_pkey"}, {"core_log_leaf"}),
    "checkpoint": (lambda: last_checkpoint(up_to=3_000), {"core_log_checkpoint_pkey"}, {"core_log_checkpoint"}),
    "checkpoint of a leaf": (
        lambda: first_checkpoint(holding=3_000), {"core_log_checkpoint_pkey"}, {"core_log_checkpoint"},
    ),
}  # fmt: skip


def plan_of(ask: Callable[[], object]) -> Plan:
    """Return how what was asked is carried out: all its statements as one."""
    with plans() as told:
        assert ask()
    return together(told)


def faults(plan: Plan, indexes: set[str], tables: set[str]) -> list[str]:
    """Return what is wrong of a plan: what it reads through, the indexes that it leaves out, how much it looks at."""
    found = [f"reads through {one}" for one in sorted(plan.read_through & LARGE)]
    found += [f"does without {one}, by {sorted(plan.indexes)}" for one in sorted(indexes - plan.indexes)]
    rows = plan.rows_of(*tables)
    found += [] if 0 < rows < MOST_ROWS else [f"looks at {rows:.0f} rows"]
    return found if plan.blocks < MOST_BLOCKS else [*found, f"reads {plan.blocks} blocks"]


@pytest.mark.parametrize("name", ASKED)
def test_statement_goes_by_its_indexes_and_looks_at_few_rows(name: str) -> None:
    ask, indexes, tables = ASKED[name]

    assert faults(plan_of(ask), indexes, tables) == []


@pytest.mark.parametrize(
    ("name", "index"),
    [(name, index) for name, (_, indexes, _) in ASKED.items() for index in sorted(indexes) if "_pkey" not in index],
)
def test_index_that_is_dropped_is_missed(name: str, index: str) -> None:
    """No other index does what that one does: the statement then looks at many rows."""
    ask, indexes, tables = ASKED[name]
    before = plan_of(ask)
    with connection.cursor() as cursor:
        cursor.execute("SELECT conrelid::regclass FROM pg_constraint WHERE conname = %s", [index])
        row = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {row[0]} DROP CONSTRAINT {index}" if row else f"DROP INDEX {index}")
    after = plan_of(ask)

    assert faults(after, indexes - {index}, tables) or after.blocks > 1.5 * before.blocks


def test_results_by_their_keys_are_looked_for_in_their_months_only() -> None:
    """The plan is kept for any keys, and leaves out the other partitions when it runs."""
    for _ in range(7):
        plan = plan_of(lambda: facts_by_id(OF_A_MONTH))

    assert len(plan.partitions(by="results_result_id")) == 1
    assert PATIENTS * MONTHS == 36_000
