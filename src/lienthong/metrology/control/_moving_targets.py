"""Target mean and standard deviation that follow the results: cumulative and rolling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, IntArray, count
from lienthong.metrology.control._results import Results, results, starts
from lienthong.metrology.control._targets import Targets
from lienthong.metrology.control._times import times
from lienthong.metrology.control._windows import first_within, moments


def cumulative(
    values: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    setup: int = 0,
    with_own: bool = True,
) -> Targets:
    """Return the target of each result from all results of its series until then.

    Parameters
    ----------
    values : shape (n,)
        Control results, in time order within a series; series may be mixed. nan is a missing result and is skipped.
    groups : shape (n,), integers or strings
        What has a target of its own: series, level and lot of control material. Without it all are one.
    excluded : shape (n,), booleans
        Results that don't count: excluded, or rejected where the laboratory's policy is to leave those out. They have
        a target nevertheless.
    setup : int
        Length of a set-up period: the first so many counted results of each series have one common target, their own
        mean and SD; later ones go on from there. A series with fewer has no target yet (nan).
    with_own : bool
        The target of a result includes the result itself; False for only those before it.

    Returns
    -------
    Targets

    Raises
    ------
    ValueError
        If lengths differ, a value is infinite, or `setup` is 1 or negative.

    Notes
    -----
    x̄ and s = √(Σ(x − x̄)²/(n − 1)) by Welford's update, which loses no digits where the mean is large beside the SD.

    References
    ----------
    CLSI C24-Ed4, 2016 (cumulative mean and SD). B. P. Welford, "Note on a method for calculating corrected sums of
    squares and products", Technometrics 4 (1962) 419–420.

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.cumulative([5.0, 5.2, 5.1, 9.9, 5.3], excluded=[False, False, False, True, False], setup=3)
    >>> found.mean.round(2).tolist(), found.sd.round(3).tolist(), found.n.tolist()
    ([5.1, 5.1, 5.1, 5.1, 5.15], [0.1, 0.1, 0.1, 0.1, 0.129], [3, 3, 3, 3, 4])
    """
    if setup == 1:
        raise ValueError("setup must be 0 or at least 2, for an SD, but got 1")
    length = count("setup", setup, at_least=0)
    ordered = _ordered(results(values, groups, excluded), with_own)
    end = ordered.end
    if length:
        reached = ordered.first + length
        end = np.where(reached <= ordered.last, np.maximum(end, reached), ordered.first)
    return ordered.targets(ordered.first, end)


def rolling(
    values: ArrayLike,
    n: int,
    *,
    groups: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    with_own: bool = True,
) -> Targets:
    """Return the target of each result from the last `n` results of its series.

    Parameters
    ----------
    values : shape (n,)
        Control results, in time order within a series; series may be mixed. nan is a missing result and is skipped.
    n : int
        How many counted results, at least 2; while there are fewer, the target rests on those there are.
    groups, excluded, with_own
        As for `cumulative`.

    Returns
    -------
    Targets

    Raises
    ------
    ValueError
        If lengths differ, a value is infinite, or `n` is below 2.

    Notes
    -----
    A target that follows the results can't show a slow drift: `ewma` or `cusum` against a fixed one does.

    References
    ----------
    JCGM 100:2008, 4.2.1 and 4.2.2 (mean and experimental standard deviation).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> control.rolling([5.0, 5.2, 5.4, 5.9], 2).mean.round(2).tolist()
    [5.0, 5.1, 5.3, 5.65]
    """
    most = count("n", n, at_least=2)
    ordered = _ordered(results(values, groups, excluded), with_own)
    return ordered.targets(np.maximum(ordered.first, ordered.end - most), ordered.end)


def rolling_time(
    values: ArrayLike,
    at: ArrayLike,
    within: float | np.timedelta64,
    *,
    groups: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    with_own: bool = True,
) -> Targets:
    """Return the target of each result from the results of its series in a stretch of time that ends with it.

    Parameters
    ----------
    values : shape (n,)
        Control results, in time order within a series; series may be mixed. nan is a missing result and is skipped.
    at : shape (n,), numbers or datetime64
        When each was measured.
    within : a number like `at`, or timedelta64
        Length of the stretch, above 0.
    groups, excluded, with_own
        As for `cumulative`.

    Returns
    -------
    Targets

    Raises
    ------
    ValueError
        If lengths differ, a value is infinite, a time is missing or earlier than the one before it in its series, or
        `within` is not above 0.

    Notes
    -----
    A result counts if it is later than ``at − within``: of one result a day, 30 days hold thirty.

    References
    ----------
    JCGM 100:2008, 4.2.1 and 4.2.2 (mean and experimental standard deviation).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> import numpy as np
    >>> days = np.array(["2026-03-01", "2026-03-02", "2026-03-09"], dtype="datetime64[D]")
    >>> control.rolling_time([5.0, 5.2, 5.4], days, np.timedelta64(8, "D")).n.tolist()
    [1, 2, 2]
    """
    found = results(values, groups, excluded)
    instants, length = times(at, within, found.values.size)
    ordered = _ordered(found, with_own)
    in_order = instants[ordered.order]
    code = found.code[ordered.order]
    if np.any((np.diff(in_order) < 0) & (code[1:] == code[:-1])):
        raise ValueError("at must not go back within a series: results must be in time order")
    begin = first_within(in_order, in_order[found.counts[ordered.order]], ordered.first, ordered.end, length)
    return ordered.targets(begin, ordered.end)


@dataclass(frozen=True, slots=True)
class _Ordered:
    """Results by series. Of each place: which of the counted results are its series' first, and end its window."""

    order: IntArray
    counted: FloatArray
    first: IntArray
    end: IntArray
    last: IntArray

    def targets(self, begin: IntArray, end: IntArray) -> Targets:
        mean, sd, n = np.empty(self.order.size), np.empty(self.order.size), np.empty(self.order.size, dtype=np.intp)
        found_mean, found_sd = moments(self.counted, begin, end)
        mean[self.order], sd[self.order] = found_mean, np.where(found_sd > 0, found_sd, np.nan)
        n[self.order] = end - begin
        return Targets(mean=mean, sd=sd, n=n)


def _ordered(found: Results, with_own: bool) -> _Ordered:
    order = found.order()
    counts, code = found.counts[order], found.code[order]
    seen = np.concatenate(([0], np.cumsum(counts)))
    first = seen[starts(code)]
    return _Ordered(
        order=order,
        counted=found.values[order][counts],
        first=first,
        end=seen[1:] if with_own else seen[:-1],
        last=first + found.counted.count()[code],
    )
