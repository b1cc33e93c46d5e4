"""Mean and standard deviation of windows that move over a series."""

from __future__ import annotations

import numpy as np

from lienthong.metrology._arrays import FloatArray, IntArray
from lienthong.metrology._compiled import compiled


def moments(values: FloatArray, begin: IntArray, end: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and SD of ``values[begin:end]`` of each window; nan where it has none, or for the SD only one."""
    mean, sd = np.empty(begin.size), np.empty(begin.size)
    _moments(values, begin, end, mean, sd)
    return mean, sd


def first_within(at: FloatArray, counted_at: FloatArray, first: IntArray, end: IntArray, within: float) -> IntArray:
    """Return, for each result, the first counted one of its series later than ``at − within``."""
    begin = first.copy()
    _first_within(at, counted_at, begin, end, within)
    return begin


def running(values: FloatArray, first: IntArray) -> FloatArray:
    """Return the sum from the `first` place of each one's group to its own."""
    sums = np.empty(values.size)
    _running(values, first, sums)
    return sums


# A window that only grew goes on from the one before (Welford's update); any other is taken anew, so that nothing
# that left a window stays behind in it as rounding.
@compiled
def _moments(values, begin, end, mean, sd):  # type: ignore[no-untyped-def]
    first, last, centre, squares = -1, -1, 0.0, 0.0
    for i in range(begin.size):
        if begin[i] != first or end[i] < last:
            first, last, centre, squares = begin[i], begin[i], 0.0, 0.0
        for j in range(last, end[i]):
            off = values[j] - centre
            centre += off / (j - first + 1)
            squares += off * (values[j] - centre)
        last = end[i]
        n = last - first
        mean[i] = centre if n > 0 else np.nan
        sd[i] = np.sqrt(squares / (n - 1)) if n > 1 else np.nan


@compiled
def _first_within(at, counted_at, begin, end, within):  # type: ignore[no-untyped-def]
    reached = 0
    for i in range(at.size):
        reached = max(reached, begin[i])
        while reached < end[i] and counted_at[reached] <= at[i] - within:
            reached += 1
        begin[i] = reached


@compiled
def _running(values, first, sums):  # type: ignore[no-untyped-def]
    for i in range(values.size):
        sums[i] = values[i] if first[i] == i else sums[i - 1] + values[i]
