"""A facility's level in the scheme that the policy compares: a published quality level, or its dated class."""

from __future__ import annotations

from lienthong.policy import LevelEvidence
from lienthong.registry.reads import FacilityFacts


def level_of(facility: FacilityFacts, published: LevelEvidence | None, scheme: str | None) -> int | None:
    """Return the level in the scheme; None where none is known, or where the policy compares no levels."""
    if scheme is None:
        return None
    if published is not None and published.scheme == scheme:
        return published.level
    grade = facility.classes.get(scheme, "")
    return int(grade) if grade.isdecimal() else None
