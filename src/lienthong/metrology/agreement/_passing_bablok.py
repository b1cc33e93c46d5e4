"""Passing–Bablok regression, its test of linearity, and bias by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import kolmogorov, ndtri

from lienthong.metrology._arrays import FloatArray, floats, fraction, pairs
from lienthong.metrology.agreement._bootstrap import drawn, is_enough, quantile_interval
from lienthong.metrology.agreement._slopes import Slopes
from lienthong.metrology.uncertainty import RegressionBias


@dataclass(frozen=True, slots=True)
class PassingBablok:
    """A Passing–Bablok line y = intercept + slope·x through n pairs, with confidence intervals."""

    n: int
    intercept: float
    slope: float
    intercept_lower: float
    intercept_upper: float
    slope_lower: float
    slope_upper: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Linearity:
    """The cusum test of linearity: points above and below the line, largest cusum, statistic H, and its p-value."""

    above: int
    below: int
    largest_cusum: float
    statistic: float
    p_value: float


def passing_bablok(x: ArrayLike, y: ArrayLike, *, confidence: float = 0.95) -> PassingBablok:
    """Return the Passing–Bablok regression line of y on x.

    Parameters
    ----------
    x, y : shape (n,), one unit
        Paired results, at least three pairs; a pair with a nan is left out. Either may be taken as x.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    PassingBablok
        A limit of the slope that lies outside the slopes there are, or beyond the vertical, is ±∞, and so is the limit
        of the intercept that comes from it: there are too few pairs for an interval.

    Raises
    ------
    ValueError
        If fewer than three pairs are there, the lengths differ, all are equal, or x and y don't rise together.

    Notes
    -----
    Slopes Sᵢⱼ = (yᵢ − yⱼ)/(xᵢ − xⱼ) of all pairs; pairs of equal points and slopes of −1 are left out, N remain, K of
    them below −1. b is the median shifted by K: the slope of rank (N + 1)/2 + K, or the mean of those of ranks N/2 + K
    and N/2 + 1 + K; a = median(y − b·x). With C = z·√(n(n − 1)(2n + 5)/18) and M₁ = (N − C)/2 rounded, the limits of b
    are the slopes of ranks M₁ + K and N − M₁ + 1 + K, those of a are median(y − b_upper·x) and median(y − b_lower·x).
    The published ±∞ of a pair one above the other, by which point comes first, gives the same ranks as +∞ here.

    Differences are taken exactly: on the decimals the results are written with, up to 15 digits, so that 5.1 − 5.0
    equals 12.3 − 12.2; results with more digits are taken to 2⁻⁵³ of the largest. Time grows with n·log n, and 100 000
    pairs need about 3 s.

    References
    ----------
    H. Passing, W. Bablok, "A new biometrical procedure for testing the equality of measurements from two different
    analytical methods", J. Clin. Chem. Clin. Biochem. 21 (1983) 709–720.
    For the counting: J. Matoušek, "Randomized optimal algorithm for slope selection", Inf. Process. Lett. 39 (1991)
    183–187; J. Raymaekers, F. Dufey, "Equivariant Passing–Bablok regression in quasilinear time", 2022,
    https://arxiv.org/abs/2202.08060

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> line = agreement.passing_bablok([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.1, 2.2, 3.0, 4.3, 5.1, 9.0])
    >>> round(line.slope, 4), round(line.intercept, 4)
    (1.0667, 0.0333)
    >>> round(line.slope_lower, 4), round(line.slope_upper, 4)
    (0.8, 2.35)
    """
    first, second = pairs(x, y, at_least=3)
    level, n = fraction("confidence", confidence), first.size
    slopes = Slopes(first, second)
    slope = _shifted_median(slopes)
    c = float(ndtri((1 + level) / 2)) * np.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    m1 = int(np.floor((slopes.n - c) / 2 + 0.5))
    lower, upper = _limits(slopes, m1)
    return PassingBablok(
        n=n,
        intercept=_intercept(first, second, slope),
        slope=slope,
        intercept_lower=_intercept(first, second, upper) if np.isfinite(upper) else -np.inf,
        intercept_upper=_intercept(first, second, lower) if np.isfinite(lower) else np.inf,
        slope_lower=lower,
        slope_upper=upper,
        confidence=level,
    )


def cusum_linearity(x: ArrayLike, y: ArrayLike, *, intercept: float, slope: float) -> Linearity:
    """Return Passing and Bablok's cusum test of whether y is linear in x.

    Parameters
    ----------
    x, y : shape (n,), one unit
        Paired results, at least three pairs; a pair with a nan is left out.
    intercept, slope : float
        Of the line, `slope` above 0.

    Returns
    -------
    Linearity
        Without points on both sides of the line the statistic is 0 and the p-value 1.

    Raises
    ------
    ValueError
        If fewer than three pairs are there, the lengths differ, or `slope` isn't above 0 and finite.

    Notes
    -----
    A point above the line scores √(L/l), one below −√(l/L), one on it 0, for l points above and L below. The scores are
    summed in order of (y + x/b − a)/√(1 + 1/b²), the points' places along the line; H = max |cusum|/√(L + 1) is
    compared with Kolmogorov's distribution: 1.36 at 5 %, 1.63 at 1 %. Points of equal place are summed in order of x,
    then of y.

    References
    ----------
    H. Passing, W. Bablok, J. Clin. Chem. Clin. Biochem. 21 (1983) 709–720.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import agreement
    >>> x = np.arange(1.0, 41.0)
    >>> agreement.cusum_linearity(x, x**2 / 40, intercept=-5.0, slope=1.0).p_value < 0.05
    True
    """
    first, second = pairs(x, y, at_least=3)
    if not (np.isfinite(slope) and slope > 0):
        raise ValueError(f"slope must be greater than 0 and finite, but got {slope}")
    side = np.sign(second - (intercept + slope * first))
    above, below = int(np.sum(side > 0)), int(np.sum(side < 0))
    if not above or not below:
        return Linearity(above=above, below=below, largest_cusum=0.0, statistic=0.0, p_value=1.0)
    scores = np.where(side > 0, np.sqrt(below / above), np.where(side < 0, -np.sqrt(above / below), 0.0))
    place = (second + first / slope - intercept) / np.sqrt(1 + 1 / slope**2)
    largest = float(np.max(np.abs(np.cumsum(scores[np.lexsort((second, first, place))]))))
    statistic = largest / float(np.sqrt(below + 1))
    return Linearity(
        above=above, below=below, largest_cusum=largest, statistic=statistic, p_value=float(kolmogorov(statistic))
    )


def passing_bablok_bias_at(
    x: ArrayLike,
    y: ArrayLike,
    levels: ArrayLike,
    *,
    seed: int | np.random.Generator,
    resamples: int = 999,
    confidence: float = 0.95,
) -> RegressionBias:
    """Return the bias of procedure y against procedure x at medical decision levels, by Passing–Bablok.

    Parameters
    ----------
    x, y : shape (n,), one unit
        Paired results, at least three pairs; a pair with a nan is left out.
    levels : shape (m,), in the unit of x
        Concentrations.
    seed : int or numpy Generator
        Of the resampling; the same seed gives the same interval.
    resamples : int
        Bootstrap resamples of pairs, 100 or more.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    RegressionBias
        ``u_bias`` is the standard deviation over the resamples; nan where a level is nan.

    Raises
    ------
    ValueError
        As `passing_bablok`, if `resamples` is below 100, or if more than 5 % of the resamples have no line.

    Notes
    -----
    a + (b − 1)·X_c; the interval is of the bootstrap's quantiles (type 6, ranks p·(B + 1)), as the published intervals
    of intercept and slope don't say how the two go together.

    References
    ----------
    CLSI EP09c, 3rd edition, 2018 (bootstrap for Passing–Bablok). B. Efron, R. J. Tibshirani, "An Introduction to the
    Bootstrap", Chapman & Hall, 1993, 13.3.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import agreement
    >>> x = np.linspace(2, 20, 40)
    >>> found = agreement.passing_bablok_bias_at(x, 1.1 * x, [7.0, 11.1], seed=1)
    >>> found.bias.round(6).tolist()
    [0.7, 1.11]
    """
    first, second = pairs(x, y, at_least=3)
    at = np.atleast_1d(floats("levels", levels))
    draws = drawn(first.size, resamples=resamples, seed=seed)
    bias = _bias(first, second, at)
    found = [_bias_or_nothing(first[draw], second[draw], at) for draw in draws]
    there = np.array([one for one in found if one is not None]).reshape(-1, at.size)
    if not is_enough(len(there), resamples):
        raise ValueError(f"x and y must rise together, but {resamples - len(there)} of {resamples} resamples don't")
    lower, upper = quantile_interval(there, confidence)
    return RegressionBias(
        levels=at,
        bias=bias,
        u_bias=there.std(axis=0, ddof=1),
        lower=lower,
        upper=upper,
        confidence=float(confidence),
    )


def _shifted_median(slopes: Slopes) -> float:
    if not slopes.n:
        raise ValueError("x and y must vary, but no pair of points has a slope other than −1")
    middle = (slopes.n // 2, slopes.n // 2 + 1) if slopes.n % 2 == 0 else ((slopes.n + 1) // 2,)
    found = slopes.at(*middle)
    if slopes.rank_of_vertical() < middle[-1] or not np.isfinite(found[-1]):
        raise ValueError("x and y must rise together, but half of the slopes or more are vertical or below −1")
    return sum(found) / len(found)


def _limits(slopes: Slopes, m1: int) -> tuple[float, float]:
    """Return the slopes of ranks M₁ + K and N − M₁ + 1 + K."""
    if m1 < 1:
        return -np.inf, np.inf
    lower, upper = slopes.at(m1, slopes.n - m1 + 1)
    return lower, upper if slopes.n - m1 + 1 <= slopes.rank_of_vertical() else np.inf


def _intercept(x: FloatArray, y: FloatArray, slope: float) -> float:
    return float(np.median(y - slope * x))


def _bias(x: FloatArray, y: FloatArray, at: FloatArray) -> FloatArray:
    slope = _shifted_median(Slopes(x, y))
    return _intercept(x, y, slope) + (slope - 1) * at


def _bias_or_nothing(x: FloatArray, y: FloatArray, at: FloatArray) -> FloatArray | None:
    try:
        return _bias(x, y, at)
    except ValueError:  # a resample may consist of too few different points
        return None
