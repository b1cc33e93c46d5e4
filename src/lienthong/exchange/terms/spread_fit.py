"""Whether the numbers that wait lie where an analyte's numbers lie, after conversion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from lienthong.exchange.processing.measured import unit_code
from lienthong.interop import ucum
from lienthong.registry.reads import AnalyteFacts
from lienthong.results.reads import Spread

Fit = Literal["yes", "partly", "no", "unknown"]

ENOUGH_WAITING, ENOUGH_STORED = 5, 20
ALIKE, APART = 0.4, 0.1


def spread_fit(waiting: Mapping[str, Spread], stored: Spread | None, analyte: AnalyteFacts) -> Fit:
    """Compare the numbers that wait, by unit, with an analyte's stored ones.

    What counts is how much of the two ranges from the 5th to the 95th percentile is common, on a scale of ratios where
    all are positive: a few outliers move neither. Unknown where there are too few numbers, or no unit converts.
    """
    if stored is None or stored.count < ENOUGH_STORED:
        return "unknown"
    converted = [found for unit, spread in waiting.items() if (found := _converted(unit, spread, analyte))]
    total = sum(one.count for one in converted)
    if total < ENOUGH_WAITING:
        return "unknown"
    common = sum(one.count * _common(one, stored) for one in converted) / total
    return "yes" if common >= ALIKE else "partly" if common >= APART else "no"


def _common(one: Spread, other: Spread) -> float:
    """Return which part of the shorter range the two have in common, 0 where each median lies outside the other."""
    is_ratio = one.percentiles[0] > 0 and other.percentiles[0] > 0
    first, second = (_scaled(spread.percentiles, is_ratio=is_ratio) for spread in (one, other))
    low, high = max(first[0], second[0]), min(first[-1], second[-1])
    if not (second[0] <= first[2] <= second[-1] or first[0] <= second[2] <= first[-1]):
        return 0.0
    shorter = min(first[-1] - first[0], second[-1] - second[0])
    if shorter <= 0:
        return 1.0
    closeness = math.exp(-abs(first[2] - second[2]) / max(first[-1] - first[0], second[-1] - second[0]))
    return max(0.0, high - low) / shorter * closeness


def _scaled(percentiles: tuple[float, ...], *, is_ratio: bool) -> tuple[float, ...]:
    return tuple(math.log(value) for value in percentiles) if is_ratio else percentiles


def _converted(unit: str, spread: Spread, analyte: AnalyteFacts) -> Spread | None:
    try:
        code = unit_code(unit, for_analyte=analyte)
        values = tuple(
            float(
                ucum.convert(
                    Decimal(repr(value)),
                    code,
                    analyte.unit or "1",
                    molar_mass=analyte.molar_mass,
                    valence=analyte.charge,
                )
            )
            for value in spread.percentiles
        )
    except ucum.UnitError:
        return None
    return Spread(spread.count, values)
