"""How senders and mappings are read inside the app, first of all by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

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


class MappingQuerySet(DatedQuerySet["exchange.CodeMapping"]):
    def visible_to(self, access: Access) -> Self:
        """Keep the mappings of visible senders."""
        return self.filter(
            models.Q(source__facility_id__in=access.facilities_as(*EVERYWHERE))
            | models.Q(source__facility_id__in=access.facilities_as(*OWN_LABORATORY))
        )

    def same_as(self, mapping: exchange.CodeMapping) -> Self:
        """Keep what says of the same code, in the same system, from the same analyser and specimen."""
        names = ("source_id", "local_code", "local_system", "equipment", "specimen")
        return self.filter(**{name: getattr(mapping, name) for name in names})

    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def proposed(self) -> Self:
        return self.filter(confirmed_at=None)


class ControlMappingQuerySet(DatedQuerySet["exchange.ControlMapping"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def proposed(self) -> Self:
        return self.filter(confirmed_at=None)


class HeldControlQuerySet(models.QuerySet["exchange.HeldControl"]):
    def waiting(self) -> Self:
        return self.filter(released_at=None)
