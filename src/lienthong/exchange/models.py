"""Senders, and what their local codes mean."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.core.dated import Dated
from lienthong.exchange.querysets import MappingQuerySet, SourceQuerySet


class Source(models.Model):
    """A sending system: MSH-3 and MSH-4 name it; its facility gives the time zone and the region."""

    code = models.CharField(max_length=60, unique=True)
    sending_application = models.CharField(max_length=200)
    sending_facility = models.CharField(max_length=200)
    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="sources")
    laboratory = models.ForeignKey("registry.Laboratory", on_delete=models.PROTECT, null=True, blank=True)
    default_charset = models.CharField(max_length=30, default="utf-8", help_text="where MSH-18 is empty")
    certificate = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="name in the client certificate that it must connect with",
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["sending_application", "sending_facility"], name="exchange_source_once")
        ]

    def __str__(self) -> str:
        return self.code


class CodeMapping(Dated):
    """What a local code means: an analyte, and where the sender's code says so, the measuring system."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mappings")
    local_code = models.CharField(max_length=60)
    local_system = models.CharField(max_length=60, blank=True)
    analyte = models.ForeignKey("registry.Analyte", on_delete=models.PROTECT)
    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, null=True, blank=True)
    proposed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    objects = MappingQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("proposed_by")),
                name="exchange_codemapping_second_person",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="exchange_codemapping_confirmed",
            ),
            models.UniqueConstraint(
                fields=["source", "local_code", "local_system"],
                condition=Q(superseded_at=None, valid_to=None, confirmed_at__isnull=False),
                name="exchange_codemapping_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["source", "local_code", "local_system"],
                condition=Q(superseded_at=None, confirmed_at=None),
                name="exchange_codemapping_one_proposed",
            ),
        ]
        indexes = [models.Index(fields=["source", "local_code"], name="exchange_codemapping_find")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.local_code}"
