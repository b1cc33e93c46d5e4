"""How assessments are read inside the app."""

from __future__ import annotations

from lienthong.core.dated import DatedQuerySet, Row


class AssessmentQuerySet(DatedQuerySet[Row]):
    """Levels and scopes by the day they held."""
