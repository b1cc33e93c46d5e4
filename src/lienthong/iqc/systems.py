"""What quality control must know of a measuring system: its facts, its zone, and what the policy asks on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from lienthong.iqc.plans import ControlPlan, Plans
from lienthong.registry import reads as registry


@dataclass(frozen=True, slots=True)
class System:
    """A measuring system, as the registry held it on a day."""

    procedure: registry.ProcedureFacts
    facility: registry.FacilityFacts
    zone: ZoneInfo
    plans: Plans

    @property
    def id(self) -> int:
        return self.procedure.id

    @property
    def laboratory_id(self) -> int:
        return self.procedure.laboratory_id

    def day(self, instant: dt.datetime) -> dt.date:
        """Return the calendar day of an instant in the facility's zone."""
        return instant.astimezone(self.zone).date()

    def midnight(self, day: dt.date) -> dt.datetime:
        """Return the first instant of a calendar day in the facility's zone."""
        return dt.datetime.combine(day, dt.time(), tzinfo=self.zone)

    def has_text(self, text: str) -> bool:
        """Tell whether a name of the analyte, the instrument or the code holds a text, in whatever case."""
        analyte = self.procedure.analyte
        names = (analyte.key, analyte.name_vi, analyte.name_zh, analyte.name_en)
        found = (*names, self.procedure.instrument, self.procedure.code)
        return any(text.casefold() in name.casefold() for name in found)

    def plan(self, instant: dt.datetime) -> ControlPlan:
        """Return what the policy of the facility's region asked at an instant."""
        return self.plans.of(self.facility.region_path, self.day(instant))


def systems(
    ids: Collection[int] | None = None, *, laboratory_ids: Collection[int] | None = None, on: dt.date
) -> dict[int, System]:
    """Return measuring systems by key; without `ids` those in use on the day, and no imaging service."""
    procedures = registry.procedures(ids, laboratory_ids=laboratory_ids, on=on)
    facilities = registry.facilities({row.facility_id for row in procedures.values()}, on=on)
    plans = Plans()
    zones = {key: ZoneInfo(facility.time_zone) for key, facility in facilities.items()}
    return {
        key: System(row, facilities[row.facility_id], zones[row.facility_id], plans)
        for key, row in procedures.items()
        if ids is not None or not row.is_imaging
    }
