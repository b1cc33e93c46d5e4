"""Grubbs' statistic, its probability and its critical value: what three tests for outliers have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray
from lienthong.metrology._cells import Cells, furthest, ratio

DIGITS = 12
"""Distances count as equal to so many decimals of an SD, so that a value on either side of the mean can be as far."""


def deviates(values: FloatArray, by: Cells, kept: BoolArray) -> FloatArray:
    """Return how far each value that is `kept` lies from the mean of those of its group, in SD.

    nan where a value isn't kept, and in a group of fewer than two values or of equal ones.
    """
    inner = by.only(kept)
    distance = np.full(values.size, np.nan)
    distance[kept] = ratio(np.abs(inner.deviations(values[kept])), inner.sds(values[kept])[inner.code])
    return np.round(distance, DIGITS)


def farthest(values: FloatArray, by: Cells, kept: BoolArray) -> tuple[FloatArray, IntArray]:
    """Return Grubbs' statistic G of each group, and where the value is that it is of, the first of several.

    nan and −1 for a group of fewer than two values or of equal ones.
    """
    distance = deviates(values, by, kept)
    position = furthest(distance, by)
    statistic = np.full(position.size, np.nan)
    statistic[position >= 0] = distance[position[position >= 0]]
    return statistic, position


def critical(n: ArrayLike, alpha: float, *, two_sided: bool = True) -> FloatArray:
    """Return the value that G of `n` values exceeds with probability `alpha`; nan for fewer than three.

    (n − 1)/√n·√(t²/(n − 2 + t²)), t the upper α/(2n) quantile (one-sided α/n) of Student's t with n − 2 degrees of
    freedom, computed from the beta distribution of 1 − n·G²/(n − 1)², which is the same.
    """
    count = np.asarray(n, dtype=np.float64)
    enough = np.where(count >= 3, count, np.nan)
    rest = betaincinv((enough - 2) / 2, 0.5, (1 if two_sided else 2) * alpha / enough)
    found: FloatArray = (enough - 1) / np.sqrt(enough) * np.sqrt(1 - rest)
    return found


def p_value(statistic: FloatArray, n: IntArray) -> FloatArray:
    """Return the two-sided probability of a G as large, held at 1; nan where `statistic` is, or `n` is below three."""
    probability = np.full(statistic.size, np.nan)
    there = ~np.isnan(statistic) & (n > 2)
    p = n[there]
    rest = np.maximum(0, 1 - p * statistic[there] ** 2 / (p - 1.0) ** 2)
    probability[there] = np.minimum(1, p * betainc((p - 2) / 2, 0.5, rest))
    return probability
