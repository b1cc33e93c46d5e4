"""What of the registry messages are told with: it changes by the day, so that it is read anew each half minute only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from django.utils import timezone

from lienthong.registry import reads as registry
from lienthong.registry.reads import AnalyteFacts, FacilityFacts
from lienthong.results.reach import ORDER_LASTS, Reach, reach_of_facility

LASTS = dt.timedelta(seconds=30)
Thing = TypeVar("Thing")


@dataclass(slots=True)
class Shelf:
    """Facilities, their reach, and analytes. Whom orders allow to read what is asked of the database each time."""

    _kept: dict[tuple[str, int], tuple[dt.datetime, Any]] = field(default_factory=dict)

    def facility(self, facility_id: int, *, at: dt.datetime) -> FacilityFacts:
        """Return a facility as it is on the day."""

        def load() -> FacilityFacts:
            return registry.facilities([facility_id], on=timezone.localdate(at))[facility_id]

        return self._known("facility", facility_id, load, at=at)

    def reach(self, facility: FacilityFacts, *, at: dt.datetime) -> Reach:
        """Return what the systems of a facility may read now."""
        kept = self._known("reach", facility.id, lambda: reach_of_facility(facility, at=at), at=at)
        return replace(kept, ordered_since=at - ORDER_LASTS)

    def analytes(self, *, at: dt.datetime) -> Mapping[int, AnalyteFacts]:
        return self._known("analytes", 0, registry.analytes, at=at)

    def _known(self, kind: str, key: int, load: Callable[[], Thing], *, at: dt.datetime) -> Thing:
        kept = self._kept.get((kind, key))
        if kept is None or not kept[0] <= at < kept[0] + LASTS:
            kept = self._kept[kind, key] = at, load()
        return cast(Thing, kept[1])
