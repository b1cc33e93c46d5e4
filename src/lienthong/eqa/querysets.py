"""How EQA is read inside the app, first of all by whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import F, Max, Q

from lienthong.core.dated import DatedQuerySet
from lienthong.registry.reads import Access

if TYPE_CHECKING:
    from lienthong.eqa import models as eqa  # noqa: F401

Row = TypeVar("Row", bound=models.Model)
LABORATORY_ROLES = ("technician", "manager")
OFFICER = "officer"


class RecordedQuerySet(DatedQuerySet[Row]):
    """Rows that are superseded, never overwritten."""

    def current(self) -> Self:
        return self.known_at(None)


class SchemeQuerySet(models.QuerySet["eqa.Scheme"]):
    def outside(self) -> Self:
        """Keep the schemes whose scores arrive by file or certificate."""
        return self.filter(is_own=False)

    def managed_by(self, access: Access) -> Self:
        """Keep the schemes run here in whose regions the user is an officer."""
        regions = access.regions.get(OFFICER, frozenset())
        return self.filter(is_own=True, regions__in=regions).distinct()


class RoundQuerySet(models.QuerySet["eqa.Round"]):
    def visible_to(self, access: Access) -> Self:
        """Keep the rounds of an officer's region, and those in which a reached laboratory takes part or has a score."""
        laboratories = access.laboratories_as(*LABORATORY_ROLES, OFFICER)
        in_region = self.filter(scheme__regions__in=access.regions.get(OFFICER, frozenset()))
        taking_part = self.filter(participants__laboratory__in=laboratories)
        scored = self.filter(scores__procedure__laboratory__in=laboratories)
        return self.filter(
            Q(pk__in=in_region.values("pk")) | Q(pk__in=taking_part.values("pk")) | Q(pk__in=scored.values("pk"))
        )

    def named(self, name: str) -> Self:
        """Keep the rounds of that code; `SCHEME/CODE` names the scheme too."""
        scheme, slash, code = name.rpartition("/")
        return self.filter(scheme__code=scheme, code=code) if slash else self.filter(code=name)

    def with_final_at(self) -> Self:
        """Add `final_at`, the instant at which the report became final."""
        return self.annotate(final_at=Max("steps__at", filter=Q(steps__status="final")))


class ScoreQuerySet(RecordedQuerySet["eqa.ProcedureScore"]):
    def of_laboratories(self, laboratory_ids: Collection[int]) -> Self:
        return self.filter(procedure__laboratory__in=laboratory_ids)


class CertificateQuerySet(models.QuerySet["eqa.Certificate"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(laboratory__in=access.laboratories_as(*LABORATORY_ROLES, OFFICER))

    def waiting_first(self) -> Self:
        return self.order_by(F("checked_at").desc(nulls_first=True), "-handed_in_at")

    def waiting(self) -> Self:
        return self.filter(status="waiting")
