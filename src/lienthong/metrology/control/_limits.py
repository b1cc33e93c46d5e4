"""Control limits while there are few results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri, chndtrix, gammaln, ndtr, ndtri, stdtrit

from lienthong.metrology._arrays import FloatArray, floats, fraction, known, not_negative, positive

# 64 places of Gauss–Legendre over ±9 SD give the tolerance factor to more than ten digits.
_PLACES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_REACH = 9.0
_HALVINGS = 80


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Lower and upper limit, in the unit of the mean, and the factor of the SD by which they lie from it."""

    lower: FloatArray
    upper: FloatArray
    factor: FloatArray


def prediction_limits(mean: ArrayLike, sd: ArrayLike, n: ArrayLike, *, k: float) -> Limits:
    """Return limits that the next result exceeds as rarely as a known mean ± k SD.

    Parameters
    ----------
    mean, sd, n : numbers, or arrays that broadcast
        Mean and standard deviation of the results so far, same unit, and how many they are; nan gives nan.
    k : float
        The limit in standard deviations that is stood in for: 2 for a warning, 3 for a rejection.

    Returns
    -------
    Limits
        nan for fewer than 2 results. ``factor`` falls to `k` as n grows.

    Raises
    ------
    ValueError
        If `sd` is negative or `k` not above 0.

    Notes
    -----
    x̄ ± t·s·√(1 + 1/n), t the quantile of Student's t with n − 1 degrees of freedom that is exceeded as often as k
    by a normal variable (4.55 % for k = 2, 0.27 % for k = 3, both sides together). Plain x̄ ± 2s from 10 results is
    exceeded by 9 %.

    References
    ----------
    G. J. Hahn, W. Q. Meeker, "Statistical Intervals", Wiley, 1991, chapter 4 (prediction interval for one future
    observation).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.prediction_limits(5.0, 0.1, [5, 20, 100], k=2)
    >>> found.factor.round(3).tolist(), found.upper.round(3).tolist()
    ([3.143, 2.193, 2.036], [5.314, 5.219, 5.204])
    """
    count = _count(n, least=2)
    tail = float(ndtr(-positive("k", known("k", k))))
    factor = -stdtrit(count - 1, tail) * np.sqrt(1 + 1 / count)
    return _around(mean, sd, factor)


def tolerance_limits(
    mean: ArrayLike, sd: ArrayLike, n: ArrayLike, *, coverage: float = 0.95, confidence: float = 0.95
) -> Limits:
    """Return limits that hold at least a stated share of all results, with a stated confidence.

    Parameters
    ----------
    mean, sd, n : numbers, or arrays that broadcast
        Mean and standard deviation of the results so far, same unit, and how many they are; nan gives nan.
    coverage : float
        Share of results between the limits.
    confidence : float
        Probability that the limits hold at least that share.

    Returns
    -------
    Limits
        nan for fewer than 2 results.

    Raises
    ------
    ValueError
        If `sd` is negative, or `coverage` or `confidence` is not between 0 and 1.

    Notes
    -----
    The factor k solves E[P(χ²(n − 1) > (n − 1)·r²(Z)/k²)] = confidence, where Z ~ N(0, 1/n) is the error of the mean
    and Φ(Z + r) − Φ(Z − r) = coverage; two-sided, for normal results, mean and SD unknown. It is exact, by numerical
    integration; Howe's approximation differs by less than 1 % from n = 5 on.

    References
    ----------
    ISO 16269-6:2014 (statistical tolerance intervals). W. G. Howe, "Two-sided tolerance limits for normal
    populations", J. Am. Stat. Assoc. 64 (1969) 610–620.
    https://www.itl.nist.gov/div898/handbook/prc/section2/prc263.htm

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> control.tolerance_limits(5.0, 0.1, [10, 20, 100]).factor.round(3).tolist()
    [3.393, 2.76, 2.234]
    """
    fraction("coverage", coverage)
    fraction("confidence", confidence)
    sizes, back = np.unique(_count(n, least=2), return_inverse=True)
    factor = np.array([_tolerance_factor(float(size), coverage, confidence) for size in sizes])
    return _around(mean, sd, factor[back].reshape(np.shape(n)))


def c4(n: ArrayLike) -> FloatArray:
    """Return c₄, the expected standard deviation of `n` normal results in parts of the true one.

    Parameters
    ----------
    n : whole numbers
        How many results.

    Returns
    -------
    array like `n`
        nan for fewer than 2.

    Raises
    ------
    ValueError
        If a number is infinite.

    Notes
    -----
    c₄ = √(2/(n − 1))·Γ(n/2)/Γ((n − 1)/2).

    References
    ----------
    ISO 7870-2:2013 (Shewhart control charts).
    https://www.itl.nist.gov/div898/handbook/pmc/section3/pmc321.htm

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> control.c4([2, 5, 20]).round(4).tolist()
    [0.7979, 0.94, 0.9869]
    """
    count = _count(n, least=2)
    factor: FloatArray = np.sqrt(2 / (count - 1)) * np.exp(gammaln(count / 2) - gammaln((count - 1) / 2))
    return factor


def unbiased_sd(sd: ArrayLike, n: ArrayLike) -> FloatArray:
    """Return the standard deviation of a few results, freed from its bias towards small values.

    Parameters
    ----------
    sd : a number, or an array that broadcasts with `n`
        Standard deviation with n − 1.
    n : whole numbers
        How many results it rests on.

    Returns
    -------
    array of the broadcast shape, in the unit of `sd`
        nan for fewer than 2 results.

    Raises
    ------
    ValueError
        If `sd` is negative.

    Notes
    -----
    s/c₄, for normal results: s falls short of σ by 6 % on average of 5 results, by 1.3 % of 20. It is right on
    average only; `prediction_limits` allow for the uncertainty of s itself as well.

    References
    ----------
    ISO 7870-2:2013 (Shewhart control charts).
    https://www.itl.nist.gov/div898/handbook/pmc/section3/pmc321.htm

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> round(float(control.unbiased_sd(0.94, 5)), 4)
    1.0
    """
    unbiased: FloatArray = not_negative("sd", sd) / c4(n)
    return unbiased


def _count(n: ArrayLike, *, least: int) -> FloatArray:
    count = floats("n", n)
    return np.where(count >= least, count, np.nan)


def _around(mean: ArrayLike, sd: ArrayLike, factor: FloatArray) -> Limits:
    centre, width = np.broadcast_arrays(floats("mean", mean), not_negative("sd", sd) * factor)
    return Limits(lower=centre - width, upper=centre + width, factor=factor)


def _tolerance_factor(n: float, coverage: float, confidence: float) -> float:
    if np.isnan(n):
        return float("nan")
    z = _REACH * _PLACES
    weights = _WEIGHTS * _REACH * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    # (Z + standard normal)² is non-central χ² with 1 degree of freedom: its quantile is r².
    r2 = chndtrix(coverage, 1, z**2 / n)
    low = float(ndtri(0.5 + coverage / 2)) / 4
    high = 10 * float(np.sqrt(r2.max() * (n - 1) / max(chdtri(n - 1, confidence), 1e-300)))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reached = float(weights @ chdtrc(n - 1, (n - 1) * r2 / middle**2))
        low, high = (middle, high) if reached < confidence else (low, middle)
    return (low + high) / 2
