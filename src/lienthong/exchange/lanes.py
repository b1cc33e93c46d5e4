"""The lane of a message: its source and the report it is about. Order of effect is kept within a lane."""

from __future__ import annotations

import re

from lienthong.interop.hl7v2 import Header


def lane_of(source: str, text: str, header: Header) -> str:
    """Name the lane: the source and the first filler order number, else the placer's, else the control id.

    Runs of controls have no order among them: a control that is held must not delay the next day's.
    """
    if header.processing_id == "Q":
        return f"{source}:QC:{header.control_id}:{header.message_at}"
    separator = re.escape(header.delimiters.field)
    for segment, number in (("OBR", 3), ("ORC", 3), ("OBR", 2), ("ORC", 2)):
        pattern = (
            rf"(?:^|[\r\n]){segment}(?:{separator}[^{separator}\r\n]*){{{number - 1}}}{separator}([^{separator}\r\n]*)"
        )
        match = re.search(pattern, text)
        value = match[1].split(header.delimiters.component)[0].strip() if match else ""
        if value and value != '""':
            return f"{source}:{value}"
    return f"{source}::{header.control_id}"
