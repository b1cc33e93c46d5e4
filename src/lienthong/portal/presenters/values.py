"""A result's value as pages show it: digits as reported, unit, flag, and the producing laboratory's interval drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import fixed, plain
from lienthong.registry.reads import AnalyteFacts, ProcedureFacts
from lienthong.results.reads import ResultFacts

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_RANGE = re.compile(r"(?<=\d)\s*[-–~]\s*(?=\d)")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# The drawing is 160 wide; its posts stand at 34 and 126, and a dot outside is drawn clear of them.
_LEFT, _RIGHT, _CLEAR_IN, _CLEAR_OUT, _EDGE = 34, 126, 9, 12, 7


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits in the analyte's unit; None is an open side."""

    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Gauge:
    """A dot against one or two posts."""

    x: int
    posts: str
    is_outside: bool
    label: str


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value in words and drawing; `also` is what was reported where the page shows another unit.

    `limits` is the interval for a table that has a column of units. `is_prose` where the text is that of a report.
    """

    text: str
    unit: str
    arrow: str
    flag: str
    interval: str
    limits: str
    is_registered_interval: bool
    gauge: Gauge | None
    also: str
    is_prose: bool = False


def as_reported(result: ResultFacts, analyte: AnalyteFacts, procedure: ProcedureFacts | None) -> ShownValue:
    """Show a result as the laboratory reported it."""
    if analyte.is_narrative:
        return _prose(result.reported_value)
    unit = result.reported_unit or analyte.unit
    interval, is_registered = _interval(result, procedure)
    received = result.reference_range
    written = (received, unit) if received else (_written_interval(interval), analyte.unit)
    return _shown(result, text=_reported_text(result), unit=unit, interval=interval, written=written,
                  is_registered=is_registered)  # fmt: skip


def as_compared(result: ResultFacts, analyte: AnalyteFacts, procedure: ProcedureFacts | None) -> ShownValue:
    """Show a result in the unit in which all laboratories' results of the analyte are compared.

    Where that is the unit of the report, digits and interval stay as they were reported.
    """
    reported = as_reported(result, analyte, procedure)
    if result.value is None or result.value == _number(result.reported_value):
        return replace(reported, unit=unit_words(analyte.unit)) if result.value is not None else reported
    interval, is_registered = _interval(result, procedure)
    drawn = _written_interval(interval)
    return _shown(
        result,
        text=f"{_comparator(result)}{fixed(result.value, analyte.decimals)}",
        unit=analyte.unit,
        interval=interval,
        written=(drawn, analyte.unit) if drawn else (result.reference_range, result.reported_unit),
        is_registered=is_registered,
        also=f"{reported.text} {reported.unit}",
    )


def _prose(text: str) -> ShownValue:
    """Show what is told in words as it was written: no digit of it is touched."""
    return ShownValue(text, "", "", "", "", "", False, None, "", is_prose=True)


def unit_words(code: str) -> str:
    """Write a UCUM code as people do: 10*9/L is 10⁹/L, umol/L is µmol/L."""
    powers = re.sub(r"10[*^](\d+)", lambda found: "10" + found[1].translate(_SUPERSCRIPT), code)
    micro = re.sub(r"(^|[/.])u(?=(mol|g|L|kat|[A-Z])\b)", r"\1µ", powers)
    return re.sub(r"\[([^\[\]]*)\]", r"\1", re.sub(r"\{[^{}]*\}", "", micro))


def _shown(
    result: ResultFacts,
    *,
    text: str,
    unit: str,
    interval: Interval,
    written: tuple[str, str],
    is_registered: bool,
    also: str = "",
) -> ShownValue:
    side, (limits, limits_unit) = _side(result, interval), written
    words = {"high": _("high"), "low": _("low")}.get(side, "")
    return ShownValue(
        text=text,
        unit=unit_words(unit) if result.value is not None else "",
        arrow={"high": "↑", "low": "↓"}.get(side, ""),
        flag=words,
        interval=f"{_local_digits(limits)} {unit_words(limits_unit)}".strip() if limits else "",
        limits=_local_digits(limits if limits_unit == unit else f"{limits} {unit_words(limits_unit)}".strip()),
        is_registered_interval=is_registered,
        gauge=_gauge(result, interval, label=f"{text}: {words or _('within the interval')}"),
        also=also,
    )


def _reported_text(result: ResultFacts) -> str:
    if result.outcome and result.value is None:
        return outcome_words(result.outcome)
    return f"{_comparator(result)}{_local_digits(result.reported_value.lstrip('<>=≤≥ '))}"


def outcome_words(outcome: str) -> str:
    """Name the outcome of a qualitative examination."""
    names = {"positive": _("positive"), "negative": _("negative"), "indeterminate": _("indeterminate")}
    return names.get(outcome, outcome)


def _comparator(result: ResultFacts) -> str:
    return f"{result.comparator} " if result.comparator else ""


def _number(text: str) -> Decimal | None:
    """Return the number that a reported value starts with, whichever decimal sign it has."""
    found = re.search(r"[+-]?\d+([.,]\d+)?", text)
    return Decimal(found[0].replace(",", ".")) if found else None


def _local_digits(text: str) -> str:
    """Write decimals with the sign of the language and keep the digits: 1.50-2.0 is 1.50–2.0 or 1,50–2,0."""
    sign = str(formats.get_format("DECIMAL_SEPARATOR"))
    return _NUMBER.sub(lambda found: found[0].replace(".", sign).replace("-", "−"), _RANGE.sub("–", text))


def _interval(result: ResultFacts, procedure: ProcedureFacts | None) -> tuple[Interval, bool]:
    """Return the interval that came with the result, else that of the registered system where units agree.

    It may have been filled in from the registry when the result was stored.
    """
    if "reference_range" in result.filled_in:
        return Interval(result.reference_low, result.reference_high), True
    if result.reference_low is not None or result.reference_high is not None or result.reference_range:
        return Interval(result.reference_low, result.reference_high), False
    if procedure and procedure.unit == procedure.analyte.unit:
        held = Interval(procedure.reference_low, procedure.reference_high)
        return held, held != Interval(None, None)
    return Interval(None, None), False


def _written_interval(interval: Interval) -> str:
    low, high = interval.low, interval.high
    if low is not None and high is not None:
        return f"{plain(low)}–{plain(high)}"
    if high is not None:
        return f"< {plain(high)}"
    return f"> {plain(low)}" if low is not None else ""


def _side(result: ResultFacts, interval: Interval) -> str:
    """Return on which side a value lies: as the laboratory flagged it, else as its interval says."""
    flagged = result.flags.strip().upper()[:1]
    if flagged in ("H", "L"):
        return {"H": "high", "L": "low"}[flagged]
    if result.value is None:
        return ""
    if interval.high is not None and result.value > interval.high:
        return "high"
    return "low" if interval.low is not None and result.value < interval.low else ""


def _gauge(result: ResultFacts, interval: Interval, *, label: str) -> Gauge | None:
    value, low, high = result.value, interval.low, interval.high
    if value is None or (low is None and high is None):
        return None
    if low is not None and high is not None and high <= low:
        return None
    share = _share(float(value), low=None if low is None else float(low), high=None if high is None else float(high))
    is_above = high is not None and value > high
    is_below = low is not None and value < low
    return Gauge(
        x=_place(share, is_above=is_above, is_below=is_below),
        posts=("M34 3v14" if low is not None else "") + ("M126 3v14" if high is not None else ""),
        is_outside=is_above or is_below,
        label=label,
    )


def _share(value: float, *, low: float | None, high: float | None) -> float:
    """Return how far along the interval a value lies; with one limit, zero or twice the limit stands for the other."""
    start = low if low is not None else min(0.0, 2 * (high or 0.0))
    end = high if high is not None else max(2 * (low or 0.0), start + 1)
    return (value - start) / (end - start) if end > start else 0.5


def _place(share: float, *, is_above: bool, is_below: bool) -> int:
    along = _LEFT + share * (_RIGHT - _LEFT)
    if is_above:
        return round(min(max(along, _RIGHT + _CLEAR_OUT), 160 - _EDGE))
    if is_below:
        return round(max(min(along, _LEFT - _CLEAR_OUT), _EDGE))
    return round(min(max(along, _LEFT + _CLEAR_IN), _RIGHT - _CLEAR_IN))
