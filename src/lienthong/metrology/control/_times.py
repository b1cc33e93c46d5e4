"""Times of results, and lengths of time, in one unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, flat, known, positive

_TICK = np.timedelta64(1, "us")


def times(at: ArrayLike, within: float | np.timedelta64, n: int) -> tuple[FloatArray, float]:
    """Return `n` times, numbers or datetime64, and a length above 0, as numbers in one unit."""
    given = np.asarray(at)
    if given.shape != (n,):
        raise ValueError(f"at must have one entry per value ({n},), but has shape {given.shape}")
    is_dated = given.dtype.kind == "M"
    if is_dated != isinstance(within, np.timedelta64):
        raise ValueError(f"within must be {'timedelta64' if is_dated else 'a number'}, like at, but got {within!r}")
    if isinstance(within, np.timedelta64):
        return _since_first(given), float(positive("within", known("within", within / _TICK)))
    return known("at", flat("at", given)), float(positive("within", known("within", within)))


def _since_first(at: np.ndarray) -> FloatArray:
    """Return microseconds since the first time, which a float64 holds exactly for centuries."""
    missing = np.isnat(at)
    if np.any(missing):
        raise ValueError(f"at must be known, but is missing at position {np.flatnonzero(missing)[0]}")
    since: FloatArray = (at - at[:1]) / _TICK
    return since
