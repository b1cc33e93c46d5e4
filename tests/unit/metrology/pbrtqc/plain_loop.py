"""Statistics of patients' results by the loop that one would write with the definition beside it."""

from __future__ import annotations

import math
import statistics as standard

import numpy as np
from numpy.typing import NDArray

from lienthong.metrology.pbrtqc import Algorithm

Array = NDArray[np.float64]


def plain_statistics(values: list[float], algorithm: Algorithm) -> list[float]:
    """Return the statistic at each result of one stream."""
    entered: list[float] = []
    found = []
    window = algorithm.window or 1
    for value in values:
        value = as_entering(float(value), algorithm)
        found.append(math.nan)
        if math.isnan(value):
            continue
        entered.append(value)
        n = len(entered)
        if n >= window and (n - window) % algorithm.every == 0:
            found[-1] = statistic_of(entered, algorithm)
    return found


def as_entering(value: float, algorithm: Algorithm) -> float:
    if math.isnan(value):
        return value
    low, high = algorithm.truncation
    if algorithm.outside == "winsorise":
        value = min(max(value, low), high)
    elif not low <= value <= high:
        return math.nan
    return transform(value, algorithm)


def transform(value: float, algorithm: Algorithm) -> float:
    if algorithm.abnormal:
        return float(not algorithm.abnormal[0] <= value <= algorithm.abnormal[1])
    if algorithm.transformation == "none":
        return value
    if algorithm.transformation == "log" or algorithm.power == 0:
        return math.log(value)
    assert algorithm.power is not None
    return (value**algorithm.power - 1) / algorithm.power


def statistic_of(entered: list[float], algorithm: Algorithm) -> float:
    if algorithm.statistic == "ewma":
        assert algorithm.weight is not None
        average = entered[0] if algorithm.start is None else transform(algorithm.start, algorithm)
        for value in entered:
            average = algorithm.weight * value + (1 - algorithm.weight) * average
        return average
    assert algorithm.window is not None
    last = entered[-algorithm.window :]
    if algorithm.statistic == "median":
        return standard.median(last)
    mean = math.fsum(last) / len(last)
    if algorithm.statistic == "sd":
        return math.sqrt(math.fsum((value - mean) ** 2 for value in last) / (len(last) - 1))
    return mean


def by_stream(values: Array, series: NDArray[np.int64], segment: NDArray[np.int64], algorithm: Algorithm) -> Array:
    """Return the statistics of flat, mixed series that begin anew where their segment changes."""
    found = np.full(values.size, np.nan)
    for name in np.unique(series):
        places = np.flatnonzero(series == name)
        cuts = np.flatnonzero(np.diff(segment[places])) + 1
        for stretch in np.split(places, cuts):
            found[stretch] = plain_statistics(values[stretch].tolist(), algorithm)
    return found
