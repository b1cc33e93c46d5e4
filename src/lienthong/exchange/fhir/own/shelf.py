"""What the house's own rows are told with: the places, analytes and measuring systems of a page, read once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lienthong.interop.fhir import Element
from lienthong.registry import reads as registry
from lienthong.registry.reads import AnalyteFacts, FacilityFacts, ProcedureFacts


@dataclass(frozen=True, slots=True)
class Shelf:
    facilities: Mapping[int, FacilityFacts]
    analytes: Mapping[int, AnalyteFacts]
    procedures: Mapping[int, ProcedureFacts]

    def country_of(self, facility_id: int) -> str:
        return self.facilities[facility_id].region_path[0].upper()

    def organization(self, facility_id: int) -> Element:
        """Return the reference to a facility."""
        facility = self.facilities[facility_id]
        return {"reference": f"Organization/{facility.code}", "display": facility.name}


def shelf_for(facility_ids: Iterable[int], procedure_ids: Iterable[int | None] = (), *, on: dt.date) -> Shelf:
    """Read what resources of some facilities and measuring systems are told with."""
    systems = {one for one in procedure_ids if one is not None}
    return Shelf(
        registry.facilities(set(facility_ids), on=on),
        registry.analytes() if systems or procedure_ids else {},
        registry.procedures(systems, on=on) if systems else {},
    )


def meta(*, version: int, changed_at: dt.datetime, profile: str = "") -> Element:
    """Return what the server says of a version (R4, Resource.meta); `profile` is what the resource conforms to."""
    told: Element = {"versionId": str(version), "lastUpdated": instant(changed_at)}
    return told | ({"profile": [profile]} if profile else {})


def instant(moment: dt.datetime) -> str:
    """Write an instant as R4 does, to the millisecond, in UTC."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
