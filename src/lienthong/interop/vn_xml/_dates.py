"""Times of the export: yyyyMMddHHmm in the facility's zone."""

from __future__ import annotations

from lienthong.interop.hl7v2 import Instant, read_instant

LENGTHS = (12, 14, 8)  # with seconds and as a bare day, some systems write them too


def read_time(text: str) -> Instant | None:
    """Read a time of twelve digits, of fourteen with seconds, or a day of eight; None where the text is none.

    A day is known to the day only, also where it was written with the hour 0000 by its sender: that is midnight.
    """
    text = text.strip()
    if len(text) not in LENGTHS or not (text.isascii() and text.isdecimal()):
        return None
    return read_instant(text)


def read_birth(text: str) -> Instant | None:
    """Read a birth: twelve or eight digits, or a year or month alone, where zeros or nothing stand for the rest."""
    text = text.strip()
    if len(text) not in (4, 6, 8, 12, 14) or not (text.isascii() and text.isdecimal()):
        return None
    day = text[:8]
    if day[4:6] in ("00", ""):
        return read_instant(day[:4])
    return read_instant(day[:6] if day[6:8] in ("00", "") else day)
