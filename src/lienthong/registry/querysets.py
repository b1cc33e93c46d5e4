"""How the registry is read inside the app, first of all by whom."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from lienthong.core.dated import DatedQuerySet, Row

if TYPE_CHECKING:
    from lienthong.registry import models as registry  # noqa: F401


class PeriodQuerySet(DatedQuerySet[Row]):
    """Dated rows of the registry."""


class RoleQuerySet(DatedQuerySet["registry.RoleBinding"]):
    def of(self, user_id: int, on: dt.date) -> Self:
        return self.held(on).filter(user_id=user_id)


class FacilityQuerySet(models.QuerySet["registry.Facility"]):
    def in_regions(self, region_ids: set[int]) -> Self:
        return self.filter(region_id__in=region_ids)


class LaboratoryQuerySet(models.QuerySet["registry.Laboratory"]):
    def within(self, *, laboratory_ids: set[int], facility_ids: set[int], region_ids: set[int]) -> Self:
        return self.filter(
            Q(id__in=laboratory_ids) | Q(facility_id__in=facility_ids) | Q(facility__region_id__in=region_ids)
        )


class ProcedureQuerySet(models.QuerySet["registry.Procedure"]):
    def in_use(self, on: dt.date) -> Self:
        return self.filter(Q(in_use_to=None) | Q(in_use_to__gt=on), in_use_from__lte=on)
