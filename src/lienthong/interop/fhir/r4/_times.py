"""Dates and times of FHIR, which are intervals: 2024-03 is the whole month (FHIR R4, Data Types, date, dateTime)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

_PARTS = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moments:
    """A half-open interval of instants, `start` included and `end` not; None where it is open. Both in UTC."""

    start: datetime | None
    end: datetime | None


@lru_cache(maxsize=8192)  # results of a report have the same time
def moments(text: str, zone: tzinfo = UTC) -> Moments | None:
    """Return the interval of a date, dateTime or instant; None for another text or a day that isn't in the calendar.

    `zone` is that of the dates and times which name none. Instants have the precision of microseconds: more digits are
    cut. Second 60 is the second after 59.
    """
    match = _PARTS.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        start = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), tzinfo=UTC)
        start = start.replace(tzinfo=_zone(offset) if offset else zone)
        start += timedelta(seconds=int(second or 0), microseconds=int((fraction or "")[:6].ljust(6, "0")))
        return Moments(*(_in_utc(one) for one in (start, _end(start, match))))
    except (ValueError, OverflowError):
        return None


def precision_of(text: str) -> str:
    """Return how far a date or time is written: year, month, day, minute, second or fraction."""
    if "T" not in text:
        return {4: "year", 7: "month"}.get(len(text), "day")
    if "." in text:
        return "fraction"
    return "second" if text[16:17] == ":" and text[17:18].isdigit() else "minute"


def _end(start: datetime, match: re.Match[str]) -> datetime:
    year, month, day, hour, _, second, fraction, _ = match.groups()
    try:
        if month is None:
            return start.replace(year=int(year) + 1)
        if day is None:
            return start.replace(year=int(year) + int(month) // 12, month=int(month) % 12 + 1)
        if hour is None:
            return start + timedelta(days=1)
        return start + _step(second, fraction)
    except (ValueError, OverflowError):
        return _LATEST


def _step(second: str | None, fraction: str | None) -> timedelta:
    if second is None:
        return timedelta(minutes=1)
    return timedelta(microseconds=10 ** (6 - min(len(fraction or ""), 6)))


def _zone(offset: str) -> tzinfo:
    if offset == "Z":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _in_utc(moment: datetime) -> datetime:
    """Return the instant in UTC; the first and last hours of the calendar stay inside it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _EARLIEST if moment.year == 1 else _LATEST


def is_after(one: str, other: str) -> bool:
    """Tell whether one date or time is after the other, to the precision that both have; False where none can tell."""
    if "T" in one and "T" in other:
        first, second = moments(one), moments(other)
        return bool(first and second and first.start and second.end and first.start >= second.end)
    length = min(len(one.partition("T")[0]), len(other.partition("T")[0]))
    return one[:length] > other[:length]
