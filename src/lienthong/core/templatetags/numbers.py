"""Numbers, instants and drawings as pages show them. A minus is −, a range –, decimals follow the language."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

Number = float | int | Decimal


@register.filter
def fixed(value: Number | None, decimals: int = 1) -> str:
    """Write a number rounded half up to so many decimals; nothing becomes –, and no zero has a sign."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0
    return formats.number_format(rounded, decimal_pos=decimals, use_l10n=True, force_grouping=True).replace("-", "−")


@register.filter
def signed(value: Number | None, decimals: int = 1) -> str:
    """Write a number with its sign: +1.7, −0.3, 0.0."""
    text = fixed(value, decimals)
    return f"+{text}" if text[0] not in "−–" and text.strip("0.,") else text


@register.filter
def plain(value: Number | None) -> str:
    """Write a decimal with the digits it has, without trailing zeros of the column."""
    if value is None:
        return "–"
    number = Decimal(str(value)).normalize()
    decimals = max(0, -int(number.as_tuple().exponent))
    return fixed(number, decimals)


@register.filter
def share(part: Number | None, whole: Number | None = None) -> str:
    """Write a share in percent with one decimal."""
    if part is None or whole == 0:
        return "–"
    return f"{fixed(100 * float(part) / float(whole) if whole else 100 * float(part), 1)} %"


@register.filter
def percent(value: float | None) -> str:
    """Write a share between 0 and 1 in percent with one decimal; what is not known becomes –."""
    return share(value) if value is not None and not math.isnan(value) else "–"


@register.filter
def moment(value: dt.datetime | None) -> str:
    """Write an instant to the minute in the active zone and language."""
    if value is None:
        return "–"
    return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """Write a calendar day in the active language."""
    if value is None:
        return "–"
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value)
    return formats.date_format(value, "SHORT_DATE_FORMAT")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of the symbols defined at the top of every page: in, edge, out, wait, held, none, yes, no, na."""
    return format_html('<svg aria-hidden="true" focusable="false"><use href="#{}"/></svg>', name)


@register.inclusion_tag("components/status.html")
def status(tone: str, symbol: str, words: str) -> dict[str, str]:
    """Show a status: always words and drawing; the tone (good, warn, bad, info, plain) only helps."""
    return {"tone": tone, "symbol": symbol, "words": words}
