"""How much of something this installation takes."""

from __future__ import annotations

from django.conf import settings


def most_delivery_bytes() -> int:
    """Return how many bytes a delivery may have: LIENTHONG_DELIVERY_MB, ten megabytes where it is not set."""
    most: int = settings.DELIVERY_MOST_BYTES
    return most
