"""What each sender sent on each day, counted."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SourceDay(models.Model):
    """Counts of one sender and one calendar day of the platform's zone.

    The delays from release to receipt are kept as counts of classes, so that medians of weeks can be told from days.
    """

    source = models.CharField(max_length=60)
    day = models.DateField()
    messages = models.IntegerField(default=0)
    duplicates = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    results = models.IntegerField(default=0)
    results_unmapped = models.IntegerField(default=0)
    filled = models.IntegerField(default=0, help_text="expected fields that were filled")
    expected = models.IntegerField(default=0, help_text="expected fields")
    missing = models.JSONField(default=dict, help_text="by field, in how many results it is missing")
    delays = ArrayField(models.IntegerField(), default=list, help_text="results by class of delay")
    counted_at = models.DateTimeField()

    class Meta:
        app_label = "exchange"
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="exchange_sourceday_once")]
        indexes = [models.Index(fields=["day"], name="exchange_sourceday_day")]

    def __str__(self) -> str:
        return f"{self.source} {self.day}"
