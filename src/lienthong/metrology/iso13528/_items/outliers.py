"""Classical outlier tests: Grubbs for one value, Cochran for one variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv

from lienthong.metrology._arrays import FloatArray, IntArray, flat, like, not_negative, whole
from lienthong.metrology._arrays import fraction as between_0_and_1
from lienthong.metrology.iso13528._cells import cells, furthest, ratio


@dataclass(frozen=True, slots=True, eq=False)
class OutlierTest:
    """For each group: test statistic, probability of one as large without an outlier, and which entry it is about.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given. `at` is
    the place in the input, −1 where nothing can be tested (then `statistic` and `p_value` are nan); `p` is the number
    of entries.
    """

    groups: NDArray[np.generic]
    p: IntArray
    statistic: FloatArray
    p_value: FloatArray
    at: IntArray


def grubbs(values: ArrayLike, *, groups: ArrayLike | None = None) -> OutlierTest:
    """Return Grubbs' test for one outlying value, high or low.

    Parameters
    ----------
    values : shape (n,)
        Results, from a normal distribution but for the outlier; nan is left out.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value; all belong to one if None.

    Returns
    -------
    OutlierTest
        nan with fewer than three values, or if all are equal. Of two values equally far the first is named.

    Raises
    ------
    ValueError
        If a value is infinite or the lengths differ.

    Notes
    -----
    G = max|xᵢ − x̄|/s. The p value is p·P(|t| > tᵢ), held at 1, with Student's t of p − 2 degrees of freedom and
    tᵢ² = p·(p − 2)·G²/((p − 1)² − p·G²). It is exact where G > √((p − 1)/2), for then no two values can be as far; else
    it is an upper bound. Computed from the beta distribution of p·G²/(p − 1)², which is the same.

    Robust methods don't need it; for consensus by an arithmetic mean and in precision experiments it is usual to look
    into a p value below 0.05 and to exclude below 0.01.

    References
    ----------
    ISO 5725-2:1994, clause 7. ISO 13528:2022, 6.6. F. E. Grubbs, "Sample criteria for testing outlying observations",
    Ann. Math. Stat. 21 (1950) 27–58, open at https://doi.org/10.1214/aoms/1177729885

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.grubbs([5.1, 5.0, 5.2, 4.9, 5.1, 8.0])
    >>> found.statistic.round(3).tolist(), found.p_value.round(5).tolist(), found.at.tolist()
    ([2.034], [0.00012], [5])
    """
    array = flat("values", values)
    there = ~np.isnan(array)
    everywhere = cells(array.size, groups)
    by = everywhere.only(there)
    p = by.count()
    s = np.sqrt(ratio(by.squares(array[there]), np.maximum(p - 1, 0)))
    testable = (p > 2) & (s > 0)
    deviation = np.abs(array - by.means(array[there])[everywhere.code])
    at = np.where(testable, furthest(deviation, everywhere), -1)
    g = np.full(p.size, np.nan)
    g[testable] = deviation[at[testable]] / s[testable]
    return OutlierTest(everywhere.labels, p, g, _p_value_grubbs(g, p), at)


def grubbs_critical(p: ArrayLike, alpha: float = 0.05) -> FloatArray:
    """Return the critical value of Grubbs' two-sided test for one outlier.

    Parameters
    ----------
    p : whole numbers, at least 3
        How many values.
    alpha : float
        Probability of a larger statistic without an outlier.

    Returns
    -------
    array like `p`

    Raises
    ------
    ValueError
        If `p` is below 3 or not whole, or `alpha` not between 0 and 1.

    Notes
    -----
    G = (p − 1)/√p·√(t²/(p − 2 + t²)), t the 1 − α/(2p) quantile of Student's t with p − 2 degrees of freedom.
    Computed, not compared with the printed table.

    References
    ----------
    ISO 5725-2:1994, clause 7 and its table for Grubbs' test.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(float(iso13528.grubbs_critical(10, 0.05)), 3)
    2.29
    """
    n = whole("p", p, at_least=3)
    rest = betaincinv((n - 2) / 2, 0.5, between_0_and_1("alpha", alpha) / n)
    g: FloatArray = (n - 1) / np.sqrt(n) * np.sqrt(1 - rest)
    return g


def cochran(variances: ArrayLike, *, n: ArrayLike, groups: ArrayLike | None = None) -> OutlierTest:
    """Return Cochran's test for one variance that is too large.

    Parameters
    ----------
    variances : shape (p,)
        Squared standard deviations, of laboratories or of samples; nan is left out.
    n : one whole number, or shape (p,)
        How many replicates each comes from; the same for all of a group.
    groups : shape (p,), integers or strings
        Material and analyte of each variance; all belong to one if None.

    Returns
    -------
    OutlierTest
        nan with fewer than two variances, or if all are 0.

    Raises
    ------
    ValueError
        If a variance is negative, `n` is below 2, not whole or differs within a group, or the lengths differ.

    Notes
    -----
    C = max(s²)/Σs². For duplicates the squared differences may be given for the variances. The p value is p·P(F > f),
    held at 1, with f = (p − 1)·C/(1 − C) and F of n − 1 and (p − 1)·(n − 1) degrees of freedom; exact where C > 0.5,
    else an upper bound. Computed from the beta distribution of C, which is the same.

    References
    ----------
    ISO 5725-2:1994, clause 7. ISO 13528:2022, B.2.1. W. G. Cochran, "The distribution of the largest of a set of
    estimated variances as a fraction of their total", Ann. Eugen. 11 (1941) 47–52.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.cochran([1.0, 1.0, 1.0, 9.0], n=2)
    >>> found.statistic.tolist(), found.p_value.round(3).tolist(), found.at.tolist()
    ([0.75], [0.231], [3])
    """
    array = flat("variances", not_negative("variances", variances))
    there = ~np.isnan(array)
    everywhere = cells(array.size, groups)
    by = everywhere.only(there)
    p = by.count()
    freedom = _replicates(n, there, everywhere.code, p.size) - 1
    total = by.sums(array[there])
    testable = (p > 1) & (total > 0)
    at = np.where(testable, furthest(array, everywhere), -1)
    c = np.full(p.size, np.nan)
    c[testable] = array[at[testable]] / total[testable]
    p_value = np.full(p.size, np.nan)
    rest = (p[testable] - 1) * freedom[testable] / 2
    p_value[testable] = np.minimum(1, p[testable] * betainc(rest, freedom[testable] / 2, 1 - c[testable]))
    return OutlierTest(everywhere.labels, p, c, p_value, at)


def cochran_critical(p: ArrayLike, n: ArrayLike, alpha: float = 0.05) -> FloatArray:
    """Return the critical value of Cochran's test.

    Parameters
    ----------
    p, n : whole numbers, at least 2, that broadcast
        How many variances; replicates behind each.
    alpha : float
        Probability of a larger statistic without an outlier.

    Returns
    -------
    array of the broadcast shape

    Raises
    ------
    ValueError
        If a number is below 2 or not whole, or `alpha` not between 0 and 1.

    Notes
    -----
    C = 1/(1 + (p − 1)/F), F the 1 − α/p quantile of F with n − 1 and (p − 1)·(n − 1) degrees of freedom.
    Computed, not compared with the printed table.

    References
    ----------
    ISO 5725-2:1994, clause 7 and its table for Cochran's test.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(float(iso13528.cochran_critical(8, 3, 0.05)), 3)
    0.516
    """
    count, replicates = whole("p", p, at_least=2), whole("n", n, at_least=2)
    freedom = replicates - 1
    share = between_0_and_1("alpha", alpha) / count
    c: FloatArray = 1 - betaincinv((count - 1) * freedom / 2, freedom / 2, share)
    return c


def _p_value_grubbs(g: FloatArray, p: IntArray) -> FloatArray:
    p_value = np.full(g.size, np.nan)
    there = ~np.isnan(g)
    n = p[there]
    rest = np.maximum(0, 1 - n * g[there] ** 2 / (n - 1.0) ** 2)
    p_value[there] = np.minimum(1, n * betainc((n - 2) / 2, 0.5, rest))
    return p_value


def _replicates(n: ArrayLike, there: NDArray[np.bool_], code: IntArray, groups: int) -> FloatArray:
    """Return the number of replicates of each group; 2 for a group without any variance, where it tells nothing."""
    of_each = like("n", whole("n", n, at_least=2), there.shape)
    of_group = np.full(groups, 2.0)
    of_group[code[there]] = of_each[there]
    if np.any(of_each[there] != of_group[code[there]]):
        raise ValueError("n must be the same for all variances of a group")
    return of_group
