"""Tables that Django does not manage: it empties only its own after a test that commits."""

from __future__ import annotations

from django.db import connection

_OF_LOG = "core_log_waiting, core_log_leaf, core_log_tile, core_log_checkpoint, results_report_version"


def empty_unmanaged_tables() -> None:
    """Empty the inbox, results, the audit log, and the log of reports."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE results_inbox, results_result, core_audit_event, {_OF_LOG}")
