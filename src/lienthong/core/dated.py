"""Facts with two times: when they held (valid), when they were known (recorded). Nothing dated is overwritten."""

from __future__ import annotations

import datetime as dt
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q

Row = TypeVar("Row", bound=models.Model)


class DatedQuerySet(models.QuerySet[Row]):
    def known_at(self, known_at: dt.datetime | None) -> Self:
        """Keep what was known at an instant; None is now."""
        if known_at is None:
            return self.filter(superseded_at=None)
        return self.filter(Q(superseded_at=None) | Q(superseded_at__gt=known_at), recorded_at__lte=known_at)

    def held(self, on: dt.date, *, known_at: dt.datetime | None = None) -> Self:
        """Keep what held on a calendar day, as known at an instant (None is now)."""
        return self.known_at(known_at).filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)

    def held_within(self, start: dt.date, end: dt.date, *, known_at: dt.datetime | None = None) -> Self:
        """Keep what held on any day from `start` to `end`, both inclusive."""
        return self.known_at(known_at).filter(Q(valid_to=None) | Q(valid_to__gt=start), valid_from__lte=end)


class Dated(models.Model):
    """A fact that held from `valid_from` (inclusive) to `valid_to` (exclusive; null: open)."""

    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="%(app_label)s_%(class)s_period"
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("recorded_at")),
                name="%(app_label)s_%(class)s_recorded",
            ),
        ]


def end_period(row: Dated, *, on: dt.date, at: dt.datetime) -> None:
    """Let a fact end on a day: the row that said "open" is superseded, and a row with the end takes its place."""
    model = type(row)
    model._default_manager.filter(pk=row.pk).update(superseded_at=at)
    if on > row.valid_from:
        row.pk, row.valid_to, row.recorded_at, row.superseded_at = None, on, at, None
        row._state.adding = True
        row.save(force_insert=True)
