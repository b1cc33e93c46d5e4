"""What other apps may ask of quality control: states, brackets of held results, and evidence for grants."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils import timezone

from lienthong.iqc.coverage import Control, controls_of
from lienthong.iqc.models import Violation
from lienthong.iqc.states import StateRow, read_states
from lienthong.iqc.systems import System, systems
from lienthong.iqc.targets import targets_of
from lienthong.policy import IqcEvidence

__all__ = [
    "Bracket",
    "ControlLotFacts",
    "IqcState",
    "brackets",
    "control_lots",
    "evidence",
    "states",
    "states_at",
]

IN_CONTROL, OUT_OF_CONTROL, NO_EVIDENCE = "in_control", "out_of_control", "no_evidence"
Pair = tuple[int, dt.datetime]


@dataclass(frozen=True, slots=True)
class IqcState:
    """The state of a measuring system at an instant, and the runs that it rests on.

    `state` is in_control, out_of_control (a rejection is not cleared) or no_evidence (no accepted run, or one too long
    ago).
    """

    procedure_id: int
    state: str
    at: dt.datetime
    last_run_at: dt.datetime | None
    last_accepted_at: dt.datetime | None
    open_rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bracket:
    """Patients' results that a violation holds: start < measured_at <= end; None is an open side."""

    procedure_id: int
    violation_id: int
    rule: str
    start: dt.datetime | None
    end: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ControlLotFacts:
    """One level of a control material in one lot."""

    id: int
    material: str
    lot: str
    level: int
    expires_on: dt.date | None


def control_lots(procedure_ids: Collection[int]) -> list[ControlLotFacts]:
    """Return the lots and levels that have or had a target on the systems, by material, lot and level."""
    rows = {
        one.lot_id: ControlLotFacts(one.lot_id, one.material, one.lot, one.level, one.expires_on)
        for targets in targets_of(procedure_ids).values()
        for one in targets
    }
    return sorted(rows.values(), key=lambda one: (one.material, one.lot, one.level))


def states(procedure_ids: Collection[int], *, at: dt.datetime) -> dict[int, IqcState]:
    """Return the state of each system at an instant."""
    return {state.procedure_id: state for state in states_at({(key, at) for key in procedure_ids}).values()}


def states_of(known: Mapping[int, System], *, at: dt.datetime) -> dict[int, IqcState]:
    """Return the state of systems that were read already."""
    return {state.procedure_id: state for state in _states({(key, at) for key in known}, known).values()}


def states_at(pairs: Collection[Pair]) -> dict[Pair, IqcState]:
    """Return the state of systems at the instants at which results were measured, in one reading."""
    if not pairs:
        return {}
    known = systems({procedure_id for procedure_id, _at in pairs}, on=timezone.localdate(max(at for _id, at in pairs)))
    return _states(pairs, known)


def _states(pairs: Collection[Pair], known: Mapping[int, System]) -> dict[Pair, IqcState]:
    rows = read_states([pair for pair in pairs if pair[0] in known])
    return {(row.procedure_id, row.at): _state(row, known[row.procedure_id]) for row in rows}


def brackets(
    procedure_ids: Collection[int], *, start: dt.datetime | None = None, end: dt.datetime | None = None
) -> list[Bracket]:
    """Return the brackets of the systems, of those that reach into `start` to `end` where these are given."""
    rows = Violation.objects.rejections().of(procedure_ids)
    if start is not None:
        rows = rows.filter(Q(cleared_at=None) | Q(cleared_at__gte=start))
    if end is not None:
        rows = rows.filter(Q(bracket_from=None) | Q(bracket_from__lt=end))
    rows = rows.order_by("procedure_id", F("bracket_from").asc(nulls_first=True), "id")
    return [Bracket(*row) for row in rows.values_list("procedure_id", "id", "rule", "bracket_from", "cleared_at")]


def evidence(
    procedure_ids: Collection[int],
    *,
    start: dt.date,
    end: dt.date,
    measured_days: Mapping[int, Collection[dt.date]] | None = None,
) -> dict[int, IqcEvidence]:
    """Return what quality control shows of each system from `start` to `end`, both inclusive.

    `measured_days` are the days on which patients' results were measured, by system. Where they aren't known, every
    day of the period on which the system was in use counts as one: a day without controls never passes as covered.
    A system that never had a run is left out: there is nothing to show.
    """
    known = systems(procedure_ids, on=end)
    found = controls_of(known, start=start, end=end)
    opened = _open_since(known, end)
    return {
        key: _evidence(known[key], control, opened.get(key), period=(start, end), measured=measured_days)
        for key, control in found.items()
    }


def _state(row: StateRow, system: System) -> IqcState:
    accepted = row.last_accepted_at
    lasts = system.plan(row.at).evidence_lasts
    if row.open_rules:
        state = OUT_OF_CONTROL
    elif accepted is None or row.at - accepted > lasts:
        state = NO_EVIDENCE
    else:
        state = IN_CONTROL
    return IqcState(row.procedure_id, state, row.at, row.last_run_at, accepted, row.open_rules)


def _open_since(known: Mapping[int, System], end: dt.date) -> dict[int, dt.date]:
    """Return the day of each system's oldest rejection that was not cleared at the end of a day."""
    days: dict[int, list[dt.date]] = defaultdict(list)
    rows = Violation.objects.rejections().of(known)
    for procedure_id, broken_at, cleared_at in rows.values_list("procedure_id", "run__measured_at", "cleared_at"):
        system = known[procedure_id]
        is_open = cleared_at is None or system.day(cleared_at) > end
        if is_open and system.day(broken_at) <= end:
            days[procedure_id].append(system.day(broken_at))
    return {procedure_id: min(opened) for procedure_id, opened in days.items()}


def _evidence(
    system: System,
    control: Control,
    open_since: dt.date | None,
    *,
    period: tuple[dt.date, dt.date],
    measured: Mapping[int, Collection[dt.date]] | None,
) -> IqcEvidence:
    start, end = period
    if measured is None:
        first = max(start, system.procedure.in_use_from)
        days = {first + dt.timedelta(days=number) for number in range((end - first).days + 1)}
    else:
        days = {day for day in measured.get(system.id, ()) if start <= day <= end}
    return IqcEvidence(
        period_from=start,
        period_to=end,
        days_measured=len(days),
        days_covered=len(days & control.days_passed),
        open_since=open_since,
        cv_percent=control.cv_percent,
    )
