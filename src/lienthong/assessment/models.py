"""What assessments of a laboratory gave: published levels and lines of ISO 15189 scopes."""

from __future__ import annotations

from django.db import models

from lienthong.assessment.querysets import AssessmentQuerySet
from lienthong.core.dated import Dated


class PublishedLevel(Dated):
    """The level of a facility's laboratories that the authority assessed and published."""

    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="published_levels")
    scheme = models.CharField(max_length=40, help_text="the criteria, as the policy pack names them")
    level = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=100, help_text="number of the decision that published it")
    published_on = models.DateField()
    objects = AssessmentQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["facility", "scheme", "valid_from"],
                condition=models.Q(superseded_at=None),
                name="assessment_publishedlevel_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.scheme} {self.level}"


class AccreditedScope(Dated):
    """A line of an ISO 15189 scope: one analyte of one laboratory under one certificate."""

    laboratory = models.ForeignKey("registry.Laboratory", on_delete=models.PROTECT, related_name="accredited_scopes")
    analyte = models.ForeignKey("registry.Analyte", on_delete=models.PROTECT)
    body = models.CharField(max_length=100)
    certificate = models.CharField(max_length=60)
    objects = AssessmentQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["laboratory", "analyte", "certificate", "valid_from"],
                condition=models.Q(superseded_at=None),
                name="assessment_accreditedscope_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate} {self.analyte_id}"
