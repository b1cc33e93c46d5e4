"""What the control rules say of runs: verdicts and violations, from arrays. Knows no database.

A rejected result stays in the sequences, until a reset event, a new lot or an action that removed the cause begins
them anew. An excluded result is skipped. A verdict rests on earlier results only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from lienthong.iqc.plans import ControlPlan
from lienthong.metrology import westgard

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Control results of any number of systems, in order of system, run time and level; one entry each, shape (n,).

    `at` is the run's time in seconds since 1970. `follows` is True where the run is to be judged; the others are what
    the rules look back on.
    """

    result_id: Ints
    run_id: Ints
    procedure_id: Ints
    level: Ints
    z: Floats
    at: Floats
    excluded: Bools
    follows: Bools

    def of(self, chosen: Bools) -> Series:
        return Series(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True, slots=True, eq=False)
class Breaks:
    """Instants from which a system's sequences begin anew, shape (m,), in any order."""

    procedure_id: Ints
    at: Floats

    def segments(self, series: Series) -> Ints:
        """Return how many breaks each result of the series has behind it; one at the run's own instant counts."""
        segment = np.zeros(series.at.size, dtype=np.int64)
        for procedure_id in np.unique(self.procedure_id):
            first, last = np.searchsorted(series.procedure_id, [procedure_id, procedure_id + 1])
            instants = np.sort(self.at[self.procedure_id == procedure_id])
            segment[first:last] = np.searchsorted(instants, series.at[first:last], side="right")
        return segment


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a run breaks: the level of the result that completes the violation, and all results in it."""

    run_id: int
    procedure_id: int
    rule: str
    level: int
    is_warning: bool
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """For each run judged: whether a rule rejects or warns, which levels it holds, and the violations."""

    rejected: frozenset[int]
    warned: frozenset[int]
    levels: Mapping[int, frozenset[int]]
    broken: tuple[Broken, ...]

    def verdict(self, run_id: int, *, asked: Collection[int]) -> str:
        """Return the verdict of a run of which these levels are asked."""
        if run_id in self.rejected:
            return "rejected"
        if not self.levels.get(run_id, frozenset()).issuperset(asked) or not self.levels.get(run_id):
            return "incomplete"
        return "warning" if run_id in self.warned else "accepted"


def judge(series: Series, breaks: Breaks, plan: ControlPlan) -> Judgement:
    """Judge every run that follows, of all systems in one evaluation."""
    found = westgard.evaluate(
        series.z,
        0.0,
        1.0,
        series=series.procedure_id,
        run=series.run_id,
        level=series.level,
        segment=breaks.segments(series),
        excluded=series.excluded,
        rules=plan.rules,
    )
    broken = tuple(_merged(_broken(series, found, plan)))
    return Judgement(
        rejected=frozenset(one.run_id for one in broken if not one.is_warning),
        warned=frozenset(one.run_id for one in broken if one.is_warning),
        levels=_levels(series),
        broken=broken,
    )


def _broken(series: Series, found: westgard.Evaluation, plan: ControlPlan) -> Iterator[Broken]:
    for rule in plan.rules:
        for i in np.flatnonzero(found.hits[rule] & series.follows):
            yield Broken(
                run_id=int(series.run_id[i]),
                procedure_id=int(series.procedure_id[i]),
                rule=rule,
                level=int(series.level[i]),
                is_warning=rule not in plan.reject_rules,
                members=tuple(series.result_id[found.members(rule, int(i))].tolist()),
            )


def _merged(broken: Iterator[Broken]) -> Iterator[Broken]:
    """Make one violation of those that two lots of one level complete in the same run."""
    by_key: dict[tuple[int, str, int], list[Broken]] = defaultdict(list)
    for one in broken:
        by_key[one.run_id, one.rule, one.level].append(one)
    for same in by_key.values():
        members = tuple(dict.fromkeys(member for one in same for member in one.members))
        first = same[0]
        yield Broken(first.run_id, first.procedure_id, first.rule, first.level, first.is_warning, members)


def _levels(series: Series) -> dict[int, frozenset[int]]:
    counted = series.follows & ~series.excluded
    held: dict[int, set[int]] = defaultdict(set)
    for run_id, level in zip(series.run_id[counted].tolist(), series.level[counted].tolist(), strict=True):
        held[run_id].add(level)
    return {run_id: frozenset(levels) for run_id, levels in held.items()}
