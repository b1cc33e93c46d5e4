"""Setting the targets that controls are held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction
from django.utils import timezone

from lienthong.core import audit
from lienthong.core.dated import end_period
from lienthong.core.models import User
from lienthong.findings import Finding
from lienthong.iqc.actions.settling import facility_codes
from lienthong.iqc.models import ControlLot, ControlTarget
from lienthong.iqc.permissions import recordable_laboratories
from lienthong.iqc.run_file import rows_of
from lienthong.iqc.systems import systems
from lienthong.iqc.target_file import TargetGiven, read_target_file
from lienthong.iqc.target_plan import Change, LotKey, TargetPlan, plan_targets

_ONE_AT_A_TIME = 0x74617267  # advisory lock, "targ": a first target has no row that a second import could wait for


@dataclass(frozen=True, slots=True)
class TargetReport:
    """What a file of targets holds and did: `changes` are set, `unchanged` stand so already, `left_out` rows have
    findings. With `is_stored` False nothing was written.
    """

    name: str
    changes: tuple[Change, ...]
    unchanged: int
    left_out: int
    findings: tuple[Finding, ...]
    is_stored: bool = False

    @property
    def targets(self) -> int:
        """How many targets the file sets, or would set."""
        return len(self.changes)


@transaction.atomic
def import_targets(data: bytes, name: str, *, by: User, at: dt.datetime, good_rows_only: bool = False) -> TargetReport:
    """Set the targets of a CSV or Excel file; where a row has an error nothing, unless only good rows are asked for.

    A target that stands with the same numbers is left as it is. Raise NotAllowed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    plan, report = _look(data, name, by=by, at=at, locks=True)
    if report.findings and not (good_rows_only and (report.changes or report.unchanged)):
        return report
    _set(plan.changes, _lots([*(change.given for change in plan.changes), *plan.unchanged]), by=by, at=at)
    return replace(report, is_stored=True)


def check_targets(data: bytes, name: str, *, by: User, at: dt.datetime) -> TargetReport:
    """Return what importing a file of targets would do; write nothing. Raise NotAllowed."""
    return _look(data, name, by=by, at=at, locks=False)[1]


def _look(data: bytes, name: str, *, by: User, at: dt.datetime, locks: bool) -> tuple[TargetPlan, TargetReport]:
    known = systems(laboratory_ids=recordable_laboratories(by, at=at), on=timezone.localdate(at))
    given, faults = read_target_file(data, name, systems={row.procedure.code: row for row in known.values()})
    plan = plan_targets(given, systems=known, locks=locks)
    findings = (*faults, *plan.findings)
    return plan, TargetReport(name, plan.changes, len(plan.unchanged), len(rows_of(findings)), findings)


def _set(changes: Sequence[Change], lots: Mapping[LotKey, int], *, by: User, at: dt.datetime) -> None:
    """Let what stood end on the day on which the new target begins, and write the new ones."""
    if not changes:
        return
    for change in changes:
        for row in change.ends:
            end_period(row, on=change.given.valid_from, at=at)
    rows = [_row(change.given, lots[change.given.lot_key], at) for change in changes]
    ControlTarget.objects.bulk_create(rows, batch_size=2000)
    touched = {change.system.id: change.system for change in changes}
    audit.record(
        "set-control-targets",
        by=by,
        at=at,
        object_kind="control_target",
        object_key=f"{len(rows)} targets",
        facility=facility_codes(touched),
        detail={"targets": len(rows), "systems": len(touched)},
    )


def _lots(given: Collection[TargetGiven]) -> dict[LotKey, int]:
    """Return the key of each lot; make those that are new, and note when one expires of which that was not known."""
    wanted = {one.lot_key: one for one in given}
    ControlLot.objects.bulk_create([_lot(one) for one in wanted.values()], ignore_conflicts=True)
    rows = ControlLot.objects.filter(material__in={one.material for one in wanted.values()})
    found = {(row.material, row.lot, row.level): row for row in rows}
    undated = [found[key] for key, one in wanted.items() if one.expires_on and not found[key].expires_on]
    for row in undated:
        row.expires_on = wanted[row.material, row.lot, row.level].expires_on
    ControlLot.objects.bulk_update(undated, ["expires_on"])
    return {key: row.pk for key, row in found.items()}


def _lot(one: TargetGiven) -> ControlLot:
    return ControlLot(
        material=one.material,
        manufacturer=one.manufacturer,
        lot=one.lot,
        level=one.level,
        expires_on=one.expires_on,
    )


def _row(one: TargetGiven, lot_id: int, at: dt.datetime) -> ControlTarget:
    return ControlTarget(
        procedure_id=one.procedure_id,
        control_lot_id=lot_id,
        mean=one.mean,
        sd=one.sd,
        unit=one.unit,
        source=one.source,
        valid_from=one.valid_from,
        recorded_at=at,
    )
