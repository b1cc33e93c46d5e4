"""Confidence intervals by resampling subjects, or pairs, with replacement."""

from __future__ import annotations

import numpy as np

from lienthong.metrology._arrays import FloatArray, IntArray, count, fraction

FEWEST_RESAMPLES = 100
MOST_FAILED = 0.05
"""Share of resamples that may have no estimate before the bootstrap is refused."""


def drawn(n: int, *, resamples: int, seed: int | np.random.Generator) -> IntArray:
    """Return which of `n` entries each resample holds, shape (resamples, n)."""
    rows = count("resamples", resamples, at_least=FEWEST_RESAMPLES)
    return np.random.default_rng(seed).integers(0, n, size=(rows, n))


def is_enough(found: int, resamples: int) -> bool:
    """Return whether so many of the resamples have an estimate that the others may be left out."""
    return found >= (1 - MOST_FAILED) * resamples


def quantile_interval(estimates: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Return the quantiles of `estimates`, shape (resamples, …), that an interval ends at: type 6, ranks p·(B + 1)."""
    level = fraction("confidence", confidence)
    lower, upper = np.quantile(estimates, [(1 - level) / 2, (1 + level) / 2], axis=0, method="weibull")
    return lower, upper
