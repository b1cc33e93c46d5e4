"""How the registry is read inside the app, first of all by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Q

from lienthong.core.dated import DatedQuerySet, Row

if TYPE_CHECKING:
    from lienthong.registry import models as registry  # noqa: F401 — named in quoted types
    from lienthong.registry.access import Access


class PeriodQuerySet(DatedQuerySet[Row]):
    """Dated rows of the registry."""


class RoleQuerySet(DatedQuerySet["registry.RoleBinding"]):
    def of(self, user_id: int, on: dt.date) -> Self:
        return self.held(on).filter(user_id=user_id)

    def not_ended(self, on: dt.date) -> Self:
        """Keep what holds on a day or begins later."""
        return self.known_at(None).filter(Q(valid_to=None) | Q(valid_to__gt=on))

    def with_places(self) -> Self:
        return self.select_related("user", "laboratory__facility", "facility", "region")

    def visible_to(self, access: Access, *roles: str) -> Self:
        """Keep the roles in places that are reached as a whole."""
        places = access.whole_places_as(*roles)
        return self.filter(reduce(or_, (Q(**{f"{kind}_id__in": keys}) for kind, keys in places.items())))


class FacilityQuerySet(models.QuerySet["registry.Facility"]):
    def in_regions(self, region_ids: set[int]) -> Self:
        return self.filter(region_id__in=region_ids)

    def visible_to(self, access: Access, *roles: str) -> Self:
        return self.filter(pk__in=access.facilities_as(*roles))

    def matching(self, text: str) -> Self:
        """Keep what has a word in its code or in one of its names."""
        names = [Q(**{f"{field}__icontains": text}) for field in ("code", "name_vi", "name_zh", "name_en")]
        return self.filter(reduce(or_, names))

    def counts(self, ids: Collection[int], on: dt.date) -> dict[int, tuple[int, int]]:
        """Count the laboratories of facilities, and their procedures in use on a day."""
        in_use = Q(laboratories__procedures__in_use_from__lte=on) & (
            Q(laboratories__procedures__in_use_to=None) | Q(laboratories__procedures__in_use_to__gt=on)
        )
        counted = self.filter(pk__in=ids).annotate(
            laboratory_count=Count("laboratories", distinct=True),
            procedure_count=Count("laboratories__procedures", filter=in_use, distinct=True),
        )
        rows = counted.values_list("pk", "laboratory_count", "procedure_count")
        return {pk: (laboratories, procedures) for pk, laboratories, procedures in rows}


class LaboratoryQuerySet(models.QuerySet["registry.Laboratory"]):
    def within(self, *, laboratory_ids: set[int], facility_ids: set[int], region_ids: set[int]) -> Self:
        return self.filter(
            Q(id__in=laboratory_ids) | Q(facility_id__in=facility_ids) | Q(facility__region_id__in=region_ids)
        )

    def visible_to(self, access: Access, *roles: str) -> Self:
        return self.filter(pk__in=access.laboratories_as(*roles))


class ProcedureQuerySet(models.QuerySet["registry.Procedure"]):
    def in_use(self, on: dt.date) -> Self:
        return self.filter(Q(in_use_to=None) | Q(in_use_to__gt=on), in_use_from__lte=on)

    def visible_to(self, access: Access, *roles: str) -> Self:
        return self.filter(laboratory_id__in=access.laboratories_as(*roles))
