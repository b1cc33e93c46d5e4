"""How assessments are read inside the app."""

from __future__ import annotations

from django.db import models

from lienthong.core.dated import DatedQuerySet


class AssessmentQuerySet(DatedQuerySet[models.Model]):
    """Levels and scopes by the day they held."""
