"""Statistics and flags of patients' results, many channels in one call."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray
from lienthong.metrology._compiled import in_parts
from lienthong.metrology.pbrtqc._algorithm import Algorithm, plan_of
from lienthong.metrology.pbrtqc._batches import batches, pays, per_stream
from lienthong.metrology.pbrtqc._lane_scan import flags_in_lanes
from lienthong.metrology.pbrtqc._limits import Limits
from lienthong.metrology.pbrtqc._running import EWMA, MEAN, NO_ERROR, Plan, flags_of, statistics_of
from lienthong.metrology.pbrtqc._streams import Streams, streams

WORTH_A_THREAD = 100_000


def statistics(
    values: ArrayLike, algorithm: Algorithm, *, series: ArrayLike | None = None, segment: ArrayLike | None = None
) -> FloatArray:
    """Return the statistic of `algorithm` at each result.

    Parameters
    ----------
    values : shape (channels, n) or (n,), all of one unit
        Patients' results in time order, a row for each channel (measuring system, or method and specimen type); or
        flat, with `series`. nan is a missing result. float32 is read as it is.
    algorithm : Algorithm
    series : shape (n,), integers or strings
        Channel of each flat value; channels may be mixed. Without it all are one channel.
    segment : shaped like `values`, integers or strings
        A count of the channel's reset events (calibration, new reagent lot, maintenance) at each result: where it
        changes, the statistic of the channel begins anew.

    Returns
    -------
    array shaped like `values`, float64
        In the unit of `values`, or in the transformed scale; a share for ``proportion``. nan at a missing or excluded
        result, until the first window is full, and between two statistics where `every` is above 1.

    Raises
    ------
    ValueError
        If a value is infinite, or not above 0 where a logarithm is taken of it; if lengths differ.

    Notes
    -----
    x are the results that enter, transformed. Mean: Σx/w over the last w. EWMA: e_t = e_(t−1) + λ(x_t − e_(t−1)),
    e_0 the start; without a start e_1 = x_1. SD: √(Σ(x − x̄)²/(w − 1)) over the last w. Median of an even number:
    the mean of the two in the middle.

    A window's sum (or sum of squares) is put together from the window's values alone, never by adding one and
    subtracting another. So nothing drifts, however long the stream, and nothing remains of a wild value that left.
    With u = 2^−53, and to first order in it, the error of a mean is at most u·Σ|x| over its window, that of an EWMA
    at most (4 + 1/λ)·u·max|x|.

    References
    ----------
    T. Badrick et al., "Patient-based real-time quality control: review and recommendations", Clin. Chem. 65 (2019)
    962–971. EWMA: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4,
    https://www.itl.nist.gov/div898/handbook/pmc/section3/pmc324.htm

    Examples
    --------
    >>> from lienthong.metrology import pbrtqc
    >>> mean = pbrtqc.Algorithm(statistic="mean", window=3, truncation=(130, 150))
    >>> pbrtqc.statistics([140, 141, 118, 139, 142], mean).round(3).tolist()
    [nan, nan, nan, 140.0, 140.667]
    >>> ewma = pbrtqc.Algorithm(statistic="ewma", weight=0.3, start=50)
    >>> pbrtqc.statistics([52.0, 47.0, 53.0], ewma).round(4).tolist()
    [50.6, 49.52, 50.564]
    """
    by = streams(values, series=series, segment=segment)
    found = np.empty(by.values.size)
    _run(statistics_of, by, by.starts.size, by.values, by.starts, by.ends, plan_of(algorithm), found)
    return by.restored(found)


def flags(
    values: ArrayLike,
    algorithm: Algorithm | Sequence[Algorithm],
    limits: Limits | Sequence[Limits],
    *,
    series: ArrayLike | None = None,
    segment: ArrayLike | None = None,
) -> BoolArray:
    """Return which results take the statistic beyond its limits, without keeping the statistics.

    Parameters
    ----------
    values : shape (channels, n) or (n,), all of one unit
        As in `statistics`.
    algorithm : Algorithm, or several
        Moving means, proportions and EWMAs that truncate and transform alike share one reading of the values.
    limits : Limits, or as many as there are algorithms
        Each with one number, or one for each channel (for flat values: in sorted order of the labels of `series`).
    series, segment
        As in `statistics`.

    Returns
    -------
    array of booleans shaped like `values`, or (algorithms, …) for several
        False where no statistic stands.

    Raises
    ------
    ValueError
        As `statistics`; if there are not as many limits as algorithms, or as channels.

    Notes
    -----
    Equal on every result to ``limits.beyond(statistics(values, algorithm))`` with limits spread over the channels. A
    statistic exactly on a limit is not beyond it. Beside the values, one byte for each result and algorithm is kept,
    and memory is taken up only where there is a flag; mixed channels are sorted, which takes a copy.

    References
    ----------
    As `statistics`.

    Examples
    --------
    >>> from lienthong.metrology import pbrtqc
    >>> mean = pbrtqc.Algorithm(statistic="mean", window=2)
    >>> values = [[140, 141, 150, 149], [140, 139, 128, 140]]
    >>> pbrtqc.flags(values, mean, pbrtqc.Limits(135, 145)).astype(int).tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1]]
    """
    single = isinstance(algorithm, Algorithm)
    algorithms = [algorithm] if isinstance(algorithm, Algorithm) else list(algorithm)
    each = [limits] if isinstance(limits, Limits) else list(limits)
    if len(algorithms) != len(each):
        raise ValueError(f"limits must be as many as algorithms ({len(algorithms)}), but are {len(each)}")
    by = streams(values, series=series, segment=segment)
    bounds = [per_stream(one, by) for one in each]
    plans = [plan_of(one) for one in algorithms]
    flagged = np.zeros((len(plans), by.values.size), dtype=np.bool_)
    for rows in _alike(plans, by):
        _flag(by, [plans[row] for row in rows], [bounds[row] for row in rows], flagged, rows)
    found = by.restored(flagged)
    return found[0] if single else found


def _alike(plans: list[Plan], by: Streams) -> list[list[int]]:
    """Return which plans can share one reading of the values; each is alone if lanes don't pay."""
    if not pays(by):
        return [[row] for row in range(len(plans))]
    groups: dict[tuple[object, ...], list[int]] = {}
    for row, plan in enumerate(plans):
        fast = plan.kind in (MEAN, EWMA)
        key = (plan.low, plan.high, plan.exclude, plan.transformation, plan.first, plan.second)
        groups.setdefault(key if fast else (row,), []).append(row)
    return list(groups.values())


def _flag(
    by: Streams, plans: list[Plan], bounds: list[tuple[FloatArray, FloatArray]], flagged: BoolArray, rows: list[int]
) -> None:
    if plans[0].kind in (MEAN, EWMA) and pays(by):
        packed = batches(by, plans, bounds)
        given = (by.values, packed.starts, packed.ends, np.array(plans, dtype=np.float64), packed.lower, packed.upper)
        _run(flags_in_lanes, by, packed.starts.shape[0], *given, flagged, np.array(rows, dtype=np.int64))
        return
    lower, upper = bounds[0]
    _run(flags_of, by, by.starts.size, by.values, by.starts, by.ends, plans[0], lower, upper, flagged[rows[0]])


def _run(kernel: Callable[..., int], by: Streams, parts: int, *arguments: object) -> None:
    """Run `kernel` on `parts` streams or batches, and raise where a result was impossible."""
    per_part = by.values.size // max(parts, 1) + 1
    wrong = min(in_parts(kernel, parts, *arguments, at_least=WORTH_A_THREAD // per_part + 1))
    if wrong == NO_ERROR:
        return
    value = float(by.values[wrong])
    demand = "must be finite or nan" if math.isinf(value) else "must be greater than 0 to be transformed"
    raise ValueError(f"values {demand}, but got {value} at position {by.position(wrong)}")
