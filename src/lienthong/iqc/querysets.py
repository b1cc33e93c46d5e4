"""How quality control is read inside the app."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from lienthong.core.dated import DatedQuerySet

if TYPE_CHECKING:
    from lienthong.iqc import models as iqc  # noqa: F401

PASSED = ("accepted", "warning")


class TargetQuerySet(DatedQuerySet["iqc.ControlTarget"]):
    """Targets by the day they held."""

    def of(self, procedure_ids: Collection[int]) -> Self:
        return self.filter(procedure_id__in=procedure_ids)


class RunQuerySet(models.QuerySet["iqc.ControlRun"]):
    def of(self, procedure_ids: Collection[int]) -> Self:
        return self.filter(procedure_id__in=procedure_ids)

    def between(self, start: dt.datetime, end: dt.datetime) -> Self:
        """Keep runs from `start` to `end`, both inclusive."""
        return self.filter(measured_at__gte=start, measured_at__lte=end)

    def passed(self) -> Self:
        """Keep runs in which every level was measured and no rule rejected; a warning passes."""
        return self.filter(verdict__in=PASSED)


class ResultQuerySet(models.QuerySet["iqc.ControlResult"]):
    def of(self, procedure_ids: Collection[int]) -> Self:
        return self.filter(run__procedure_id__in=procedure_ids)

    def counted(self) -> Self:
        """Keep results that were not excluded for a documented reason."""
        return self.filter(excluded_reason="")


class ViolationQuerySet(models.QuerySet["iqc.Violation"]):
    def of(self, procedure_ids: Collection[int]) -> Self:
        return self.filter(procedure_id__in=procedure_ids)

    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)

    def rejections(self) -> Self:
        return self.standing().filter(is_warning=False)

    def open(self) -> Self:
        return self.rejections().filter(cleared_by=None)


class ActionQuerySet(models.QuerySet["iqc.CorrectiveAction"]):
    def of(self, procedure_ids: Collection[int]) -> Self:
        return self.filter(violations__procedure_id__in=procedure_ids).distinct()

    def between(self, start: dt.datetime, end: dt.datetime) -> Self:
        return self.filter(done_at__gte=start, done_at__lt=end)

    def that_removed_the_cause(self) -> Self:
        return self.filter(~Q(cause="not_found"))


class ResetQuerySet(models.QuerySet["iqc.ResetEvent"]):
    def of(self, procedure_ids: Collection[int]) -> Self:
        return self.filter(procedure_id__in=procedure_ids)


class DraftQuerySet(models.QuerySet["iqc.ControlFileDraft"]):
    def of_user(self, user_id: int) -> Self:
        return self.filter(by_id=user_id)
