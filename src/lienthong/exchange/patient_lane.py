"""The lane of a message about a patient: its source and the patient's number there."""

from __future__ import annotations

import re

from lienthong.exchange.patient_reading import LOCAL_TYPES
from lienthong.interop.hl7v2 import Header

_LINE_END = re.compile(r"[\r\n]+")


def patient_lane(source: str, text: str, header: Header) -> str:
    """Name the lane by the sender's own number in the first PID (PID-3, else PID-2), else by the control id.

    The number is chosen as a worker chooses it: by its type (MR, PI, …), else the first. A merge stands in the lane of
    the patient who stays; the one who goes is locked when it takes effect.
    """
    field = header.delimiters.field
    for line in _LINE_END.split(text):
        if line.startswith(f"PID{field}"):
            fields = line.split(field)
            number = _own_number(_at(fields, 3), header) or _own_number(_at(fields, 2), header)
            return f"{source}::PID:{number}" if number else f"{source}::{header.control_id}"
    return f"{source}::{header.control_id}"


def _at(fields: list[str], number: int) -> str:
    return fields[number] if number < len(fields) else ""


def _own_number(sent: str, header: Header) -> str:
    """Choose among the repetitions of a CX field; empty where it holds no number."""
    parts = header.delimiters
    repetitions = sent.split(parts.repetition) if parts.repetition else [sent]
    found = [one.split(parts.component) for one in repetitions]
    named = [one for one in found if one[0].strip() and one[0] != '""']
    ranked = sorted(named, key=lambda one: _rank(one[4].upper() if len(one) > 4 else ""))
    return ranked[0][0].strip() if ranked else ""


def _rank(type_code: str) -> int:
    return LOCAL_TYPES.index(type_code) if type_code in LOCAL_TYPES else len(LOCAL_TYPES)
