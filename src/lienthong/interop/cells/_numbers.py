"""Numbers as people write them."""

from __future__ import annotations

import re
import sys
from decimal import Decimal

from lienthong.interop.cells._fault import CellFault, Code
from lienthong.interop.cells._text import EXCEL_DIGITS, Raw, plain

NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
LARGEST = sys.float_info.max  # a workbook may hold a whole number that is larger than any binary one


def number(raw: Raw) -> Decimal:
    """Return the number that a cell holds, a binary one at the 15 digits of Excel; CellFault where there is none."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        if not -LARGEST <= raw <= LARGEST:  # nor does nan lie between them
            raise CellFault(Code.NOT_A_NUMBER)
        return Decimal(f"{raw:.{EXCEL_DIGITS}g}")
    text = plain(raw)
    if not NUMBER.fullmatch(text):
        raise CellFault(Code.NOT_A_NUMBER)
    return Decimal(text.replace(",", "."))


def whole(found: Decimal) -> int:
    """Return a number as a whole one; CellFault where it has a fraction."""
    if found != found.to_integral_value():
        raise CellFault(Code.NOT_AN_INTEGER)
    return int(found)
