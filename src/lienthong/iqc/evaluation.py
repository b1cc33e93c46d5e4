"""Judges runs anew from an instant on, and writes what changed: verdicts, violations, brackets, clearings."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from django.db import connection

from lienthong.iqc.clearing import clear
from lienthong.iqc.judging import Broken, Judgement, judge
from lienthong.iqc.models import ControlTarget, Violation
from lienthong.iqc.plans import ControlPlan
from lienthong.iqc.querysets import PASSED
from lienthong.iqc.series import Since, StoredRun, last_passed_before, read_breaks, read_runs, read_series
from lienthong.iqc.systems import System

_SET_VERDICTS = """
UPDATE iqc_controlrun run SET verdict = new.verdict
FROM unnest(%s::bigint[], %s::text[]) AS new(id, verdict) WHERE run.id = new.id
"""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation did: verdicts by run, and how many violations were opened, withdrawn and cleared."""

    verdicts: Mapping[int, str]
    rejections: int
    warnings: int
    withdrawn: int
    cleared: int


def evaluate(since: Since, *, systems: Mapping[int, System], at: dt.datetime) -> Evaluated:
    """Judge every run of each system from its instant on; earlier runs are looked back on and stay as they are."""
    runs = read_runs(since)
    judgements = _judgements(runs, since, systems)
    asked = _LevelsAsked.of(list(since))
    verdicts = {
        run.id: judgement.verdict(run.id, asked=asked.of_run(run, systems[run.procedure_id]))
        for judgement, planned in judgements
        for run in planned
    }
    _set_verdicts({run.id: verdicts[run.id] for run in runs if run.verdict != verdicts[run.id]})
    brackets = _brackets(runs, verdicts, last_passed_before(since))
    opened, withdrawn = _write_violations(_broken(judgements), runs, brackets, at=at)
    cleared = clear(since, runs=runs, verdicts=verdicts)
    warnings = sum(row.is_warning for row in opened)
    return Evaluated(verdicts, len(opened) - warnings, warnings, withdrawn, cleared)


def _judgements(
    runs: list[StoredRun], since: Since, systems: Mapping[int, System]
) -> list[tuple[Judgement, list[StoredRun]]]:
    """Judge each run by the plan of its region and day: one evaluation for each plan, over all its systems."""
    by_plan: dict[ControlPlan, list[StoredRun]] = defaultdict(list)
    for run in runs:
        by_plan[systems[run.procedure_id].plan(run.measured_at)].append(run)
    if not by_plan:
        return []
    series = read_series(since, memory=max(plan.memory for plan in by_plan))
    breaks = read_breaks(list(since))
    judgements = []
    for plan, planned in by_plan.items():
        concerned = np.isin(series.procedure_id, list({run.procedure_id for run in planned}))
        judgements.append((judge(series.of(concerned), breaks, plan), planned))
    return judgements


def _broken(judgements: list[tuple[Judgement, list[StoredRun]]]) -> Iterator[Broken]:
    """Yield what each judgement says of the runs that it was made for."""
    for judgement, planned in judgements:
        ids = {run.id for run in planned}
        yield from (one for one in judgement.broken if one.run_id in ids)


@dataclass(frozen=True, slots=True)
class _LevelsAsked:
    """Levels for which a system has a target: a run is complete when it holds each of them."""

    targets: Mapping[int, list[tuple[dt.date, dt.date | None, int]]]

    @classmethod
    def of(cls, procedure_ids: list[int]) -> _LevelsAsked:
        targets = defaultdict(list)
        rows = ControlTarget.objects.known_at(None).of(procedure_ids)
        for procedure_id, start, end, level in rows.values_list(
            "procedure_id", "valid_from", "valid_to", "control_lot__level"
        ):
            targets[procedure_id].append((start, end, level))
        return cls(targets)

    def of_run(self, run: StoredRun, system: System) -> set[int]:
        day = system.day(run.measured_at)
        held = self.targets.get(run.procedure_id, ())
        return {level for start, end, level in held if start <= day and (end is None or day < end)}


def _set_verdicts(changed: Mapping[int, str]) -> None:
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(_SET_VERDICTS, [list(changed), list(changed.values())])


def _brackets(
    runs: list[StoredRun], verdicts: Mapping[int, str], last_passed: Mapping[int, dt.datetime | None]
) -> dict[int, dt.datetime | None]:
    """Return for each run when the last accepted run before it was."""
    newest = dict(last_passed)
    brackets = {}
    for run in runs:
        brackets[run.id] = newest.get(run.procedure_id)
        if verdicts[run.id] in PASSED:
            newest[run.procedure_id] = run.measured_at
    return brackets


def _write_violations(
    broken: Iterable[Broken],
    runs: list[StoredRun],
    brackets: Mapping[int, dt.datetime | None],
    *,
    at: dt.datetime,
) -> tuple[list[Violation], int]:
    """Open what is new, keep what stands, withdraw the rest; return the new violations and how many fell."""
    stored = {
        (row.run_id, row.rule, row.level): row for row in Violation.objects.filter(run_id__in=[run.id for run in runs])
    }
    opened: list[tuple[Violation, Broken]] = []
    kept: list[tuple[Violation, Broken]] = []
    for one in broken:
        row = stored.pop((one.run_id, one.rule, one.level), None)
        violation = row or _new(one)
        violation.is_warning, violation.withdrawn_at = one.is_warning, None
        violation.bracket_from = None if one.is_warning else brackets[one.run_id]
        (kept if row else opened).append((violation, one))
    fallen = [row for row in stored.values() if row.withdrawn_at is None]
    for row in fallen:
        row.withdrawn_at = at
    new = Violation.objects.bulk_create([row for row, _one in opened], batch_size=2000)
    standing = [row for row, _one in kept]
    Violation.objects.bulk_update([*standing, *fallen], ["is_warning", "withdrawn_at", "bracket_from"], batch_size=500)
    _write_members([*opened, *kept], anew=standing)
    return new, len(fallen)


def _new(one: Broken) -> Violation:
    return Violation(run_id=one.run_id, procedure_id=one.procedure_id, rule=one.rule, level=one.level)


def _write_members(violations: list[tuple[Violation, Broken]], *, anew: list[Violation]) -> None:
    """Link violations to their results; of those that stood before the links are made anew."""
    through = Violation.members.through
    through.objects.filter(violation__in=anew).delete()
    links = [
        through(violation_id=row.pk, controlresult_id=result_id) for row, one in violations for result_id in one.members
    ]
    through.objects.bulk_create(links, batch_size=5000)
