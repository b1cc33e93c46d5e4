"""How much of something this installation takes and keeps, and where."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings


def most_delivery_bytes() -> int:
    """Return how many bytes a delivery may have: LIENTHONG_DELIVERY_MB, ten megabytes where it is not set."""
    most: int = settings.DELIVERY_MOST_BYTES
    return most


def export_folder() -> Path:
    """Return where the files of exports are: LIENTHONG_EXPORTS, else `exports` in the data folder."""
    return Path(settings.EXPORT_FOLDER)


def export_lifetime() -> dt.timedelta:
    """Return how long the files of an export can be fetched: LIENTHONG_EXPORT_DAYS, a week where it is not set."""
    return dt.timedelta(days=settings.EXPORT_DAYS)


def most_export_lines() -> int:
    """Return how many resources a file has at most: LIENTHONG_EXPORT_LINES, 100,000 where it is not set."""
    most: int = settings.EXPORT_LINES
    return most
