"""Rows by COPY, and queries that are prepared."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lienthong.core.bulk import (
    change_prepared,
    change_rows,
    copy_rows,
    drawn_keys,
    fetch_by_one_plan,
    fetch_prepared,
    fetch_rows,
)
from lienthong.exchange.listening.listener import conninfo
from lienthong.results.models import NameWord

COLUMNS = ("word", "records")


@pytest.mark.django_db
def test_rows_stand_in_the_order_of_their_columns() -> None:
    copy_rows("results_nameword", COLUMNS, [("nguyen", 38), ("tran", 11)])

    assert dict(NameWord.objects.values_list("word", "records")) == {"nguyen": 38, "tran": 11}


@pytest.mark.django_db
def test_no_rows_ask_nothing() -> None:
    copy_rows("no_such_table", COLUMNS, [])


@pytest.mark.django_db
def test_keys_are_drawn_in_order_and_never_again() -> None:
    first, second = drawn_keys("results_person", 3), drawn_keys("results_person", 2)

    assert sorted({*first, *second}) == [*first, *second]


@pytest.mark.django_db
def test_row_that_breaks_a_constraint_is_told_as_of_any_statement() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows("results_nameword", COLUMNS, [("le", 1), ("le", 2)])


@pytest.mark.django_db(transaction=True)
def test_database_lost_while_rows_are_copied_is_told_as_any_loss() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [session] = cursor.fetchone()
    with psycopg.connect(conninfo(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [session])

    with pytest.raises(OperationalError):
        copy_rows("results_nameword", COLUMNS, [("le", 1)])
    connection.close()


@pytest.mark.django_db
def test_query_is_prepared_in_the_session_and_answers_by_its_parameters() -> None:
    statement = "SELECT n FROM generate_series(1, 9) n WHERE n = ANY(%s)"

    rows = [fetch_prepared(statement, [[3]]), fetch_prepared(statement, [[4]])]

    assert rows == [[(3,)], [(4,)]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["SELECT n FROM%"])
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_values_beside_a_statement_come_back_as_they_were() -> None:
    texts = ["Nguyễn 'Đào'", 'a "b" \\ {c}', "", "100 %"]

    assert fetch_rows("SELECT * FROM unnest(%s::text[])", [texts]) == [(one,) for one in texts]
    assert fetch_rows("SELECT * FROM unnest(%(texts)b::text[])", {"texts": texts}) == [(one,) for one in texts]


@pytest.mark.django_db
@pytest.mark.parametrize("change", [change_rows, change_prepared])
def test_change_tells_how_many_rows_it_wrote(change: Callable[[str, Sequence[object]], int]) -> None:
    insert = "INSERT INTO results_nameword (word, records) SELECT word, 1 FROM unnest(%s::text[]) word"
    delete = "DELETE FROM results_nameword WHERE word = ANY(%s)"

    written = [change(insert, [["le", "ly", "mai"]]), change(insert, [["an"]]), change(delete, [["le", "ly", "ho"]])]

    assert written == [3, 1, 2]
    assert set(NameWord.objects.values_list("word", flat=True)) == {"mai", "an"}


@pytest.mark.django_db
@pytest.mark.parametrize("change", [change_rows, change_prepared])
def test_change_that_breaks_a_constraint_is_told_as_of_any_statement(
    change: Callable[[str, Sequence[object]], int],
) -> None:
    insert = "INSERT INTO results_nameword (word, records) SELECT word, 1 FROM unnest(%s::text[]) word"

    with pytest.raises(IntegrityError), transaction.atomic():
        change(insert, [["le", "le"]])


@pytest.mark.django_db
def test_statements_are_counted_by_who_counts_them() -> None:
    with CaptureQueriesContext(connection) as asked:
        fetch_rows("SELECT %s::int", [1])
        fetch_prepared("SELECT 1 + %s::int", [2])
        copy_rows("results_nameword", COLUMNS, [("le", 1)])

    assert [one["sql"] for one in asked] == [
        "SELECT %s::int",
        "SELECT 1 + %s::int",
        "COPY results_nameword (word, records) FROM STDIN",
    ]


@pytest.mark.django_db
def test_query_by_one_plan_is_planned_once_whatever_its_values_and_others_are_not() -> None:
    statement = "SELECT relname FROM pg_class WHERE oid = ANY(%s) ORDER BY 1"

    for count in range(1, 10):
        fetch_by_one_plan(statement, [list(range(count))])
    [(generic, custom)] = fetch_rows(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE 'SELECT relname FROM%%'",
        [],
    )
    [(mode,)] = fetch_rows("SELECT current_setting('plan_cache_mode')", [])

    assert (generic, custom) == (9, 0)
    assert mode == "auto"


def planning() -> str:
    """Return how the session is set to plan, as a statement that asks for nothing special would be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('plan_cache_mode')")
        return str(cursor.fetchone()[0])


ONE_PLAN = "SELECT 9 / n FROM unnest(%s::int[]) n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "others",
    [
        lambda: fetch_rows("SELECT %s::int", [1]),
        lambda: change_rows("DELETE FROM results_nameword WHERE word = %s", ["le"]),
        lambda: change_prepared("DELETE FROM results_nameword WHERE word = ANY(%s)", [["le"]]),
    ],
    ids=["fetch_rows", "change_rows", "change_prepared"],
)
def test_next_statement_is_planned_as_ever_after_one_plan(others: Callable[[], object]) -> None:
    fetch_by_one_plan(ONE_PLAN, [[1]])
    before = planning()

    others()

    assert (before, planning()) == ("force_generic_plan", "auto")


@pytest.mark.django_db
def test_setting_is_back_after_a_query_by_one_plan_that_failed() -> None:
    with pytest.raises(DataError), transaction.atomic():
        fetch_by_one_plan(ONE_PLAN, [[0]])

    assert fetch_rows("SELECT current_setting('plan_cache_mode')", []) == [("auto",)]
    fetch_by_one_plan(ONE_PLAN, [[1]])
    assert planning() == "force_generic_plan"


@pytest.mark.django_db(transaction=True)
def test_setting_is_what_is_asked_for_after_a_transaction_that_failed() -> None:
    """PostgreSQL takes a setting back with its transaction: what comes then is set anew, by whichever way it asks."""
    fetch_rows("SELECT %s::int", [1])
    with pytest.raises(DataError), transaction.atomic():
        fetch_by_one_plan(ONE_PLAN, [[0]])
    after = planning()

    ordinary = fetch_rows("SELECT current_setting('plan_cache_mode'), %s::int", [1])
    fetch_by_one_plan(ONE_PLAN, [[1]])

    assert (after, ordinary, planning()) == ("auto", [("auto", 1)], "force_generic_plan")
    with pytest.raises(DataError), transaction.atomic():
        fetch_rows("SELECT 1 / %s::int", [0])  # sets it to auto, which is taken back with it
    assert planning() == "force_generic_plan"
    assert fetch_rows("SELECT current_setting('plan_cache_mode'), %s::int", [1]) == [("auto", 1)]


@pytest.mark.django_db(transaction=True)
def test_setting_is_what_is_asked_for_after_a_savepoint_that_was_taken_back() -> None:
    with transaction.atomic():
        fetch_by_one_plan(ONE_PLAN, [[1]])
        with pytest.raises(DataError), transaction.atomic():
            fetch_rows("SELECT 1 / %s::int", [0])
        within = planning()
        told = fetch_rows("SELECT current_setting('plan_cache_mode'), %s::int", [1])

    assert (within, told, planning()) == ("force_generic_plan", [("auto", 1)], "auto")


@pytest.mark.django_db
def test_new_connection_is_planned_as_ever() -> None:
    fetch_by_one_plan(ONE_PLAN, [[1]])
    with psycopg.connect(conninfo()) as other:
        assert other.execute("SELECT current_setting('plan_cache_mode')").fetchone() == ("auto",)
