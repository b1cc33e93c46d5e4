"""How much of something this installation takes and keeps, for how long, and where."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import psycopg
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


def bound_statements() -> None:
    """Let PostgreSQL end what one statement of this process takes longer for: LIENTHONG_STATEMENT_SECONDS, a minute.

    For connections that are opened later; what PGOPTIONS says already stands. One request must not hold a thread, and
    the database, for as long as it can think of.
    """
    os.environ.setdefault("PGOPTIONS", f"-c statement_timeout={settings.STATEMENT_SECONDS}s")


def is_out_of_time(error: Exception) -> bool:
    """Whether an error of Django's is that the database ended a statement for its time."""
    return isinstance(error.__cause__, psycopg.errors.QueryCanceled)
