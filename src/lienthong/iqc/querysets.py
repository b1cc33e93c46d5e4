"""How quality control is read inside the app."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models

from lienthong.core.dated import DatedQuerySet

if TYPE_CHECKING:
    from lienthong.iqc import models as iqc  # noqa: F401


class TargetQuerySet(DatedQuerySet["iqc.ControlTarget"]):
    """Targets by the day they held."""


class RunQuerySet(models.QuerySet["iqc.ControlRun"]):
    def of_laboratories(self, laboratory_ids: set[int]) -> Self:
        return self.filter(procedure__laboratory_id__in=laboratory_ids)

    def until(self, at: dt.datetime) -> Self:
        return self.filter(measured_at__lte=at)


class ViolationQuerySet(models.QuerySet["iqc.Violation"]):
    def rejections(self) -> Self:
        return self.filter(is_warning=False)

    def open(self) -> Self:
        return self.rejections().filter(cleared_by=None)
