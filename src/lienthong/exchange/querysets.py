"""How senders and mappings are read inside the app, first of all by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

from lienthong.core.dated import DatedQuerySet
from lienthong.registry.reads import Access

if TYPE_CHECKING:
    from lienthong.exchange import models as exchange

EVERYWHERE = ("operator", "administrator")
OWN_LABORATORY = ("manager",)


class SourceQuerySet(models.QuerySet["exchange.Source"]):
    def visible_to(self, access: Access) -> Self:
        """Keep the senders of the facilities of an operator or administrator, and of a manager's laboratories."""
        return self.filter(
            models.Q(facility_id__in=access.facilities_as(*EVERYWHERE))
            | models.Q(facility_id__in=access.facilities_as(*OWN_LABORATORY))
        )


Row = TypeVar("Row", bound="exchange.Reviewed")


class ReviewedQuerySet(DatedQuerySet[Row]):
    def same_as(self, mapping: exchange.Reviewed) -> Self:
        """Keep what speaks of the same subject of the same sender."""
        return self.filter(**{name: getattr(mapping, name) for name in mapping.SUBJECT})

    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def proposed(self) -> Self:
        return self.filter(confirmed_at=None)


class MappingQuerySet(ReviewedQuerySet["exchange.CodeMapping"]):
    def visible_to(self, access: Access) -> Self:
        """Keep the mappings of visible senders."""
        return self.filter(
            models.Q(source__facility_id__in=access.facilities_as(*EVERYWHERE))
            | models.Q(source__facility_id__in=access.facilities_as(*OWN_LABORATORY))
        )


class ControlMappingQuerySet(ReviewedQuerySet["exchange.ControlMapping"]):
    """Mappings of control materials."""


class HeldControlQuerySet(models.QuerySet["exchange.HeldControl"]):
    def waiting(self) -> Self:
        return self.filter(released_at=None)
