"""The lane of a message: its source and what it is about. Order of effect is kept within a lane, and nothing overtakes
a message of its lane that is held; other lanes go on.
"""

from __future__ import annotations

from lienthong.interop.hl7v2 import Header

NULL = '""'
REPORT = (("OBR", 3), ("ORC", 3), ("OBR", 2), ("ORC", 2))
PATIENT = (("PID", 3), ("PID", 2))


def lane_of(source: str, text: str, header: Header) -> str:
    """Name the lane: the source with the first filler order number, else the placer's, else the control id.

    What tells of patients only (ADT) has the lane of the sender's patient record.
    """
    is_about_patient = header.message_code == "ADT"
    for segment, number in PATIENT if is_about_patient else REPORT:
        value = _field(text, segment, number, header.delimiters.field)
        value = value.split(header.delimiters.repetition)[0].split(header.delimiters.component)[0].strip()
        if value and value != NULL:
            return f"{source}:{'patient:' if is_about_patient else ''}{value}"
    return f"{source}::{header.control_id}"


def _field(text: str, segment: str, number: int, separator: str) -> str:
    """Return a field of the first segment of a name; a listener can't wait until a message is parsed."""
    name = segment + separator
    starts = [at + 1 for end in "\r\n" if (at := text.find(end + name)) >= 0]
    if not starts:
        return ""
    start = min(starts)
    ends = [at for end in "\r\n" if (at := text.find(end, start)) >= 0]
    fields = text[start : min(ends, default=len(text))].split(separator)
    return fields[number] if number < len(fields) else ""
