"""What clears a violation: a cause and an action, and the first accepted run of all levels that followed it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Min, Q

from lienthong.iqc.models import Violation
from lienthong.iqc.querysets import PASSED
from lienthong.iqc.series import Since, StoredRun

CAUSE_REMOVED = ~Q(actions__cause="not_found")


@dataclass(frozen=True, slots=True)
class _Answered:
    """A rejection with the first action that removed its cause, and the run that cleared it so far."""

    id: int
    procedure_id: int
    broken_at: dt.datetime
    cleared_by: int | None
    cleared_at: dt.datetime | None
    done_at: dt.datetime | None


def clear(since: Since, *, runs: Iterable[StoredRun], verdicts: Mapping[int, str]) -> int:
    """Clear the violations of the systems by their runs from the instant on; return how many were cleared.

    A clearing that rested on one of these runs is found again: by the same run, by another, or not at all.
    """
    passed: dict[int, list[StoredRun]] = defaultdict(list)
    for run in runs:
        if verdicts[run.id] in PASSED:
            passed[run.procedure_id].append(run)
    changed, cleared = [], 0
    for violation in _answered(since):
        clearing = _clearing_run(violation, passed[violation.procedure_id])
        if (clearing.id if clearing else None) != violation.cleared_by:
            cleared += violation.cleared_by is None
            changed.append(_changed(violation, clearing))
    Violation.objects.bulk_update(changed, ["cleared_by", "cleared_at"], batch_size=500)
    return cleared


def _answered(since: Since) -> list[_Answered]:
    """Return rejections that were answered and are open, or that a run from the instant on cleared."""
    if not since:
        return []
    rows = Violation.objects.rejections().of(list(since))
    rows = rows.annotate(done_at=Min("actions__done_at", filter=CAUSE_REMOVED))
    rows = rows.filter(Q(cleared_by=None, done_at__isnull=False) | Q(cleared_at__gte=min(since.values())))
    found = rows.values_list("id", "procedure_id", "run__measured_at", "cleared_by_id", "cleared_at", "done_at")
    answered = [_Answered(*row) for row in found]
    return [row for row in answered if row.cleared_at is None or row.cleared_at >= since[row.procedure_id]]


def _clearing_run(violation: _Answered, passed: list[StoredRun]) -> StoredRun | None:
    """Return the first accepted run that followed both the broken run and the action."""
    if violation.done_at is None:
        return None
    first = bisect_left(passed, violation.done_at, key=lambda run: run.measured_at)
    return next((run for run in passed[first:] if run.measured_at > violation.broken_at), None)


def _changed(violation: _Answered, run: StoredRun | None) -> Violation:
    if run is None:
        return Violation(pk=violation.id, cleared_by_id=None, cleared_at=None)
    return Violation(pk=violation.id, cleared_by_id=run.id, cleared_at=run.measured_at)
