"""The lane of an order message: its source and the placer's number, so that new, changed and cancelled keep order."""

from __future__ import annotations

import re

from lienthong.interop.hl7v2 import Header


def order_lane(source: str, text: str, header: Header) -> str:
    """Name the lane by the first placer number (ORC-2, OBR-2), else the filler's, else by the control id.

    The filler's number comes later in an order's life than the placer's, so it can't name the lane of both.
    """
    separator = re.escape(header.delimiters.field)
    for segment, number in (("ORC", 2), ("OBR", 2), ("ORC", 3), ("OBR", 3)):
        before = rf"(?:{separator}[^{separator}\r\n]*){{{number - 1}}}"
        match = re.search(rf"(?:^|[\r\n]){segment}{before}{separator}([^{separator}\r\n]*)", text)
        value = match[1].split(header.delimiters.component)[0].strip() if match else ""
        if value and value != '""':
            return f"{source}::ORC:{value}"
    return f"{source}::{header.control_id}"
