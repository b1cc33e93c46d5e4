"""From a reported value and unit to a number in the analyte's unit, and the producing laboratory's interval with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from lienthong.findings import Finding
from lienthong.interop import ucum
from lienthong.interop.hl7v2 import Coded, Observation, Reading, is_placeholder
from lienthong.registry.reads import AnalyteFacts, SystemNames

SCALE = Decimal("1E-10")  # of the columns that keep values
LARGEST = Decimal(10) ** 14
UNITLESS = ("", "1")
_NUMBER = r"\d+(?:[.,]\d+)?"
_BETWEEN = re.compile(rf"\[?\s*({_NUMBER})\s*(?:-|–|~|～|to|\.\.)\s*({_NUMBER})\s*\]?")
_BELOW = re.compile(rf"(?:<=|≤|<|up to)\s*({_NUMBER})", re.IGNORECASE)
_ABOVE = re.compile(rf"(?:>=|≥|>)\s*({_NUMBER})")
_ENZYME_UNIT = re.compile(r"\b([kmunp]?)U\b(?!\])")


_WITH_COMMA = re.compile(r"[<>=≤≥\s]*\d+,\d+\s*")


class OutOfRange(ucum.UnitError):
    """A number that the columns of values can't keep."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A value and its interval in the analyte's unit, or the finding that holds the result back."""

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    hold: Finding | None = None


class _Aim(NamedTuple):
    """The unit of an analyte, and by what other quantities become it."""

    unit: str
    molar_mass: float | None
    charge: int | None


def measure(observation: Observation, analyte: AnalyteFacts, reading: Reading | None = None) -> Measured:
    """Convert what an observation reports; a number whose unit can't be that of the analyte is held.

    Who has read the value already gives the `reading`.
    """
    number = (reading or observation.reading).number
    if number is None or not analyte.is_quantitative:
        return Measured()
    try:
        unit = reported_unit(observation, analyte)
        aim = _Aim(analyte.unit or "1", analyte.molar_mass, analyte.charge)
        return Measured(_converted(number, unit, aim), *_limits(observation.reference_range, unit, aim))
    except OutOfRange as error:
        place = f"{observation.position}-5"
        return Measured(
            hold=Finding(place, "out-of-range", f"{place} {error}; correct it, or its unit, at the sender.")
        )
    except ucum.UnitError as error:
        return Measured(hold=Finding(f"{observation.position}-6", "unit", _sentence(observation, error)))


def unread_number(observation: Observation, analyte: AnalyteFacts) -> Finding | None:
    """Tell of a number with a comma that came as text for an analyte that is measured; of NM its reader tells."""
    if not analyte.is_quantitative or observation.value_type == "NM" or not _WITH_COMMA.fullmatch(observation.text):
        return None
    place = f"{observation.position}-5"
    return Finding(place, "number", f"{place} is not a number with a decimal point; it was kept as text.")


def registered_limits(period: SystemNames | None, analyte: AnalyteFacts) -> tuple[Decimal | None, Decimal | None]:
    """Return the interval that is registered for a measuring system, in the analyte's unit; no limits where its unit
    can't become that.
    """
    if period is None or (period.reference_low is None and period.reference_high is None):
        return None, None
    try:
        unit = unit_code(period.unit, for_analyte=analyte)
        aim = _Aim(analyte.unit or "1", analyte.molar_mass, analyte.charge)
        low, high = (
            _converted(one, unit, aim) if one is not None else None
            for one in (period.reference_low, period.reference_high)
        )
    except ucum.UnitError:
        return None, None
    return low, high


def reported_unit(observation: Observation, analyte: AnalyteFacts) -> str:
    """Return OBX-6 as a UCUM code; raise NotUcum where there is no such unit."""
    return unit_code(unit_text(observation), for_analyte=analyte)


def unit_code(text: str, *, for_analyte: AnalyteFacts) -> str:
    """Read a unit as laboratories write it; blank is a unit only for what has none."""
    return _unit_code(text, for_analyte.unit)


@lru_cache(maxsize=10_000)
def _unit_code(text: str, expected: str) -> str:
    if not text.strip():
        if expected in UNITLESS or expected.startswith("{"):
            return expected or "1"
        raise ucum.NotUcum("the unit is blank")
    code = ucum.normalise_unit(text)
    if code is None:
        raise ucum.NotUcum("the unit is not one that is known")
    for equivalents in ("FEU", "DDU"):
        if equivalents in code and equivalents not in expected:
            raise ucum.KindsDiffer(f"the unit counts in {equivalents}, and that of the analyte does not")
    return _unit_of_activity(code, expected)


def unit_text(observation: Observation) -> str:
    unit: Coded | None = observation.unit
    if unit is None:
        return ""
    return ucum.join_power(unit.code, unit.text) or unit.code or unit.text or unit.alt_code


def interval(text: str) -> tuple[Decimal | None, Decimal | None]:
    """Read a reference range: 3.9-6.4, <5.0, >40; what is written otherwise gives no limits."""
    text = text.strip()
    if match := _BETWEEN.fullmatch(text):
        return _decimal(match[1]), _decimal(match[2])
    if match := _BELOW.fullmatch(text):
        return None, _decimal(match[1])
    if match := _ABOVE.fullmatch(text):
        return _decimal(match[1]), None
    return None, None


def has_no_value(observation: Observation) -> bool:
    """Whether OBX-5 is blank or holds a placeholder; neither is zero."""
    return all(is_placeholder(value) for value in observation.values)


@lru_cache(maxsize=10_000)
def _limits(text: str, unit: str, aim: _Aim) -> tuple[Decimal | None, Decimal | None]:
    """Return a reference range in the analyte's unit; laboratories write the same few over and over.

    One that the columns can't keep gives no limits: its text is kept.
    """
    try:
        low, high = (_converted(one, unit, aim) if one is not None else None for one in interval(text))
    except OutOfRange:
        return None, None
    return low, high


def _converted(number: Decimal, unit: str, aim: _Aim) -> Decimal:
    converted = ucum.convert(number, unit, aim.unit, molar_mass=aim.molar_mass, valence=aim.charge)
    if abs(converted) >= LARGEST:
        raise OutOfRange("is too large for any unit of the analyte")
    kept = converted.quantize(SCALE)
    if not kept and number:
        raise OutOfRange("is too small for any unit of the analyte, and is not zero")
    return kept


def _unit_of_activity(code: str, expected: str) -> str:
    """Laboratories write IU/L for an enzyme's U/L, and mU/L for a hormone's international units.

    An analyte is measured in one or the other, so its own unit says which is meant.
    """
    if _ENZYME_UNIT.search(expected) and "[IU]" in code:
        return code.replace("[IU]", "U")
    if "[IU]" in expected and _ENZYME_UNIT.search(code):
        return _ENZYME_UNIT.sub(r"\1[IU]", code)
    return code


def storable_number(one: Observation) -> Decimal | None:
    """Return the number of a result that waits, where its column can hold it."""
    number = one.number
    return number if number is not None and abs(number) < 10**13 else None


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _sentence(observation: Observation, error: ucum.UnitError) -> str:
    place = f"{observation.position}-6"
    return f"{place} can't become the unit of the analyte: {error}. Correct the unit or the mapping, then replay."
