"""Laboratories by their codes, as files name them."""

from __future__ import annotations

from lienthong.eqa.models import Participant


def laboratory_ids() -> dict[str, int]:
    """Return the key of every laboratory by its code."""
    laboratories = Participant.laboratory.field.related_model
    return dict(laboratories._default_manager.values_list("code", "pk"))
