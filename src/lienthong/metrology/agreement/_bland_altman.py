"""Differences of paired results and their limits of agreement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import nctdtrit, ndtri, stdtr

from lienthong.metrology._arrays import FloatArray, fraction, pairs, positive
from lienthong.metrology._intervals import mean_interval, student
from lienthong.metrology.agreement._lines import least_squares


class Scale(StrEnum):
    """In what two results differ: their difference, that in percent of their mean, or their ratio."""

    DIFFERENCE = "difference"
    PERCENT = "percent"
    RATIO = "ratio"


class LimitMethod(StrEnum):
    """How the confidence intervals of limits of agreement are found."""

    EXACT = "exact"
    APPROXIMATE = "approximate"


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the limits of its confidence interval."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class BlandAltman:
    """Bias and limits of agreement with their confidence intervals, and the trend of the differences with the means.

    `trend` is the slope of the differences on the means, `trend_p_value` that of its t test against 0; both are nan if
    all means are equal. Of ratios, `sd` is that of their logarithms, and so are the differences of the trend.
    """

    n: int
    scale: Scale
    bias: Interval
    sd: float
    lower_limit: Interval
    upper_limit: Interval
    trend: float
    trend_p_value: float


def bland_altman(
    x: ArrayLike,
    y: ArrayLike,
    *,
    scale: Scale | str = Scale.DIFFERENCE,
    coverage: float = 0.95,
    confidence: float = 0.95,
    method: LimitMethod | str = LimitMethod.EXACT,
) -> BlandAltman:
    """Return bias and limits of agreement of two procedures, with confidence intervals.

    Parameters
    ----------
    x, y : shape (n,), one unit
        Paired results, at least three pairs; a pair with a nan is left out. Differences are y − x, ratios y/x.
    scale : ``difference``, ``percent`` (of the pair's mean) or ``ratio``
        ``ratio`` works on logarithms and gives geometric mean and limits of y/x.
    coverage : float
        Share of differences that the limits of agreement hold, between 0 and 1.
    confidence : float
        Of the intervals, between 0 and 1.
    method : ``exact`` or ``approximate``
        Of the limits' intervals.

    Returns
    -------
    BlandAltman
        In the unit of the results, percent, or as ratios.

    Raises
    ------
    ValueError
        If fewer than three pairs are there, the lengths differ, the mean of a pair isn't above 0 for ``percent`` or a
        result isn't for ``ratio``.

    Notes
    -----
    Limits d̄ ± z·s, z the normal quantile of `coverage` (1.96 for 0.95). Exact intervals of a limit: d̄ + c·s/√n, c the
    quantiles of the noncentral t distribution with n − 1 degrees of freedom and noncentrality z·√n. Approximate:
    limit ± t·s·√(1/n + z²/(2(n − 1))). Trend: least squares of the differences on the means; a slope other than 0
    says that one bias, or one spread, doesn't hold at all concentrations.

    References
    ----------
    J. M. Bland, D. G. Altman, "Measuring agreement in method comparison studies", Stat. Methods Med. Res. 8 (1999)
    135–160. A. Carkeet, "Exact parametric confidence intervals for Bland–Altman limits of agreement", Optom. Vis. Sci.
    92 (2015) e71–e80.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> found = agreement.bland_altman([4.0, 5.0, 6.0, 7.0, 8.0], [4.2, 5.1, 6.3, 7.2, 8.2])
    >>> round(found.bias.estimate, 4), round(found.lower_limit.estimate, 4), round(found.upper_limit.estimate, 4)
    (0.2, 0.0614, 0.3386)
    """
    kind, how = Scale(scale), LimitMethod(method)
    first, second = pairs(x, y, at_least=3)
    differences = differences_on(first, second, kind)
    n, z = differences.size, _quantile(coverage)
    of_mean = mean_interval(differences, confidence)
    mean, sd = of_mean.mean, of_mean.sd
    near, far = limit_bounds(n, z, confidence, how)
    trend, p_value = _trend(first, second, differences)
    return BlandAltman(
        n=n,
        scale=kind,
        bias=_interval(kind, mean, of_mean.lower, of_mean.upper),
        sd=sd,
        lower_limit=_interval(kind, mean - z * sd, mean - far * sd, mean - near * sd),
        upper_limit=_interval(kind, mean + z * sd, mean + near * sd, mean + far * sd),
        trend=trend,
        trend_p_value=p_value,
    )


def differences_on(x: FloatArray, y: FloatArray, scale: Scale) -> FloatArray:
    """Return y − x, that in percent of the pair's mean, or ln(y/x)."""
    if scale is Scale.RATIO:
        ratio: FloatArray = np.log(positive("y", y) / positive("x", x))
        return ratio
    if scale is Scale.PERCENT:
        percent: FloatArray = 100 * (y - x) / positive("the mean of a pair", (x + y) / 2)
        return percent
    return y - x


def limit_bounds(n: int, z: float, confidence: float, method: LimitMethod) -> tuple[float, float]:
    """Return how many SDs beyond the mean the confidence interval of the limit x̄ + z·s begins and ends."""
    tail = (1 - confidence) / 2
    if method is LimitMethod.EXACT:
        centre = z * np.sqrt(n)
        near, far = (float(nctdtrit(n - 1, centre, p)) / np.sqrt(n) for p in (tail, 1 - tail))
        return float(near), float(far)
    reach = student(n - 1, confidence) * np.sqrt(1 / n + z**2 / (2 * (n - 1)))
    return float(z - reach), float(z + reach)


def _quantile(coverage: float) -> float:
    return float(ndtri((1 + fraction("coverage", coverage)) / 2))


def _interval(scale: Scale, estimate: float, lower: float, upper: float) -> Interval:
    if scale is Scale.RATIO:
        return Interval(float(np.exp(estimate)), float(np.exp(lower)), float(np.exp(upper)))
    return Interval(float(estimate), float(lower), float(upper))


def _trend(x: FloatArray, y: FloatArray, differences: FloatArray) -> tuple[float, float]:
    means = (x + y) / 2
    if np.ptp(means) == 0:
        return float("nan"), float("nan")
    line = least_squares(means, differences)
    if line.u_slope == 0:
        return line.slope, float(line.slope == 0)
    return line.slope, float(2 * stdtr(line.df, -abs(line.slope) / line.u_slope))
