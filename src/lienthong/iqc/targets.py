"""Targets as facts: mean and SD of a control lot on a measuring system, and when they held."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lienthong.iqc.models import ControlTarget

_COLUMNS = (
    *("id", "procedure_id", "procedure__laboratory__code", "control_lot_id", "control_lot__material"),
    *("control_lot__lot", "control_lot__level", "control_lot__expires_on"),
    *("mean", "sd", "unit", "source", "valid_from", "valid_to"),
)


@dataclass(frozen=True, slots=True)
class TargetFacts:
    id: int
    procedure_id: int
    laboratory_code: str
    lot_id: int
    material: str
    lot: str
    level: int
    expires_on: dt.date | None
    mean: float
    sd: float
    unit: str
    source: str
    valid_from: dt.date
    valid_to: dt.date | None

    def held(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def stands(self, day: dt.date) -> bool:
        """Whether it holds on the day or will."""
        return self.valid_to is None or day < self.valid_to

    def has_expired(self, day: dt.date) -> bool:
        return self.expires_on is not None and self.expires_on < day

    def z(self, value: float) -> float:
        return (value - self.mean) / self.sd


def targets_of(procedure_ids: Collection[int]) -> dict[int, list[TargetFacts]]:
    """Return each system's targets as known now, of all days, newest first within a level."""
    found: dict[int, list[TargetFacts]] = defaultdict(list)
    rows = ControlTarget.objects.known_at(None).of(procedure_ids).order_by("control_lot__level", "-valid_from", "-id")
    for row in rows.values_list(*_COLUMNS):
        facts = TargetFacts(*row)
        found[facts.procedure_id].append(facts)
    return found


def laboratories_of_lots(lot_ids: Collection[int]) -> dict[int, set[int]]:
    """Return for each lot the laboratories that hold its controls against a target."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = ControlTarget.objects.known_at(None).filter(control_lot_id__in=lot_ids)
    for lot_id, laboratory_id in rows.values_list("control_lot_id", "procedure__laboratory_id").distinct():
        found[lot_id].add(laboratory_id)
    return found


def in_use(targets: Iterable[TargetFacts], day: dt.date) -> dict[int, TargetFacts]:
    """Return the target of each level that a control measured on the day is held against: of two lots the newer."""
    by_level: dict[int, TargetFacts] = {}
    for target in targets:
        if target.held(day):
            by_level.setdefault(target.level, target)
    return by_level
