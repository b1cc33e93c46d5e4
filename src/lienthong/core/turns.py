"""One at a time: a session's advisory lock, which ends with its connection, whatever kills that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(lock: int, key: int) -> Iterator[bool]:
    """Tell whether no other session is at a thing, and keep others from it meanwhile.

    `lock` is the kind of thing, a number of 32 bits that no other kind has, and `key` the thing.
    """
    keys = [lock, key % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
