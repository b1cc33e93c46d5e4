"""Turns that one process takes at a time, whatever ends it: advisory locks of a session of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(space: int, key: int) -> Iterator[bool]:
    """Tell whether no other session has this turn, and keep others from it meanwhile.

    `space` is a number of 32 bits that parts one use of such locks from the others. The turn ends with the connection
    as well, so that a process that is killed keeps nobody waiting.
    """
    keys = [space, key % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
