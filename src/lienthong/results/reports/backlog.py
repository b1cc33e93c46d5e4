"""Reports that were stored before there was a log are sealed as they are, a few hundred at a time."""

from __future__ import annotations

from typing import Any

from django.db import connection

from lienthong.core.bulk import copy_rows
from lienthong.core.log.entering import enter
from lienthong.core.log.sealing import new_salts, seal
from lienthong.core.timekey import next_keys
from lienthong.results.reports.resealing import load_reports, load_results, named_results
from lienthong.results.reports.sealing import COLUMNS, ResultSaid, Teller, statement

_NEXT = """
SELECT report.id FROM results_report report, results_unsealed WHERE report.id BETWEEN next_report AND last_report
ORDER BY report.id LIMIT %s
"""
# In the order of the writers, who lock reports by their names: a version is sealed before or after theirs.
_LOCK = "SELECT FROM results_report WHERE id = ANY(%s) ORDER BY source, number FOR UPDATE"
_FORWARD = "UPDATE results_unsealed SET next_report = %s"
_DONE = "DELETE FROM results_unsealed"
_TURN = "SELECT 1 FROM results_unsealed FOR UPDATE SKIP LOCKED"

_FIRST = "SELECT report_id, min(version) FROM results_report_version WHERE report_id = ANY(%s) GROUP BY report_id"
NEVER_CHANGED = frozenset({"source", "number", "facility_id", "patient_record_id"})

Sealed = tuple[bytes, int, int, list[ResultSaid], list[ResultSaid]]


def seal_earlier(limit: int) -> int:
    """Seal the next reports that were stored before there was a log; return how many, 0 when all are done.

    A report that no version names is sealed as it stands. Of one that has changed since, what came before is sealed as
    a version of its own without the fields of the report, which nobody kept. Twice changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TURN)
        if cursor.fetchone() is None:
            return 0
        cursor.execute(_NEXT, [limit])
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(_LOCK, [ids])
        cursor.execute(*((_FORWARD, [ids[-1] + 1]) if ids else (_DONE, [])))
    _seal(ids)
    return len(ids)


def _seal(ids: list[int]) -> None:
    teller = Teller()
    reports, rows, named, first = load_reports(ids), load_results(ids, teller), named_results(ids), _first_versions(ids)
    sealed = []
    for report_id in ids:
        missing = [one for one in rows.get(report_id, []) if one[1].id not in named.get(report_id, set())]
        if missing or report_id not in first:
            before = first[report_id] - 1 if report_id in first else None
            sealed.append(_sealed(report_id, *reports[report_id], missing, before=before, teller=teller))
    kept, digests = [], []
    for (head, report_id, version, results, earlier), key, salt in zip(
        sealed, next_keys(len(sealed)), new_salts(len(sealed)), strict=True
    ):
        digests.append((key, seal(statement(head, results, earlier), salt=salt)))
        names = [one.id for one in results], [one.id for one in earlier]
        kept.append((key, report_id, version, salt, head.decode(), *names))
    copy_rows("results_report_version", COLUMNS, kept)
    enter(digests)


def _sealed(
    report_id: int,
    version: int,
    own: dict[str, Any],
    missing: list[tuple[bool, ResultSaid]],
    *,
    before: int | None,
    teller: Teller,
) -> Sealed:
    """Return the version that is to be sealed; `before` is its number where later ones are sealed already."""
    if before is None:
        current = [said for is_current, said in missing if is_current]
        replaced = [said for is_current, said in missing if not is_current]
        return teller.head(report_id, version, own), report_id, version, current, replaced
    known = {name: value if name in NEVER_CHANGED else None for name, value in own.items()}
    return teller.head(report_id, before, known), report_id, before, [], [said for _is_current, said in missing]


def _first_versions(report_ids: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [report_ids])
        return dict(cursor.fetchall())
