"""Measuring systems with all their days, for readers that judge many days and ask once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from lienthong.registry.models import Procedure, ProcedurePeriod


@dataclass(frozen=True, slots=True)
class SystemNames:
    """By which names an instrument calls a system, on which days, and its interval and unit on those days."""

    valid_from: dt.date
    valid_to: dt.date | None
    names: frozenset[str]
    unit: str = ""
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None

    def is_of(self, on: dt.date) -> bool:
        return self.valid_from <= on and (not self.valid_to or on < self.valid_to)


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """A procedure with the days on which it was in use and the names of its periods."""

    id: int
    code: str
    laboratory_id: int
    analyte_id: int
    in_use_from: dt.date
    in_use_to: dt.date | None
    periods: tuple[SystemNames, ...]

    def is_in_use(self, on: dt.date) -> bool:
        return self.in_use_from <= on and (self.in_use_to is None or on < self.in_use_to)

    def names(self, on: dt.date) -> set[str]:
        """Return the names, in lower case, by which messages may call the system on a day."""
        return {self.code.casefold()}.union(*(one.names for one in self.periods if one.is_of(on)))

    def period(self, on: dt.date) -> SystemNames | None:
        """Return what held on a day; None where nothing is registered for it."""
        return next((one for one in self.periods if one.is_of(on)), None)


def measuring_systems(laboratory_ids: Collection[int]) -> list[SystemFacts]:
    """Return every procedure that laboratories ever used, as known now, in the order of the registry."""
    rows = Procedure.objects.filter(laboratory_id__in=list(laboratory_ids)).order_by(
        "laboratory__code", "analyte__group", "analyte__key"
    )
    found = list(rows)
    periods: dict[int, list[SystemNames]] = defaultdict(list)
    for row in ProcedurePeriod.objects.known_at(None).filter(procedure__laboratory_id__in=list(laboratory_ids)):
        names = frozenset(name.casefold() for name in (row.instrument_code, row.instrument_model) if name)
        period = SystemNames(
            *(row.valid_from, row.valid_to, names, row.unit, row.reference_low, row.reference_high),
        )
        periods[row.procedure_id].append(period)
    return [
        SystemFacts(
            id=row.pk,
            code=row.code,
            laboratory_id=row.laboratory_id,
            analyte_id=row.analyte_id,
            in_use_from=row.in_use_from,
            in_use_to=row.in_use_to,
            periods=tuple(periods[row.pk]),
        )
        for row in found
    ]
