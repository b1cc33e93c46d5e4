"""Tables that Django does not manage: it empties only its own after a test that commits."""

from __future__ import annotations

from functools import cache

from django.db import connection

# Partitioned tables stand for their partitions.
_ALL = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'django_migrations'
"""


def empty_unmanaged_tables() -> None:
    """Empty the inbox, results, the audit log, the log of reports, and whatever else migrations make by themselves."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(_unmanaged())}")


@cache
def _unmanaged() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_ALL)
        tables = {row[0] for row in cursor.fetchall()}
    return sorted(tables - set(connection.introspection.django_table_names()))
