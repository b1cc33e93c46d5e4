"""Times as sent (HL7 data types DT, DTM and TS), with their precision and their offset."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal

from msgspec import Struct

Precision = Literal["year", "month", "day", "hour", "minute", "second", "fraction"]

_DTM = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d{2})(?:(?P<day>\d{2})(?:(?P<hour>\d{2})(?:(?P<minute>\d{2})"
    r"(?:(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?)?)?)?)?(?P<offset>[+-]\d{4})?",
    re.ASCII,
)
_PRECISIONS: tuple[Precision, ...] = ("fraction", "second", "minute", "hour", "day", "month", "year")


class Instant(Struct, frozen=True, gc=False):
    """A time as sent.

    `value` is its first moment: aware where the sender gave an offset, else naive (`is_local`); None where the time is
    not even a day.
    """

    text: str
    precision: Precision
    value: datetime | None

    @property
    def is_local(self) -> bool:
        """Whether the offset is missing, so that only the sender's zone makes it a point in time."""
        return self.value is not None and self.value.tzinfo is None

    @property
    def has_time(self) -> bool:
        """Whether the hour is known: a bare date begins a window of a day, not a point in it."""
        return self.precision not in ("year", "month", "day")

    def at(self, zone: tzinfo) -> datetime | None:
        """Return the point in time, reading a local time in `zone`."""
        if self.value is not None and self.value.tzinfo is None:
            return self.value.replace(tzinfo=zone)
        return self.value


class TimeOfDay(Struct, frozen=True, gc=False):
    """A time of day as sent (TM); `value` is its first moment, with the offset that the sender gave."""

    text: str
    value: time


def read_instant(text: str) -> Instant | None:
    """Read a time as sent; None where it is not one (an impossible date included)."""
    text = text.strip()
    if text.isascii() and text[:14].isdecimal():
        try:
            if len(text) == 14 or (len(text) == 19 and text[14] in "+-" and text[15:].isdecimal()):
                return Instant(text, "second", datetime.fromisoformat(f"{text[:8]}T{text[8:]}"))
            if len(text) == 8:
                return Instant(text, "day", datetime.fromisoformat(text))
        except ValueError:  # what follows tells whether it is wrong or only uncommon
            pass
    return _read_parts(text)


def read_time_of_day(text: str) -> TimeOfDay | None:
    """Read a time of day as sent; None where it is not one."""
    instant = _read_parts(f"20000101{text.strip()}")
    if instant is None or instant.value is None or not instant.has_time:
        return None
    return TimeOfDay(text.strip(), instant.value.timetz())


def _read_parts(text: str) -> Instant | None:
    match = _DTM.fullmatch(text)
    if match is None:
        return None
    precision = next(name for name in _PRECISIONS if match[name])
    try:
        moment = datetime(
            int(match["year"]),
            int(match["month"] or 1),
            int(match["day"] or 1),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            int((match["fraction"] or "0").ljust(6, "0")),
            tzinfo=_zone(match["offset"]),
        )
    except ValueError:
        return None
    return Instant(text, precision, None if precision in ("year", "month") else moment)


def write_instant(moment: datetime) -> str:
    """Write a point in time to the second, with its offset; a naive one raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a time that is sent must have a zone, but got a naive datetime")
    return _written(moment.replace(microsecond=0), moment.utcoffset())


@lru_cache(maxsize=1024)
def _written(second: datetime, _offset: timedelta | None) -> str:
    """Write a second. Who answers thousands of messages writes the same again; the offset tells equal ones apart."""
    return second.strftime("%Y%m%d%H%M%S%z").zfill(19)


def _zone(offset: str | None) -> timezone | None:
    if not offset:
        return None
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
