"""Runs of the entrance test."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q


class CertificationQuerySet(models.QuerySet["Certification"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)


class Certification(models.Model):
    """A run that is open for a sender for some days; closed, it keeps its verdicts and what was signed of them."""

    source = models.ForeignKey("exchange.Source", on_delete=models.PROTECT, related_name="certifications")
    edition = models.CharField(max_length=20, help_text="of the published cases")
    is_self_test = models.BooleanField(default=False, help_text="sent by the platform itself; never signed")
    opened_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    has_passed = models.BooleanField(null=True, blank=True, help_text="null: still open")
    verdicts = models.JSONField(default=list)
    signed = models.TextField(blank=True, help_text="JWS of the report, where all cases passed")

    objects = CertificationQuerySet.as_manager()

    class Meta:
        app_label = "exchange"
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "is_self_test"], condition=Q(closed_at=None), name="exchange_certification_one_open"
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="exchange_certification_period"),
            models.CheckConstraint(
                condition=Q(closed_at=None, has_passed=None) | Q(closed_at__isnull=False, has_passed__isnull=False),
                name="exchange_certification_closed",
            ),
        ]

    @property
    def prefix(self) -> str:
        """How the control ids and report numbers of this run begin."""
        return f"LTCERT-{self.pk}"

    def __str__(self) -> str:
        return f"certification {self.pk} of {self.source_id}"
