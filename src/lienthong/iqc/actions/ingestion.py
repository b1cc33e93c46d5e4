"""Control values that analysers send: a batch is stored, judged by the rules and written to the audit log at once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.findings import Finding
from lienthong.interop.ucum import UnitError
from lienthong.iqc.actions.settling import facility_codes, recordable_systems, settle
from lienthong.iqc.forming import Control
from lienthong.iqc.run_file import Line
from lienthong.iqc.run_plan import RunPlan, plan_runs
from lienthong.iqc.storing import Value, store_runs
from lienthong.iqc.systems import System
from lienthong.iqc.targets import TargetFacts, targets_of
from lienthong.iqc.values import in_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenControl:
    """A control value as an analyser gives it: `unit` is a UCUM code, `where` names its place in the message."""

    where: str
    procedure_id: int
    control_lot_id: int
    value: Decimal
    unit: str
    measured_at: dt.datetime
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of each value, by its place in the batch; `refused` says why it was not stored."""

    stored: frozenset[int]
    unchanged: frozenset[int]
    refused: Mapping[int, Finding]
    rejections: int = 0
    warnings: int = 0
    cleared: int = 0


@transaction.atomic
def record_controls(given: Sequence[GivenControl], *, source: str, by: User, at: dt.datetime) -> Recorded:
    """Store control values of any systems in the runs that they form or join, and judge them as those typed in.

    A value that is stored already changes nothing. Another value of the same control at the same instant is refused: a
    point is never overwritten or deleted, a person excludes it with the reason. Raise NotFound for a system that is not
    there, NotAllowed for one who records for another laboratory.
    """
    if not given:
        return Recorded(frozenset(), frozenset(), {})
    known = recordable_systems({one.procedure_id for one in given}, by=by, at=at)
    lines, refused = _lines(given, known, at=at)
    plan = plan_runs(lines, systems=known)
    refused |= {int(finding.where): finding for finding in plan.findings}
    stored = frozenset(control.row for run in plan.runs for control in run.joined)
    unchanged = frozenset(range(len(given))) - stored - refused.keys()
    told = {place: Finding(given[place].where, one.code, one.message) for place, one in sorted(refused.items())}
    if not plan.runs:
        return Recorded(stored, unchanged, told)
    return _store(plan, known, Recorded(stored, unchanged, told), source=source, by=by, at=at)


def _store(
    plan: RunPlan, known: Mapping[int, System], recorded: Recorded, *, source: str, by: User, at: dt.datetime
) -> Recorded:
    runs = store_runs(plan.runs, plan.values, source=source, at=at)
    touched = {key: known[key] for key in plan.since}
    evaluated = settle(plan.since, known=touched, at=at)
    audit.record(
        "receive-control-runs",
        by=by,
        at=at,
        object_kind="control_run",
        object_key=source,
        facility=facility_codes(touched),
        detail={
            "values": len(recorded.stored),
            "runs": runs,
            "unchanged": len(recorded.unchanged),
            "refused": len(recorded.refused),
        },
    )
    return Recorded(
        recorded.stored,
        recorded.unchanged,
        recorded.refused,
        rejections=evaluated.rejections,
        warnings=evaluated.warnings,
        cleared=evaluated.cleared,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A value's place in the batch, in the form in which rows of a file tell theirs."""

    number: int

    def finding(self, _key: str, code: str, message: str) -> Finding:
        return Finding(str(self.number), code, message)


def _lines(
    given: Sequence[GivenControl], known: Mapping[int, System], *, at: dt.datetime
) -> tuple[list[Line], dict[int, Finding]]:
    """Return the values that can be stored, each control at one instant once, and why the others can't."""
    targets = targets_of(known)
    lines: dict[tuple[int, int, dt.datetime], Line] = {}
    refused: dict[int, Finding] = {}
    for number, one in enumerate(given):
        place = _Place(number)
        found = _line(one, place, known[one.procedure_id], targets.get(one.procedure_id, []), at=at)
        if isinstance(found, Finding):
            refused[number] = found
        elif found.key not in lines:
            lines[found.key] = found
        elif not math.isclose(found.value.value, lines[found.key].value.value, rel_tol=1e-9):
            message = _("another value of this control at the same instant came with it; one of them must be wrong")
            refused[number] = place.finding("measured_at", "duplicate", message)
    return list(lines.values()), refused


def _line(
    one: GivenControl, place: _Place, system: System, targets: Sequence[TargetFacts], *, at: dt.datetime
) -> Line | Finding:
    day = system.day(one.measured_at)
    target = next((known for known in targets if known.lot_id == one.control_lot_id and known.held(day)), None)
    if one.measured_at > at:
        return place.finding("measured_at", "in-the-future", _("this instant lies in the future"))
    if target is None:
        message = _("the measuring system has no target for this control lot on that day; enter its target first")
        return place.finding("lot", "unknown-lot", message)
    if target.has_expired(day):
        message = _("this control lot had expired on the day; use a lot that is in date")
        return place.finding("lot", "expired-lot", message)
    try:
        value = float(in_unit(one.value, one.unit, target.unit, molar_mass=system.procedure.analyte.molar_mass))
    except UnitError as error:
        message = _("this unit can't be converted to %(unit)s, in which the target is given")
        return place.finding("unit", error.code, message % {"unit": target.unit or "1"})
    control = Control(one.procedure_id, target.lot_id, target.level, one.measured_at, number="", row=place.number)
    stored = Value(target_id=target.id, value=value, z=target.z(value), operator=one.operator[:40])
    return Line(place, control, stored)
