"""Statements of hot paths: keys drawn before rows are made, rows written by COPY, queries that are planned once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal, TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

Parameters: TypeAlias = Sequence[object] | Mapping[str, object]
Row: TypeAlias = tuple[Any, ...]
Planning: TypeAlias = Literal["auto", "force_generic_plan"]
_planning: WeakKeyDictionary[psycopg.Connection[Any], Planning] = WeakKeyDictionary()
_DRAW = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"


def drawn_keys(table: str, count: int) -> list[int]:
    """Draw keys for as many new rows of a table, in ascending order."""
    return [row[0] for row in fetch_prepared(_DRAW, [table, count])]


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows in the order of `columns`; a fault is one of django.db, as of any other statement.

    Django tells errors of a COPY as its own only where it is asked to: a worker that lost its database while it copied
    must see that as it sees any loss.
    """
    if not rows:
        return
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with _session(statement) as session, psycopg.Cursor(session).copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def fetch_rows(statement: str, parameters: Parameters) -> list[Row]:
    """Return the rows of a statement, which is planned each time.

    The values go beside the statement: Django writes them into it, where each sign that is special to SQL costs time.
    """
    return _executed(statement, parameters).fetchall()


def fetch_prepared(statement: str, parameters: Parameters) -> list[Row]:
    """Return the rows of a query whose plan takes longer than its answer: it is planned once a session.

    Django lets nothing be prepared on its connections; the statements that it makes itself stay as they are.
    """
    return _executed(statement, parameters, is_prepared=True, planning=None).fetchall()


def fetch_by_one_plan(statement: str, parameters: Parameters) -> list[Row]:
    """Return the rows of a query that keeps one plan, whatever its values.

    Over a year of monthly partitions a plan takes ten times the answer, and PostgreSQL would make it anew each time: a
    plan for few values looks cheaper to it than one for any. Not for tables that grow from nothing in one session.
    """
    return _executed(statement, parameters, is_prepared=True, planning="force_generic_plan").fetchall()


def change_rows(statement: str, parameters: Parameters) -> int:
    """Write by a statement whose values go beside it; return how many rows it wrote."""
    return _executed(statement, parameters).rowcount


def change_prepared(statement: str, parameters: Parameters) -> int:
    """Write by a statement that is planned once a session; return how many rows it wrote."""
    return _executed(statement, parameters, is_prepared=True).rowcount


def _executed(
    statement: str, parameters: Parameters, *, is_prepared: bool = False, planning: Planning | None = "auto"
) -> psycopg.Cursor[Row]:
    """Run a statement, planned as it asks; with None as the session is set just now, which to change costs a trip."""
    with _session(statement) as session:
        if planning and _planned(session) != planning:
            session.execute(f"SET plan_cache_mode TO {planning}")
            connections[DEFAULT_DB_ALIAS].on_commit(_Set(session, planning))
        return psycopg.Cursor(session).execute(statement, parameters, prepare=is_prepared)


@dataclass(frozen=True, slots=True)
class _Set:
    """A setting that stands with its transaction, or falls back with it or with a savepoint: as Django's list does."""

    session: psycopg.Connection[Any]
    planning: Planning

    def __call__(self) -> None:
        _planning[self.session] = self.planning


def _planned(session: psycopg.Connection[Any]) -> Planning:
    """Return how a session is set: as this transaction did last, else as was committed."""
    waiting = (one for _savepoints, one, *_ in reversed(connections[DEFAULT_DB_ALIAS].run_on_commit))
    last = next((one for one in waiting if isinstance(one, _Set)), None)
    return last.planning if last else _planning.get(session, "auto")


@contextmanager
def _session(statement: str) -> Iterator[psycopg.Connection[Row]]:
    """Give the driver's connection for a statement past Django's cursor.

    Faults are told as those of django.db, and who counts statements there counts this one.
    """
    database = connections[DEFAULT_DB_ALIAS]  # which `connection` of Django would look up at each attribute
    database.ensure_connection()
    database.connection.prepare_threshold = 1  # Django sets none, and then nothing is prepared, whatever is asked for
    begun = monotonic()
    with database.wrap_database_errors:
        yield database.connection
    if database.queries_logged:
        database.queries_log.append({"sql": statement, "time": f"{monotonic() - begun:.3f}"})
