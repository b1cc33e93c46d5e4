"""Results of a set-up period that stand too far from the others to set a target by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, IntArray, count, fraction
from lienthong.metrology._grubbs import critical, deviates, farthest
from lienthong.metrology.control._results import Results, results


@dataclass(frozen=True, slots=True, eq=False)
class Outliers:
    """Which results are outliers, and in which pass each was found (from 1; 0 for the others), shape (n,)."""

    is_outlier: BoolArray
    found_in: IntArray


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
    The result farthest from the mean is an outlier if its distance, in SD, is above
    `iso13528.grubbs_critical`; then the rest
    is tested anew. Of two that are equally far the first is taken. Two outliers close to each other hide one another:
    the test then finds neither. An outlier is a reason to look for a cause, and only with one to leave a result out.

    References
    ----------
    F. E. Grubbs, "Procedures for detecting outlying observations in samples", Technometrics 11 (1969) 1–21.
    https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h1.htm

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> control.grubbs([5.0, 5.1, 4.9, 5.0, 5.1, 7.9, 5.0]).is_outlier.nonzero()[0].tolist()
    [5]
    """
    level = fraction("alpha", alpha)
    passes = np.inf if at_most is None else count("at_most", at_most, at_least=1)

    def outlying(found: Results, kept: BoolArray) -> BoolArray:
        statistic, position = farthest(found.values, found.by, kept)
        beyond = np.zeros(kept.size, dtype=np.bool_)
        beyond[position[statistic > critical(found.by.count(kept), level)]] = True
        return beyond

    return _repeated(results(values, groups), outlying, passes)


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
    >>> control.beyond_sd(values).is_outlier.nonzero()[0].tolist()
    [11]
    >>> control.beyond_sd(values[2:]).is_outlier.any().item()
    False
    """
    if not k > 0:
        raise ValueError(f"k must be greater than 0, but got {k}")

    def far(found: Results, kept: BoolArray) -> BoolArray:
        return deviates(found.values, found.by, kept) > k

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
    return Outliers(is_outlier=found_in > 0, found_in=found_in)
