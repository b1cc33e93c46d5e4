"""How grants and checks are read inside the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from lienthong.core.dated import DatedQuerySet

if TYPE_CHECKING:
    from lienthong.recognition import models as recognition  # noqa: F401


class GrantQuerySet(DatedQuerySet["recognition.Grant"]):
    def in_force(self) -> Self:
        return self.filter(status="in_force")


class OrderCheckQuerySet(models.QuerySet["recognition.OrderCheck"]):
    def of_facilities(self, facility_ids: set[int]) -> Self:
        return self.filter(facility_id__in=facility_ids)


class OrderLineQuerySet(models.QuerySet["recognition.OrderLine"]):
    def reusing(self, result_ids: list[int]) -> Self:
        return self.filter(choice="reuse", result_id__in=result_ids)
