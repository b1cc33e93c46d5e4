"""What changed in reports, in the order of the verifiable log, for whoever must follow every change and miss none.

The log appends each version of a report after its commit, by one sequencer (`core.log`), so that the places of its
leaves are a total order into which nothing is put in later. Keys that are drawn before a commit are none: a transaction
that takes long commits behind those that began after it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from lienthong.core.log.storage import size_of_log
from lienthong.results.models import Report
from lienthong.results.reach import ORDER, SAME_FACILITY, Reach

NOTHING_YET = -1
_CHANGES = """
SELECT leaf.position, kept.report_id, kept.version, report.facility_id, report.patient_record_id, kept.results
FROM core_log_leaf leaf
JOIN results_report_version kept ON kept.id = leaf.entry
JOIN results_report report ON report.id = kept.report_id
WHERE leaf.position > %s ORDER BY leaf.position LIMIT %s
"""
_BEFORE = """
SELECT leaf.position, before.results
FROM core_log_leaf leaf
JOIN results_report_version kept ON kept.id = leaf.entry
JOIN LATERAL (
  SELECT results FROM results_report_version earlier
  WHERE earlier.report_id = kept.report_id AND earlier.id < kept.id ORDER BY earlier.id DESC LIMIT 1
) before ON TRUE
WHERE leaf.position = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a report: its place in the log, and the keys of the results that stood with it."""

    position: int
    report_id: int
    version: int
    facility_id: int
    patient_record_id: int
    result_ids: tuple[int, ...]


def changes_after(position: int, *, limit: int) -> list[Change]:
    """Return at most `limit` changes behind a place of the log, in order; NOTHING_YET begins with the first leaf.

    Never passes over one that is committed late. A report that was stored before there was a log comes when it is
    sealed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, [position, limit])
        rows = cursor.fetchall()
    return [
        Change(position, report_id, version, facility_id, record_id, tuple(results))
        for position, report_id, version, facility_id, record_id, results in rows
    ]


def new_results(changes: Sequence[Change]) -> dict[int, frozenset[int]]:
    """Return by the place of each change the keys of the results that did not stand with its report's version before.

    A correction of one result makes a version of the whole report, in which the others stand unchanged.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [[one.position for one in changes]])
        before = {position: frozenset(results) for position, results in cursor.fetchall()}
    return {one.position: frozenset(one.result_ids) - before.get(one.position, frozenset()) for one in changes}


def end_of_feed() -> int:
    """Return the place of the last leaf: who begins there is told of what comes from now on. NOTHING_YET where none."""
    return size_of_log() - 1


def relations_to_reports(reach: Reach, report_ids: Collection[int], *, answers_only: bool = False) -> dict[int, str]:
    """Return for each of these reports that may be read the relation that allows it, for the audit log.

    With `answers_only`, those of other facilities come only where they answer an order of the reader's facility.
    """
    rows = Report.objects.filter(reach.answers() if answers_only else reach.reports(), pk__in=set(report_ids))
    found = rows.values_list("pk", "patient_record__facility_id")
    return {pk: SAME_FACILITY if facility == reach.facility_id else ORDER for pk, facility in found}
