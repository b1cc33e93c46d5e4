"""What the house's own rows are told with: the places, analytes and measuring systems of a page, read once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language

from lienthong.exchange.terms.codebook import Edition, book_edition
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

    def is_examination(self, analyte_id: int | None) -> bool:
        """Whether a result of an analyte is the report of an examination in words."""
        analyte = self.analytes.get(analyte_id or 0)
        return analyte is not None and analyte.is_narrative

    def organization(self, facility_id: int) -> Element:
        """Return the reference to a facility."""
        facility = self.facilities[facility_id]
        return {"reference": f"Organization/{facility.code}", "display": facility.name}


def shelf_for(
    facility_ids: Iterable[int],
    procedure_ids: Iterable[int | None] = (),
    *,
    on: dt.date,
    edition: Edition | None = None,
) -> Shelf:
    """Return what resources of some facilities and measuring systems are told with.

    `edition` is that of the code book, where the caller has asked for it already.
    """
    wanted = list(procedure_ids)
    systems = frozenset(one for one in wanted if one is not None)
    return _shelf(frozenset(facility_ids), systems, bool(wanted), on, get_language(), edition or book_edition())


@lru_cache(maxsize=64)
def _shelf(
    facility_ids: frozenset[int],
    systems: frozenset[int],
    has_results: bool,
    on: dt.date,
    _language: str | None,
    _edition: Edition,
) -> Shelf:
    """Read it, again where a term or a place has changed; names are in the active language."""
    return Shelf(
        registry.facilities(facility_ids, on=on),
        registry.analytes() if has_results else {},
        registry.procedures(systems, on=on) if systems else {},
    )


def meta(*, version: int, changed_at: dt.datetime, profile: str = "") -> Element:
    """Return what the server says of a version (R4, Resource.meta); `profile` is what the resource conforms to."""
    told: Element = {"versionId": str(version), "lastUpdated": instant(changed_at)}
    return told | ({"profile": [profile]} if profile else {})


def instant(moment: dt.datetime) -> str:
    """Write an instant as R4 does, to the millisecond, in UTC."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
