"""Statements of hot paths: keys drawn before rows are made, rows written by COPY, queries that are planned once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection

_DRAW = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"


def drawn_keys(table: str, count: int) -> list[int]:
    """Draw keys for as many new rows of a table, in ascending order."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, [table, count])
        return [row[0] for row in cursor.fetchall()]


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows in the order of `columns`; a fault is one of django.db, as of any other statement.

    Django tells errors of a COPY as its own only where it is asked to: a worker that lost its database while it copied
    must see that as it sees any loss.
    """
    if not rows:
        return
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def fetch_prepared(statement: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    """Return the rows of a query whose plan takes longer than its answer: it is planned once a session.

    Django lets nothing be prepared on its connections; the statements that it makes itself stay as they are.
    """
    connection.ensure_connection()
    connection.connection.prepare_threshold = 1
    if connection.queries_logged:  # whoever counts statements counts these
        connection.queries_log.append({"sql": statement, "time": ""})
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        rows: list[tuple[Any, ...]] = cursor.execute(statement, parameters, prepare=True).fetchall()
    return rows
