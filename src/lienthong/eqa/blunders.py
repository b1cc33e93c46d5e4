"""Results that look like a slip of the pen: wrong by powers of ten, in another unit, or of another sample.

They are flagged and never touched: the robust consensus bears them, and only the laboratory can say what happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Key = tuple[int, int, str]  # sample, analyte, peer group

TENS = (0.001, 0.01, 0.1, 10.0, 100.0, 1000.0)
MASS_TO_SUBSTANCE = (10.0, 1e3, 1e4)  # mg/dL to mmol/L, g/L to mmol/L, mg/dL to µmol/L: this over the molar mass
SIGNAL = 3.0  # a slip put right would lie within the action signal
WIDEST = 0.25  # of x_pt: beyond it any number would fit


@dataclass(frozen=True, slots=True)
class Judged:
    """A result, what it was judged against, and whether it gave an action signal."""

    enrolment_id: int
    key: Key
    value: float
    is_signal: bool


def suspicions(
    rows: Sequence[Judged], assigned: Mapping[Key, tuple[float, float]], molar_mass: Mapping[int, float | None]
) -> list[str]:
    """Return for each result what it looks like: swapped, decimal, unit, or nothing. `assigned` is x_pt and σ_pt."""
    signals: dict[int, list[Judged]] = {}
    for row in rows:
        if row.is_signal:
            signals.setdefault(row.enrolment_id, []).append(row)
    return [_suspicion(row, signals[row.enrolment_id], assigned, molar_mass) if row.is_signal else "" for row in rows]


def _suspicion(
    row: Judged,
    signals: Sequence[Judged],
    assigned: Mapping[Key, tuple[float, float]],
    molar_mass: Mapping[int, float | None],
) -> str:
    x_pt, sigma_pt = assigned[row.key]
    if any(other is not row and _are_swapped(row, other, assigned) for other in signals):
        return "swapped"
    if _fits_by(row.value, TENS, x_pt, sigma_pt):
        return "decimal"
    mass = molar_mass.get(row.key[1])
    factors = [one for factor in MASS_TO_SUBSTANCE for one in (factor / mass, mass / factor)] if mass else []
    return "unit" if _fits_by(row.value, factors, x_pt, sigma_pt) else ""


def _are_swapped(row: Judged, other: Judged, assigned: Mapping[Key, tuple[float, float]]) -> bool:
    return _fits(row.value, *assigned[other.key]) and _fits(other.value, *assigned[row.key])


def _fits_by(value: float, factors: Sequence[float], x_pt: float, sigma_pt: float) -> bool:
    return SIGNAL * sigma_pt <= WIDEST * abs(x_pt) and any(_fits(value * one, x_pt, sigma_pt) for one in factors)


def _fits(value: float, x_pt: float, sigma_pt: float) -> bool:
    return abs(value - x_pt) <= SIGNAL * sigma_pt
