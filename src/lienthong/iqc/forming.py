"""Which controls form a run: those of one measuring system that lie close together, each lot of control once.

Controls with the laboratory's own run number form a run by that number. Without a number, a control joins the nearest
run of its system that began no further away than the policy's gap, that holds no control of its lot yet, and between
which and the control there was no reset event; otherwise it begins a run.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Control:
    """One control value on its way into a run; `row` is the caller's own mark of it."""

    procedure_id: int
    lot_id: int
    level: int
    measured_at: dt.datetime
    number: str
    row: int


@dataclass(slots=True, eq=False)
class Run:
    """A run that grows: stored (with its id) or new."""

    procedure_id: int
    number: str
    measured_at: dt.datetime
    id: int | None = None
    lots: set[int] = field(default_factory=set)
    joined: list[Control] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Habits:
    """How controls of one system are gathered: the greatest distance, the zone of its days, and its reset events."""

    gap: dt.timedelta
    zone: ZoneInfo
    resets: Sequence[dt.datetime] = ()

    def may_join(self, control: Control, run: Run) -> bool:
        if control.lot_id in run.lots or self._resets_until(control.measured_at) != self._resets_until(run.measured_at):
            return False
        if abs(control.measured_at - run.measured_at) <= self.gap:
            return True
        return bool(control.number) and self._day(control.measured_at) == self._day(run.measured_at)

    def _resets_until(self, instant: dt.datetime) -> int:
        return bisect_right(self.resets, instant)

    def _day(self, instant: dt.datetime) -> dt.date:
        return instant.astimezone(self.zone).date()


def form_runs(controls: Iterable[Control], stored: Iterable[Run], *, habits: Mapping[int, Habits]) -> list[Run]:
    """Return the runs that got controls, stored ones among them, by system and in order of time."""
    runs: dict[Key, list[Run]] = defaultdict(list)
    for run in sorted(stored, key=_began):
        runs[run.procedure_id, run.number].append(run)
    for control in sorted(controls, key=lambda one: (one.measured_at, one.level, one.row)):
        known = runs[control.procedure_id, control.number]
        _join(control, known, habits[control.procedure_id])
    grown = [run for known in runs.values() for run in known if run.joined]
    return sorted(grown, key=lambda run: (run.procedure_id, run.measured_at))


def _join(control: Control, known: list[Run], habits: Habits) -> None:
    open_runs = [run for run in _near(control, known, habits) if habits.may_join(control, run)]
    if open_runs:
        run = min(open_runs, key=lambda one: abs(one.measured_at - control.measured_at))
    else:
        run = Run(control.procedure_id, control.number, control.measured_at)
        insort(known, run, key=_began)
    run.lots.add(control.lot_id)
    run.joined.append(control)


def _near(control: Control, known: list[Run], habits: Habits) -> list[Run]:
    """Return the runs worth asking: within a day or the gap, whichever is longer."""
    reach = max(habits.gap, dt.timedelta(days=1))
    first = bisect_left(known, control.measured_at - reach, key=_began)
    return known[first : bisect_right(known, control.measured_at + reach, key=_began)]


def _began(run: Run) -> dt.datetime:
    return run.measured_at
