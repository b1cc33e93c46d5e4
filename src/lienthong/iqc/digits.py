"""Values and z scores with so many decimals, rounded half up as laboratories report them."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from lienthong.core.templatetags import numbers


def fixed(value: float, decimals: int = 1) -> str:
    """Write a number with so many decimals; nan becomes –."""
    return numbers.fixed(_rounded(value, decimals), decimals)


def signed(value: float, decimals: int = 1) -> str:
    """Write a number with its sign: +1.7, −0.3, 0.0."""
    return numbers.signed(_rounded(value, decimals), decimals)


def _rounded(value: float, decimals: int) -> Decimal | None:
    if math.isnan(value):
        return None
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return rounded or Decimal(0).quantize(rounded)  # not −0.0
