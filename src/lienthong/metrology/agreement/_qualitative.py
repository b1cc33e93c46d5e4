"""Percent agreement of a qualitative procedure with a comparator, and McNemar's test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, chdtrc, ndtri

from lienthong.metrology._arrays import FloatArray, fraction, whole
from lienthong.metrology.agreement._tables import CrossTable, square


@dataclass(frozen=True, slots=True, eq=False)
class Proportion:
    """A proportion `agreeing`/`n` in percent, with its confidence interval; arrays of one shape."""

    agreeing: FloatArray
    n: FloatArray
    percent: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PercentAgreement:
    """Agreement on the comparator's positives, on its negatives, and on all."""

    positive: Proportion
    negative: Proportion
    overall: Proportion


@dataclass(frozen=True, slots=True)
class McNemar:
    """Discordant counts both ways, χ² of one degree of freedom, its p-value, and the exact binomial p-value."""

    first_only: int
    second_only: int
    statistic: float
    p_value: float
    exact_p_value: float


def percent_agreement(table: ArrayLike | CrossTable, *, confidence: float = 0.95) -> PercentAgreement:
    """Return positive, negative and overall percent agreement of a candidate with a comparator.

    Parameters
    ----------
    table : shape (2, 2), counts, or a CrossTable
        Candidate by row, comparator by column, positive first.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    PercentAgreement
        Percent; nan where the comparator has no positives or no negatives.

    Raises
    ------
    ValueError
        If `table` isn't 2 × 2, holds what is no count, or is empty.

    Notes
    -----
    PPA = a/(a + c), NPA = d/(b + d), OPA = (a + d)/n with Wilson's intervals. They are sensitivity and specificity only
    where the comparator is the truth.

    References
    ----------
    CLSI EP12, 3rd edition, 2023. E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    J. Am. Stat. Assoc. 22 (1927) 209–212.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> found = agreement.percent_agreement([[48, 2], [2, 98]])
    >>> float(found.positive.percent), float(found.negative.percent)
    (96.0, 98.0)
    >>> round(float(found.positive.lower), 2), round(float(found.positive.upper), 2)
    (86.54, 98.9)
    """
    (a, b), (c, d) = square(table, k=2)
    found = wilson([a, d, a + d], [a + c, b + d, a + b + c + d], confidence=confidence)
    each = [
        Proportion(found.agreeing[i], found.n[i], found.percent[i], found.lower[i], found.upper[i]) for i in range(3)
    ]
    return PercentAgreement(positive=each[0], negative=each[1], overall=each[2])


def wilson(agreeing: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> Proportion:
    """Return proportions in percent with Wilson's score intervals.

    Parameters
    ----------
    agreeing, n : whole numbers, or arrays that broadcast
        How many of how many.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Proportion
        Percent, of the broadcast shape; nan where `n` is 0 or a number is nan.

    Raises
    ------
    ValueError
        If a number isn't whole or negative, or `agreeing` exceeds `n`.

    Notes
    -----
    [p + z²/(2n) ± z·√(p(1 − p)/n + z²/(4n²))]/(1 + z²/n), without continuity correction.

    References
    ----------
    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209–212. L. D. Brown, T. T. Cai, A. DasGupta, "Interval estimation for a
    binomial proportion", Stat. Sci. 16 (2001) 101–133, open at https://projecteuclid.org

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> found = agreement.wilson(95, 100)
    >>> round(float(found.lower), 2), round(float(found.upper), 2)
    (88.82, 97.85)
    """
    count, total = np.broadcast_arrays(whole("agreeing", agreeing, at_least=0), whole("n", n, at_least=0))
    if np.any(count > total):
        raise ValueError("agreeing must not exceed n")
    z2 = float(ndtri((1 + fraction("confidence", confidence)) / 2)) ** 2
    of = np.where(total > 0, total, np.nan)
    p = count / of
    reach = np.sqrt(z2 * (p * (1 - p) / of + z2 / (4 * of**2)))
    centre, width = p + z2 / (2 * of), 1 + z2 / of
    # At 0 and n the limits are 0 and 1 on paper.
    lower = np.where(count == 0, 0 * of, (centre - reach) / width)
    upper = np.where(count == total, 1 + 0 * of, (centre + reach) / width)
    return Proportion(agreeing=count, n=total, percent=100 * p, lower=100 * lower, upper=100 * upper)


def mcnemar(table: ArrayLike | CrossTable, *, continuity: bool = True) -> McNemar:
    """Return McNemar's test of whether two classifications call equally many specimens positive.

    Parameters
    ----------
    table : shape (2, 2), counts, or a CrossTable
        First classification by row, second by column, positive first.
    continuity : bool
        Whether χ² is corrected for continuity; the exact p-value never is.

    Returns
    -------
    McNemar
        Without discordant specimens the statistic is 0 and both p-values are 1.

    Raises
    ------
    ValueError
        If `table` isn't 2 × 2, holds what is no count, or is empty.

    Notes
    -----
    χ² = (|b − c| − 1)²/(b + c), (b − c)²/(b + c) uncorrected; exact: twice the smaller tail of the binomial
    distribution with b + c trials and p = 0.5, at most 1. Below 25 discordant specimens take the exact one.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947) 153–157. A. L. Edwards, Psychometrika 13 (1948) 185–187 (continuity).

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> found = agreement.mcnemar([[40, 12], [4, 44]])
    >>> found.statistic, round(found.p_value, 4), round(found.exact_p_value, 4)
    (3.0625, 0.0801, 0.0768)
    """
    counts = square(table, k=2)
    b, c = int(counts[0, 1]), int(counts[1, 0])
    if not b + c:
        return McNemar(first_only=0, second_only=0, statistic=0.0, p_value=1.0, exact_p_value=1.0)
    off = max(abs(b - c) - (1 if continuity else 0), 0)
    statistic = off**2 / (b + c)
    exact = min(1.0, 2 * float(bdtr(min(b, c), b + c, 0.5)))
    return McNemar(
        first_only=b,
        second_only=c,
        statistic=statistic,
        p_value=float(chdtrc(1, statistic)),
        exact_p_value=exact,
    )
