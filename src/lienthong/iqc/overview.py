"""Where the measuring systems of laboratories stand at an instant: state, newest run, what is open, what is due."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone

from lienthong.iqc.clearing import CAUSE_REMOVED
from lienthong.iqc.models import ControlResult, ControlRun, Violation
from lienthong.iqc.querysets import ViolationQuerySet
from lienthong.iqc.reads import IqcState, states_of
from lienthong.iqc.systems import System, systems
from lienthong.iqc.targets import TargetFacts, in_use, targets_of


@dataclass(frozen=True, slots=True)
class Found:
    """A broken rule that stands: the value that completes it, what it holds, and what was done about it."""

    id: int
    procedure_id: int
    rule: str
    level: int
    z: float
    run_at: dt.datetime
    is_warning: bool
    bracket_from: dt.datetime | None
    removed_at: dt.datetime | None
    actions: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A measuring system with its state, its open rejections, the warnings of its newest run, and its controls."""

    system: System
    state: IqcState
    rejections: tuple[Found, ...]
    warnings: tuple[Found, ...]
    targets: tuple[TargetFacts, ...]

    @property
    def waits_for_run(self) -> bool:
        """Whether every open rejection has its action, so that only the run is missing."""
        return bool(self.rejections) and all(one.removed_at for one in self.rejections)

    @property
    def due_at(self) -> dt.datetime | None:
        """When the evidence of the last accepted run ends."""
        accepted = self.state.last_accepted_at
        return accepted + self.system.plan(self.state.at).evidence_lasts if accepted else None


def standings(laboratory_ids: Collection[int], *, at: dt.datetime) -> list[Standing]:
    """Return every measuring system of the laboratories that is in use, ordered by laboratory, group and name."""
    known = systems(laboratory_ids=laboratory_ids, on=timezone.localdate(at))
    found = states_of(known, at=at)
    rejections = _grouped(open_rejections(known))
    warnings = _grouped(_warnings_of_newest(found.values()))
    targets = targets_of(known)
    return [
        Standing(
            system=one,
            state=found[one.id],
            rejections=tuple(rejections.get(one.id, ())),
            warnings=tuple(warnings.get(one.id, ())),
            targets=tuple(in_use(targets.get(one.id, ()), one.day(at)).values()),
        )
        for one in in_order(known)
    ]


def in_order(known: Mapping[int, System]) -> list[System]:
    """Return systems by laboratory, group of analytes and name."""
    return sorted(known.values(), key=_place)


def open_rejections(procedure_ids: Collection[int]) -> list[Found]:
    """Return the rejections of systems that are not cleared, newest first."""
    return _found(Violation.objects.open().of(procedure_ids))


def _warnings_of_newest(found: Iterable[IqcState]) -> list[Found]:
    newest = {(state.procedure_id, state.last_run_at) for state in found if state.last_run_at}
    if not newest:
        return []
    rows = ControlRun.objects.of({key for key, _at in newest}).filter(
        verdict="warning", measured_at__in={instant for _key, instant in newest}
    )
    runs = [key for key, *pair in rows.values_list("id", "procedure_id", "measured_at") if tuple(pair) in newest]
    return _found(Violation.objects.standing().filter(run_id__in=runs, is_warning=True)) if runs else []


def _found(rows: ViolationQuerySet) -> list[Found]:
    """Return violations with the z of the value that completes each, newest first."""
    rows = rows.annotate(
        removed_at=Min("actions__done_at", filter=CAUSE_REMOVED), answers=Count("actions", distinct=True)
    )
    columns = ("id", "procedure_id", "rule", "level", "run_id", "run__measured_at", "is_warning", "bracket_from")
    listed = list(rows.order_by("-run__measured_at", "rule").values_list(*columns, "removed_at", "answers"))
    scores = _scores({row[4] for row in listed})
    return [
        Found(
            id=row[0],
            procedure_id=row[1],
            rule=row[2],
            level=row[3],
            z=scores.get((row[4], row[3]), float("nan")),
            run_at=row[5],
            is_warning=row[6],
            bracket_from=row[7],
            removed_at=row[8],
            actions=row[9],
        )
        for row in listed
    ]


def _scores(run_ids: Collection[int]) -> dict[tuple[int, int], float]:
    """Return for each run and level the z that lies furthest out."""
    scores: dict[tuple[int, int], float] = {}
    rows = ControlResult.objects.counted().filter(run_id__in=run_ids) if run_ids else ControlResult.objects.none()
    for run_id, level, z in rows.values_list("run_id", "target__control_lot__level", "z"):
        scores[run_id, level] = max(z, scores.get((run_id, level), 0.0), key=abs)
    return scores


def _grouped(found: Iterable[Found]) -> dict[int, list[Found]]:
    grouped: dict[int, list[Found]] = defaultdict(list)
    for one in found:
        grouped[one.procedure_id].append(one)
    return grouped


def _place(one: System) -> tuple[str, str, str]:
    return one.procedure.laboratory_title, one.procedure.analyte.group, one.procedure.analyte.name
