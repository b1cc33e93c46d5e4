"""Times: HL7 v2's DT, DTM and TM to FHIR's date, dateTime, instant and time, and back.

FHIR wants an offset on each time of day. A time without one takes the message's (HL7 makes the offset of MSH-7 the
default of the whole message), else the zone that the caller names; where there is neither, only the day is written.
What a FHIR type cannot hold is kept as it was sent in an extension.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from lienthong.interop.fhir._json import Element, as_element, elements_at, text_at
from lienthong.interop.fhir._systems import AS_SENT, as_sent
from lienthong.interop.hl7v2 import read_instant

_OFFSET = re.compile(r"[+-]\d{4}\Z", re.ASCII)
_FHIR = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
_TM = re.compile(r"([01]\d|2[0-3])(?:([0-5]\d)(?:([0-5]\d)(\.\d{1,6})?)?)?([+-]\d{4})?", re.ASCII)
_LONGEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Clock:
    """How times without an offset are read: the offset of MSH-7 as sent (empty where it has none), then a zone."""

    offset: str = ""
    zone: tzinfo | None = None


@lru_cache(maxsize=8192)
def fhir_date_time(sent: str, clock: Clock) -> str:
    """Return a FHIR dateTime of the same precision; empty where the text is no time."""
    moment = read_instant(sent)
    if moment is None:
        return ""
    text = moment.text
    offset = text[-5:] if _OFFSET.search(text) else ""
    digits = text[: len(text) - len(offset)]
    date = "-".join(part for part in (digits[:4], digits[4:6], digits[6:8]) if part)
    if not moment.has_time:
        return date
    written = _written_offset(offset or clock.offset, moment.value, clock.zone)
    if not written:
        return date
    return f"{date}T{digits[8:10]}:{digits[10:12] or '00'}:{digits[12:] or '00'}{written}"


def fhir_instant(sent: str, clock: Clock) -> str:
    """Return a FHIR instant, to the second at least; empty where the day or the offset is not known."""
    found = fhir_date_time(sent, clock)
    return found if "T" in found else ""


def fhir_time(sent: str) -> str:
    """Return a FHIR time; empty where the text is none (HL7 data type TM)."""
    match = _TM.fullmatch(sent)
    return f"{match[1]}:{match[2] or '00'}:{match[3] or '00'}{match[4] or ''}" if match else ""


def put_time(element: Element, key: str, sent: str, clock: Clock, *, is_instant: bool = False) -> bool:
    """Set a time of `element`, and keep what was sent where FHIR loses some of it; tell whether it was a time."""
    if not sent:
        return True
    value = fhir_instant(sent, clock) if is_instant else fhir_date_time(sent, clock)
    if value:
        element[key] = value
    if hl7_time(value) != sent:
        element[f"_{key}"] = {"extension": [as_sent(sent)]}
    return bool(value) or read_instant(sent) is not None


@lru_cache(maxsize=8192)
def hl7_time(fhir: str) -> str:
    """Return a FHIR date, dateTime or instant as HL7 v2 writes it; empty where it is none."""
    match = _FHIR.fullmatch(fhir)
    if match is None:
        return ""
    offset = match[8] or ""
    offset = "+0000" if offset == "Z" else offset.replace(":", "")
    return "".join(part or "" for part in match.groups()[:7]) + offset


def time_back(element: Mapping[str, object], key: str) -> str:
    """Return a time of `element` as HL7 v2 writes it: as it was sent where that is kept."""
    if (beside := element.get(f"_{key}")) is not None:
        for extension in elements_at(as_element(beside), "extension"):
            if extension.get("url") == AS_SENT:
                return text_at(extension, "valueString")
    text = text_at(element, key)
    return hl7_time(text) if text else ""


def _written_offset(offset: str, moment: datetime | None, zone: tzinfo | None) -> str:
    if offset:
        away = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
        return f"{offset[:3]}:{offset[3:]}" if away <= _LONGEST and int(offset[3:]) < 60 else ""
    found = zone.utcoffset(moment.replace(tzinfo=None)) if zone and moment else None
    if found is None:
        return ""
    minutes = round(found.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
