"""The lane of a message: its source and the report, the order, or the patient record that it is about.

Order of effect is kept within a lane. A message can be held up by a message of its lane that is held; others go on.
"""

from __future__ import annotations

from collections.abc import Iterator

from lienthong.exchange.listening.kinds import is_about_order, is_about_patient
from lienthong.exchange.processing.patient_reading import LOCAL_TYPES
from lienthong.interop.hl7v2 import Header

NULL = '""'
REPORT = (("OBR", 3), ("ORC", 3), ("OBR", 2), ("ORC", 2))
# The filler's number comes later in an order's life than the placer's, so it can't name the lane of both.
ORDER = (("ORC", 2), ("OBR", 2), ("ORC", 3), ("OBR", 3))
PATIENT = (("PID", 3), ("PID", 2))


def lane_of(source: str, text: str, header: Header) -> str:
    """Name the lane: of results by the filler's number, else the placer's; of orders the other way round; of patients
    (ADT) by the sender's own number. Without a number each message has a lane of its own.

    Runs of controls have no order among them: a control that is held must not delay the next day's. A merge stands in
    the lane of the patient who stays; the one who goes is locked when it takes effect.
    """
    if header.processing_id == "Q":
        return f"{source}:QC:{header.control_id}:{header.message_at}"
    places: tuple[tuple[str, int], ...]
    if is_about_patient(header):
        begins, places, choose = f"{source}::PID:", PATIENT, _own_number
    elif is_about_order(header):
        begins, places, choose = order_lane(source, ""), ORDER, _first
    else:
        begins, places, choose = f"{source}:", REPORT, _first
    numbers = (choose(one, header) for one in _fields(text, places, header))
    number = next((one for one in numbers if one), "")
    return begins + number if number else f"{source}::{header.control_id}"


def order_lane(source: str, number: str) -> str:
    """Name the lane of the messages about an order."""
    return f"{source}::ORC:{number}"


def _fields(text: str, places: tuple[tuple[str, int], ...], header: Header) -> Iterator[str]:
    """Yield fields of the first segments of a name; a listener can't wait until a message is parsed."""
    separator = header.delimiters.field
    for segment, number in places:
        fields = _segment(text, segment, separator).split(separator)
        yield fields[number] if number < len(fields) else ""


def _segment(text: str, name: str, separator: str) -> str:
    starts = [at + 1 for end in "\r\n" if (at := text.find(f"{end}{name}{separator}")) >= 0]
    if not starts:
        return ""
    start = min(starts)
    ends = [at for end in "\r\n" if (at := text.find(end, start)) >= 0]
    return text[start : min(ends, default=len(text))]


def _first(sent: str, header: Header) -> str:
    """Return the first component of an order's number; empty where it is null."""
    value = sent.split(header.delimiters.component)[0].strip()
    return "" if value == NULL else value


def _own_number(sent: str, header: Header) -> str:
    """Choose among the repetitions of a CX field as a worker does: by type (MR, PI, …), else the first."""
    parts = header.delimiters
    repetitions = sent.split(parts.repetition) if parts.repetition else [sent]
    found = [one.split(parts.component) for one in repetitions]
    named = [one for one in found if one[0].strip() and one[0] != NULL]
    ranked = sorted(named, key=lambda one: _rank(one[4].upper() if len(one) > 4 else ""))
    return ranked[0][0].strip() if ranked else ""


def _rank(type_code: str) -> int:
    return LOCAL_TYPES.index(type_code) if type_code in LOCAL_TYPES else len(LOCAL_TYPES)
