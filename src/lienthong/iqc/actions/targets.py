"""Setting the targets that controls are held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.dated import end_period
from lienthong.core.models import User
from lienthong.errors import Conflict
from lienthong.findings import Finding
from lienthong.iqc.actions.settling import facility_codes
from lienthong.iqc.models import ControlLot, ControlTarget
from lienthong.iqc.permissions import recordable_laboratories
from lienthong.iqc.systems import System, systems
from lienthong.iqc.target_file import TargetGiven, read_target_file


@dataclass(frozen=True, slots=True)
class TargetReport:
    """How many targets a file set, how many it found set so already, and what is wrong with its rows."""

    name: str
    targets: int
    unchanged: int
    findings: tuple[Finding, ...]
    is_stored: bool


@transaction.atomic
def import_targets(data: bytes, name: str, *, by: User, at: dt.datetime, good_rows_only: bool = False) -> TargetReport:
    """Set the targets of a CSV or Excel file; where a row has an error nothing, unless only good rows are asked for.

    A target that stands with the same numbers is left as it is. Raise NotAllowed, Conflict.
    """
    known = systems(laboratory_ids=recordable_laboratories(by, at=at), on=timezone.localdate(at))
    given, findings = read_target_file(data, name, systems={row.procedure.code: row for row in known.values()})
    if findings and not good_rows_only:
        return TargetReport(name, 0, 0, tuple(findings), is_stored=False)
    written = _set(given, known, by=by, at=at)
    return TargetReport(name, written, len(given) - written, tuple(findings), is_stored=True)


def _set(given: Collection[TargetGiven], known: Mapping[int, System], *, by: User, at: dt.datetime) -> int:
    """Write the targets that differ from what stands; return how many."""
    lots = _lots(given)
    standing = _standing(given)
    new = [one for one in given if not _is_so(standing.get((one.procedure_id, lots[one.lot_key])), one)]
    for one in new:
        _end(standing.get((one.procedure_id, lots[one.lot_key])), one, at=at)
    ControlTarget.objects.bulk_create([_row(one, lots[one.lot_key], at) for one in new], batch_size=2000)
    if new:
        touched = {one.procedure_id: known[one.procedure_id] for one in new}
        audit.record(
            "set-control-targets",
            by=by,
            at=at,
            object_kind="control_target",
            object_key=f"{len(new)} targets",
            facility=facility_codes(touched),
            detail={"targets": len(new), "systems": len(touched)},
        )
    return len(new)


def _lots(given: Collection[TargetGiven]) -> dict[tuple[str, str, int], int]:
    """Return the key of each lot; make those that are new."""
    wanted = {one.lot_key: one for one in given}
    ControlLot.objects.bulk_create(
        [
            ControlLot(
                material=one.material,
                manufacturer=one.manufacturer,
                lot=one.lot,
                level=one.level,
                expires_on=one.expires_on,
            )
            for one in wanted.values()
        ],
        ignore_conflicts=True,
    )
    materials = {material for material, _lot, _level in wanted}
    rows = ControlLot.objects.filter(material__in=materials).values_list("material", "lot", "level", "id")
    return {(material, lot, level): key for material, lot, level, key in rows}


def _standing(given: Collection[TargetGiven]) -> dict[tuple[int, int], ControlTarget]:
    """Return the newest target of each lot on each of the systems, locked."""
    ids = {one.procedure_id for one in given}
    rows = ControlTarget.objects.known_at(None).of(ids).select_for_update().order_by("pk")
    found: dict[tuple[int, int], ControlTarget] = {}
    for row in rows:
        key = (row.procedure_id, row.control_lot_id)
        if key not in found or found[key].valid_from < row.valid_from:
            found[key] = row
    return found


def _is_so(row: ControlTarget | None, one: TargetGiven) -> bool:
    if row is None or row.valid_to is not None or row.valid_from > one.valid_from:
        return False
    return (row.mean, row.sd, row.unit) == (one.mean, one.sd, one.unit)


def _end(row: ControlTarget | None, one: TargetGiven, *, at: dt.datetime) -> None:
    """Let the target that stood end on the day on which the new one begins."""
    if row is None or (row.valid_to is not None and row.valid_to <= one.valid_from):
        return
    if row.valid_from >= one.valid_from:
        raise Conflict(_("A target of this lot begins on that day or later; begin the new one after it."))
    end_period(row, on=one.valid_from, at=at)


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
