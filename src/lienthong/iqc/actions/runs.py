"""Typing in a run, and excluding a value with its reason."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.findings import Finding
from lienthong.iqc.actions.settling import recordable_systems, settle
from lienthong.iqc.forming import Control, Run
from lienthong.iqc.models import ControlResult, ControlRun, Violation
from lienthong.iqc.storing import Value, store_runs
from lienthong.iqc.systems import System
from lienthong.iqc.targets import TargetFacts, in_use, targets_of


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The verdict of a run, the rules that it breaks, and how many violations it cleared."""

    run_id: int
    verdict: str
    rules: tuple[str, ...]
    cleared: int


@transaction.atomic
def record_run(
    procedure_id: int,
    values: Mapping[int, float],
    *,
    measured_at: dt.datetime,
    by: User,
    at: dt.datetime,
    operator: str = "",
) -> RunOutcome:
    """Store a run that was typed in, values by level in the unit of their targets, and judge it.

    Raise BadInput with a finding for each wrong value, Conflict where the system has a run at that instant.
    """
    known = recordable_systems([procedure_id], by=by, at=at)
    system = known[procedure_id]
    targets = in_use(targets_of([procedure_id]).get(procedure_id, []), system.day(measured_at))
    findings = list(_faults(values, targets, system, measured_at=measured_at, at=at))
    if findings:
        raise BadInput(findings)
    if ControlRun.objects.of([procedure_id]).filter(measured_at=measured_at).exists():
        raise Conflict(_("This system has a run at that instant; give the new run its own time."))
    run = _run(procedure_id, values, targets, measured_at)
    store_runs(
        [run],
        {level: _value(targets[level], value, operator) for level, value in values.items()},
        source=by.username,
        at=at,
    )
    evaluated = settle({procedure_id: measured_at}, known=known, at=at)
    run_id = run.id or 0
    verdict = evaluated.verdicts[run_id]
    _record("record-control-run", run_id, system, {"verdict": verdict, "levels": len(values)}, by=by, at=at)
    return RunOutcome(run_id, verdict, _rules_of(run_id), evaluated.cleared)


@transaction.atomic
def exclude_result(result_id: int, reason: str, *, by: User, at: dt.datetime) -> None:
    """Take a value out of the rules for a documented analytical reason; it stays on the chart and in the record.

    Raise BadInput without a reason, Conflict if it was excluded before, NotFound, NotAllowed.
    """
    row = ControlResult.objects.select_related("run").filter(pk=result_id).first()
    if row is None:
        raise NotFound(_("There is no such control value."))
    known = recordable_systems([row.run.procedure_id], by=by, at=at)
    if not reason.strip():
        raise BadInput([Finding("reason", "empty", _("Say why the value does not count."))])
    changed = ControlResult.objects.counted().filter(pk=result_id).update(excluded_reason=reason.strip()[:300])
    if not changed:
        raise Conflict(_("This value was excluded before."))
    settle({row.run.procedure_id: row.run.measured_at}, known=known, at=at)
    _record("exclude-control-result", result_id, known[row.run.procedure_id], {}, by=by, at=at)


def _faults(
    values: Mapping[int, float],
    targets: Mapping[int, TargetFacts],
    system: System,
    *,
    measured_at: dt.datetime,
    at: dt.datetime,
) -> Iterator[Finding]:
    day = system.day(measured_at)
    if not values:
        yield Finding("levels", "empty", _("Enter the value of at least one level."))
    if measured_at > at:
        yield Finding("measured_at", "in-the-future", _("The time of the run lies in the future."))
    for level, value in values.items():
        where = f"level {level}"
        if level not in targets:
            yield Finding(where, "unknown-level", _("The system has no target for this level on that day."))
        elif targets[level].has_expired(day):
            yield Finding(where, "expired-lot", _("This control lot had expired on that day; use a lot in date."))
        if not math.isfinite(value):
            yield Finding(where, "not-a-number", _("The value must be a number."))


def _run(
    procedure_id: int, values: Mapping[int, float], targets: Mapping[int, TargetFacts], measured_at: dt.datetime
) -> Run:
    run = Run(procedure_id, "", measured_at)
    run.joined += [
        Control(procedure_id, targets[level].lot_id, level, measured_at, number="", row=level) for level in values
    ]
    return run


def _value(target: TargetFacts, value: float, operator: str) -> Value:
    return Value(target_id=target.id, value=value, z=target.z(value), operator=operator[:40])


def _rules_of(run_id: int) -> tuple[str, ...]:
    """Return the rules that reject a run; of one that is not rejected, those that warn."""
    found = list(Violation.objects.standing().filter(run_id=run_id).order_by("id").values_list("rule", "is_warning"))
    rejecting = [rule for rule, is_warning in found if not is_warning]
    return tuple(dict.fromkeys(rejecting or [rule for rule, _is_warning in found]))


def _record(
    action: str, key: int, system: System, detail: Mapping[str, str | int], *, by: User, at: dt.datetime
) -> None:
    audit.record(
        action,
        by=by,
        at=at,
        object_kind="control_run" if action.endswith("run") else "control_result",
        object_key=key,
        facility=system.facility.code,
        detail={"system": system.procedure.code, **detail},
    )
