"""What a file of targets would change: each target that it gives beside those that stand for its lot and system."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import day as day_words
from lienthong.findings import Finding
from lienthong.iqc.models import ControlLot, ControlResult, ControlTarget
from lienthong.iqc.systems import System
from lienthong.iqc.target_file import TargetGiven

LotKey = tuple[str, str, int]
Key = tuple[int, LotKey]


@dataclass(frozen=True, slots=True)
class Change:
    """A target to set; the one that ends or is replaced by it, the newest if several; and all of them."""

    given: TargetGiven
    system: System
    mean_before: float | None
    sd_before: float | None
    ends: tuple[ControlTarget, ...]


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """The targets to set, those that stand so already, and what may not be set."""

    changes: tuple[Change, ...]
    unchanged: tuple[TargetGiven, ...]
    findings: tuple[Finding, ...]


def plan_targets(given: Collection[TargetGiven], *, systems: Mapping[int, System], locks: bool = False) -> TargetPlan:
    """Compare targets with what stands, and write nothing; with `locks` what stands is locked for who will write.

    A target may begin before another of its lot, and take its place, while no control was held against that other.
    """
    standing = _standing(given, locks=locks)
    measured = _last_measured(given, standing)
    expiries = _expiries(given)
    changes: list[Change] = []
    findings: list[Finding] = []
    unchanged: list[TargetGiven] = []
    for one in given:
        key = (one.procedure_id, one.lot_key)
        rows = standing.get(key, [])
        faults = list(_faults(one, rows, systems[one.procedure_id], measured.get(key), expiries.get(one.lot_key)))
        if rows and _is_so(rows[0], one) and not faults:
            unchanged.append(one)
        elif not faults:
            changes.append(_change(one, rows, systems[one.procedure_id]))
        findings += faults
        if one.expires_on is not None:
            expiries.setdefault(one.lot_key, one.expires_on)
    return TargetPlan(tuple(changes), tuple(unchanged), tuple(findings))


def _standing(given: Collection[TargetGiven], *, locks: bool) -> dict[Key, list[ControlTarget]]:
    """Return the targets of each lot on each of the systems as known now, newest first."""
    rows = ControlTarget.objects.known_at(None).of({one.procedure_id for one in given}).select_related("control_lot")
    found: dict[Key, list[ControlTarget]] = defaultdict(list)
    for row in rows.select_for_update(of=("self",)).order_by("pk") if locks else rows:
        lot = row.control_lot
        found[row.procedure_id, (lot.material, lot.lot, lot.level)].append(row)
    return {key: sorted(rows, key=lambda row: row.valid_from, reverse=True) for key, rows in found.items()}


def _last_measured(
    given: Collection[TargetGiven], standing: Mapping[Key, Sequence[ControlTarget]]
) -> dict[Key, dt.datetime]:
    """Return when the newest control was measured, of the lots that have a target from the given day on or later."""
    keys = {(one.procedure_id, one.lot_key): one.valid_from for one in given}
    later = {key for key, day in keys.items() if any(row.valid_from >= day for row in standing.get(key, ()))}
    if not later:
        return {}
    names = ("run__procedure_id", *(f"target__control_lot__{name}" for name in ("material", "lot", "level")))
    rows = ControlResult.objects.of({key[0] for key in later}).values_list(*names).annotate(Max("measured_at"))
    return {(row[0], (row[1], row[2], row[3])): row[4] for row in rows.order_by()}


def _expiries(given: Collection[TargetGiven]) -> dict[LotKey, dt.date]:
    """Return the days on which lots are known to expire."""
    rows = ControlLot.objects.filter(material__in={one.material for one in given}).exclude(expires_on=None)
    return {(row.material, row.lot, row.level): row.expires_on for row in rows if row.expires_on}


def _faults(
    one: TargetGiven,
    rows: Sequence[ControlTarget],
    system: System,
    measured: dt.datetime | None,
    expires_on: dt.date | None,
) -> Iterator[Finding]:
    later = [row.valid_from for row in rows if row.valid_from >= one.valid_from]
    if later and measured is not None and system.day(measured) >= min(later) and not _is_so(rows[0], one):
        message = _(
            "controls were held against a target of this lot that begins on that day or later; "
            "begin the new one after the last of them"
        )
        yield one.row.finding("valid_from", "later-target", message)
    if expires_on is not None and one.expires_on not in (None, expires_on):
        message = _("this control lot is known to expire on %(day)s; correct the day, or leave the cell empty")
        yield one.row.finding("expires_on", "other-expiry", message % {"day": day_words(expires_on)})


def _is_so(row: ControlTarget, one: TargetGiven) -> bool:
    if row.valid_to is not None or row.valid_from > one.valid_from:
        return False
    return (row.mean, row.sd, row.unit) == (one.mean, one.sd, one.unit)


def _change(one: TargetGiven, rows: Sequence[ControlTarget], system: System) -> Change:
    ends = tuple(row for row in rows if row.valid_to is None or row.valid_to > one.valid_from)
    newest = ends[0] if ends else None
    return Change(one, system, newest.mean if newest else None, newest.sd if newest else None, ends)
