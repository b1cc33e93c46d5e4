"""Results of a set-up period that stand too far from the others to set a target by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, count, floats, fraction
from lienthong.metrology.control._results import Results, results


@dataclass(frozen=True, slots=True, eq=False)
class Outliers:
    """Which results are outliers, and in which pass each was found (from 1; 0 for the others), shape (n,)."""

    outlier: BoolArray
    found_in: IntArray


def grubbs_critical(n: ArrayLike, *, alpha: float = 0.05, two_sided: bool = True) -> FloatArray:
    """Return the critical value of Grubbs' test for one outlier.

    Parameters
    ----------
    n : a whole number, or an array of any shape
        How many results.
    alpha : float
        Probability that the test finds an outlier among results that have none.
    two_sided : bool
        The outlier may be the largest or the smallest; False if only one of them was asked about beforehand.

    Returns
    -------
    array like `n`
        nan for fewer than 3 results.

    Raises
    ------
    ValueError
        If `alpha` is not between 0 and 1.

    Notes
    -----
    G = (n − 1)/√n·√(t²/(n − 2 + t²)), t the upper α/(2n) quantile of Student's t with n − 2 degrees of freedom; α/n if
    one-sided. It is exact as long as no two results can exceed it at once, else an upper bound that is very
    near; so are all tables in use.

    References
    ----------
    F. E. Grubbs, "Procedures for detecting outlying observations in samples", Technometrics 11 (1969) 1–21.
    https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h1.htm

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> control.grubbs_critical([3, 10, 20]).round(3).tolist()
    [1.154, 2.29, 2.708]
    >>> control.grubbs_critical([10, 20], two_sided=False).round(3).tolist()
    [2.176, 2.557]
    """
    given = floats("n", n)
    enough = np.where(given >= 3, given, np.nan)
    t = stdtrit(enough - 2, fraction("alpha", alpha) / (enough * (2 if two_sided else 1)))
    critical: FloatArray = (enough - 1) / np.sqrt(enough) * np.sqrt(t**2 / (enough - 2 + t**2))
    return critical


def grubbs(
    values: ArrayLike, *, groups: ArrayLike | None = None, alpha: float = 0.05, at_most: int | None = None
) -> Outliers:
    """Return the outliers of each series by Grubbs' test, two-sided, one after the other.

    Parameters
    ----------
    values : shape (n,)
        Results of a set-up period; nan is a missing result and is left out.
    groups : shape (n,), integers or strings
        Series, level and lot of each. Without it all are one.
    alpha : float
        Probability of each test to find an outlier where there is none.
    at_most : int
        How many outliers may be found in a series; None until there are no more.

    Returns
    -------
    Outliers
        None in a series of fewer than 3 results, or of equal ones.

    Raises
    ------
    ValueError
        If lengths differ, a value is infinite, `alpha` is not between 0 and 1, or `at_most` is below 1.

    Notes
    -----
    The result farthest from the mean is an outlier if its distance, in SD, is above `grubbs_critical`; then the rest
    is tested anew. Of two that are equally far the first is taken. Two outliers close to each other hide one another:
    the test then finds neither. An outlier is a reason to look for a cause, and only with one to leave a result out.

    References
    ----------
    F. E. Grubbs, "Procedures for detecting outlying observations in samples", Technometrics 11 (1969) 1–21.
    https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h1.htm

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> control.grubbs([5.0, 5.1, 4.9, 5.0, 5.1, 7.9, 5.0]).outlier.nonzero()[0].tolist()
    [5]
    """
    fraction("alpha", alpha)
    passes = np.inf if at_most is None else count("at_most", at_most, at_least=1)

    def farthest(found: Results, kept: BoolArray) -> BoolArray:
        distance, n = _distances(found, kept)
        top = np.full(n.size, -1.0)
        np.maximum.at(top, found.code[kept], distance[kept])
        candidates = np.flatnonzero(kept & (distance == top[found.code]))[::-1]
        first = np.full(n.size, -1)
        first[found.code[candidates]] = candidates
        hit = first[(top > grubbs_critical(n, alpha=alpha)) & (first >= 0)]
        beyond = np.zeros(kept.size, dtype=np.bool_)
        beyond[hit] = True
        return beyond

    return _repeated(results(values, groups), farthest, passes)


def beyond_sd(values: ArrayLike, *, k: float = 3.0, groups: ArrayLike | None = None) -> Outliers:
    """Return the results of each series more than `k` SD from the mean, repeated until there are none.

    Parameters
    ----------
    values : shape (n,)
        Results of a set-up period; nan is a missing result and is left out.
    k : float
        Limit in standard deviations.
    groups : shape (n,), integers or strings
        Series, level and lot of each. Without it all are one.

    Returns
    -------
    Outliers

    Raises
    ------
    ValueError
        If lengths differ, a value is infinite, or `k` is not above 0.

    Notes
    -----
    No result of n lies farther than (n − 1)/√n SD from their mean: with k = 3 nothing is ever found among 10 or
    fewer. Use `grubbs` there.

    References
    ----------
    R. E. Shiffler, "Maximum Z scores and outliers", Am. Stat. 42 (1988) 79–80 (the bound).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> values = [5.0, 5.1, 4.9, 5.0, 5.1, 4.9, 5.0, 5.1, 4.9, 5.0, 5.1, 7.9]
    >>> control.beyond_sd(values).outlier.nonzero()[0].tolist(), control.beyond_sd(values[2:]).outlier.any().item()
    ([11], False)
    """
    if not k > 0:
        raise ValueError(f"k must be greater than 0, but got {k}")

    def far(found: Results, kept: BoolArray) -> BoolArray:
        return kept & (_distances(found, kept)[0] > k)

    return _repeated(results(values, groups), far, np.inf)


def _repeated(found: Results, test: Callable[[Results, BoolArray], BoolArray], passes: float) -> Outliers:
    """Take out what `test` finds, of all series at once, until it finds nothing."""
    found_in = np.zeros(found.values.size, dtype=np.intp)
    number = 0
    while number < passes:
        beyond = test(found, found.counts & (found_in == 0))
        if not np.any(beyond):
            break
        number += 1
        found_in[beyond] = number
    return Outliers(outlier=found_in > 0, found_in=found_in)


def _distances(found: Results, kept: BoolArray) -> tuple[FloatArray, IntArray]:
    """Return the distance of each result kept from its series' mean, in SD (0 where that is 0), and how many those are.

    Distances are in whole parts of 1e-12, so that those to both sides of the mean can be equal.
    """
    n = found.numbers(kept)
    origin = np.zeros(n.size)
    origin[found.code[kept]] = found.values[kept]
    off = np.where(kept, found.values - origin[found.code], 0.0)
    off = off - (found.sums(off, kept) / np.maximum(n, 1))[found.code]
    sd = np.sqrt(found.sums(off**2, kept) / np.maximum(n - 1, 1))[found.code]
    distance = np.divide(np.abs(off), sd, out=np.zeros(off.size), where=kept & (sd > 0))
    rounded: FloatArray = np.round(distance, 12).astype(np.float64)
    return rounded, n
