"""What the rows of a file would do: which are stored already, and which runs the others form or join."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.findings import Finding
from lienthong.iqc.forming import Habits, Run, form_runs
from lienthong.iqc.models import ControlResult, ControlRun, CorrectiveAction, ResetEvent
from lienthong.iqc.run_file import Line
from lienthong.iqc.storing import Value
from lienthong.iqc.systems import System

DAY = dt.timedelta(days=1)
Stored = Mapping[tuple[int, int, dt.datetime], tuple[float, str]]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Runs to store with their values by row, how many rows change nothing, and what is wrong with others."""

    runs: tuple[Run, ...]
    values: Mapping[int, Value]
    unchanged: int
    findings: tuple[Finding, ...]

    @property
    def since(self) -> dict[int, dt.datetime]:
        """From which instant on each system is to be judged anew."""
        since: dict[int, dt.datetime] = {}
        for run in self.runs:
            since[run.procedure_id] = min(run.measured_at, since.get(run.procedure_id, run.measured_at))
        return since


def plan_runs(lines: Collection[Line], *, systems: Mapping[int, System]) -> RunPlan:
    """Plan what storing these rows would do."""
    if not lines:
        return RunPlan((), {}, 0, ())
    stored = _stored_values(lines)
    new = [line for line in lines if line.key not in stored]
    findings = [finding for line in lines if line.key in stored for finding in _against(line, stored[line.key])]
    unchanged = len(lines) - len(new) - len({finding.where for finding in findings})
    ids = {line.control.procedure_id for line in new}
    known = _stored_runs(new) if new else []
    runs = form_runs([line.control for line in new], known, habits=_habits(new, systems, resets_of(ids)))
    clashes = _clashes(runs, known)
    by_place = {line.control.row: line for line in new}
    findings += [_same_instant(by_place[control.row]) for run in clashes for control in run.joined]
    kept = tuple(run for run in runs if run not in clashes)
    return RunPlan(kept, {place: line.value for place, line in by_place.items()}, unchanged, tuple(findings))


def resets_of(procedure_ids: Collection[int]) -> dict[int, list[dt.datetime]]:
    """Return the instants, in order, between which the controls of one run can't be parted."""
    found = defaultdict(list)
    events = ResetEvent.objects.of(procedure_ids).values_list("procedure_id", "at")
    actions = CorrectiveAction.objects.that_removed_the_cause().filter(violations__procedure_id__in=procedure_ids)
    for procedure_id, instant in (*events, *actions.values_list("violations__procedure_id", "done_at")):
        found[procedure_id].append(instant)
    return {procedure_id: sorted(set(instants)) for procedure_id, instants in found.items()}


def _stored_values(lines: Iterable[Line]) -> dict[tuple[int, int, dt.datetime], tuple[float, str]]:
    ids, first, last = _extent(lines)
    rows = ControlResult.objects.of(ids).filter(measured_at__gte=first, measured_at__lte=last)
    columns = ("run__procedure_id", "target__control_lot_id", "measured_at", "value", "excluded_reason")
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows.values_list(*columns)}


def _stored_runs(lines: Iterable[Line]) -> list[Run]:
    ids, first, last = _extent(lines)
    rows = (
        ControlRun.objects.of(ids)
        .between(first - DAY, last + DAY)
        .values_list("id", "procedure_id", "measured_at", "number")
    )
    runs = {key: Run(procedure_id, number, instant, id=key) for key, procedure_id, instant, number in rows}
    lots = ControlResult.objects.of(ids).filter(run__measured_at__gte=first - DAY, run__measured_at__lte=last + DAY)
    for run_id, lot_id in lots.values_list("run_id", "target__control_lot_id"):
        runs[run_id].lots.add(lot_id)
    return list(runs.values())


def _extent(lines: Iterable[Line]) -> tuple[set[int], dt.datetime, dt.datetime]:
    controls = [line.control for line in lines]
    instants = [control.measured_at for control in controls]
    return {control.procedure_id for control in controls}, min(instants), max(instants)


def _habits(
    lines: Iterable[Line], systems: Mapping[int, System], resets: Mapping[int, list[dt.datetime]]
) -> dict[int, Habits]:
    """Return how each system's controls are gathered, by the policy of the newest of them."""
    newest: dict[int, dt.datetime] = {}
    for line in lines:
        control = line.control
        newest[control.procedure_id] = max(control.measured_at, newest.get(control.procedure_id, control.measured_at))
    return {
        key: Habits(systems[key].plan(instant).run_gap, systems[key].zone, resets.get(key, ()))
        for key, instant in newest.items()
    }


def _clashes(runs: Iterable[Run], known: Iterable[Run]) -> list[Run]:
    """Return new runs that begin at the same instant as another run of their system."""
    taken = Counter((run.procedure_id, run.measured_at) for run in known)
    new = [run for run in runs if run.id is None]
    taken.update((run.procedure_id, run.measured_at) for run in new)
    return [run for run in new if taken[run.procedure_id, run.measured_at] > 1]


def _against(line: Line, stored: tuple[float, str]) -> Iterable[Finding]:
    value, excluded_reason = stored
    if not math.isclose(value, line.value.value, rel_tol=1e-9):
        message = _("another value of this control is stored and is not overwritten; exclude it there, with the reason")
        yield line.row.finding("value", "already-stored", message)
    elif line.value.excluded_reason and not excluded_reason:
        message = _("this value is stored and counted; exclude it on the page of its system")
        yield line.row.finding("excluded_reason", "stored-as-counted", message)


def _same_instant(line: Line) -> Finding:
    message = _("another run of this system began at the same instant; give each run its own time")
    return line.row.finding("measured_at", "same-instant", message)
