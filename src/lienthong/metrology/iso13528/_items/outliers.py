"""Classical outlier tests: Grubbs for one value, Cochran for one variance.

ISO 5725-2 is cited by the clauses of 1994; the edition of 2019 replaces it, and has not been compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv

from lienthong.metrology._arrays import FloatArray, IntArray, flat, like, not_negative, whole
from lienthong.metrology._arrays import fraction as between_0_and_1
from lienthong.metrology._cells import cells, furthest
from lienthong.metrology._grubbs import critical, farthest, p_value


@dataclass(frozen=True, slots=True, eq=False)
class OutlierTest:
    """For each group: test statistic, probability of one as large without an outlier, and which entry it is about.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given.
    `position` is the place in the input, −1 where nothing can be tested (then `statistic` and `p_value` are nan); `p`
    is the number of entries.
    """

    groups: NDArray[np.generic]
    p: IntArray
    statistic: FloatArray
    p_value: FloatArray
    position: IntArray


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
    `control.grubbs` repeats the test without the outlier, for a set-up period.

    Robust methods don't need it; for consensus by an arithmetic mean and in precision experiments it is usual to look
    into a p value below 0.05 and to exclude below 0.01.

    References
    ----------
    ISO 5725-2:1994, 7.3.4. ISO 13528:2022, 6.6. F. E. Grubbs, "Sample criteria for testing outlying observations",
    Ann. Math. Stat. 21 (1950) 27–58, open at https://doi.org/10.1214/aoms/1177729885

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.grubbs([5.1, 5.0, 5.2, 4.9, 5.1, 8.0])
    >>> found.statistic.round(3).tolist(), found.p_value.round(5).tolist(), found.position.tolist()
    ([2.034], [0.00012], [5])
    """
    array = flat("values", values)
    there = ~np.isnan(array)
    by = cells(array.size, groups)
    p = by.count(there)
    statistic, position = farthest(array, by, there)
    testable = p > 2
    statistic[~testable], position[~testable] = np.nan, -1
    return OutlierTest(by.labels, p, statistic, p_value(statistic, p), position)


def grubbs_critical(p: ArrayLike, alpha: float = 0.05, *, two_sided: bool = True) -> FloatArray:
    """Return the critical value of Grubbs' test for one outlier.

    Parameters
    ----------
    p : whole numbers, at least 3
        How many values.
    alpha : float
        Probability of a larger statistic without an outlier.
    two_sided : bool
        The outlier may be the largest or the smallest value; False if only one of them was asked about beforehand.

    Returns
    -------
    array like `p`

    Raises
    ------
    ValueError
        If `p` is below 3 or not whole, or `alpha` not between 0 and 1.

    Notes
    -----
    G = (p − 1)/√p·√(t²/(p − 2 + t²)), t the 1 − α/(2p) quantile of Student's t with p − 2 degrees of freedom; 1 − α/p
    if one-sided. It is exact as long as no two values can exceed it at once, else an upper bound that is very near.
    Computed, not compared with a printed table.

    References
    ----------
    F. E. Grubbs, "Procedures for detecting outlying observations in samples", Technometrics 11 (1969) 1–21.
    https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h1.htm
    ISO 5725-2:1994, 7.3.4 and its table for Grubbs' test.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.grubbs_critical([3, 10, 20]).round(3).tolist()
    [1.154, 2.29, 2.708]
    >>> iso13528.grubbs_critical([10, 20], two_sided=False).round(3).tolist()
    [2.176, 2.557]
    """
    return critical(whole("p", p, at_least=3), between_0_and_1("alpha", alpha), two_sided=two_sided)


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
    ISO 5725-2:1994, 7.3.3. ISO 13528:2022, B.2.1. W. G. Cochran, "The distribution of the largest of a set of
    estimated variances as a fraction of their total", Ann. Eugen. 11 (1941) 47–52.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.cochran([1.0, 1.0, 1.0, 9.0], n=2)
    >>> found.statistic.tolist(), found.p_value.round(3).tolist(), found.position.tolist()
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
    position = np.where(testable, furthest(array, everywhere), -1)
    c = np.full(p.size, np.nan)
    c[testable] = array[position[testable]] / total[testable]
    probability = np.full(p.size, np.nan)
    rest = (p[testable] - 1) * freedom[testable] / 2
    probability[testable] = np.minimum(1, p[testable] * betainc(rest, freedom[testable] / 2, 1 - c[testable]))
    return OutlierTest(everywhere.labels, p, c, probability, position)


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
    ISO 5725-2:1994, 7.3.3 and its table for Cochran's test.

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


def _replicates(n: ArrayLike, there: NDArray[np.bool_], code: IntArray, groups: int) -> FloatArray:
    """Return the number of replicates of each group; 2 for a group without any variance, where it tells nothing."""
    of_each = like("n", whole("n", n, at_least=2), there.shape)
    of_group = np.full(groups, 2.0)
    of_group[code[there]] = of_each[there]
    if np.any(of_each[there] != of_group[code[there]]):
        raise ValueError("n must be the same for all variances of a group")
    return of_group
