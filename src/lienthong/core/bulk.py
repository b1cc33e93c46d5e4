"""Many rows at once: keys drawn before the rows are made, and rows written by PostgreSQL's COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
