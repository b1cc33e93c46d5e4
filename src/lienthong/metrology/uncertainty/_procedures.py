"""Bias between two procedures that measured the same specimens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, floats, known, pairs, positive
from lienthong.metrology._intervals import mean_interval, student


@dataclass(frozen=True, slots=True)
class PairedBias:
    """Mean difference of paired results, its standard uncertainty, and its confidence interval."""

    n: int
    bias: float
    u_bias: float
    lower: float
    upper: float
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class RegressionBias:
    """Bias at concentrations `levels`, shape (m,), its standard uncertainty, and its confidence interval; one unit."""

    levels: FloatArray
    bias: FloatArray
    u_bias: FloatArray
    lower: FloatArray
    upper: FloatArray
    confidence: float


def paired_bias(x: ArrayLike, y: ArrayLike, *, in_percent: bool = False, confidence: float = 0.95) -> PairedBias:
    """Return the bias of procedure y against procedure x as the mean difference of paired results.

    Parameters
    ----------
    x, y : shape (n,), one unit
        Results of the two procedures for the same specimens; a pair with a nan is left out.
    in_percent : bool
        Whether each difference is taken in percent of the pair's mean.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    PairedBias
        In the unit of the results, or percent.

    Raises
    ------
    ValueError
        If fewer than two pairs are there, the lengths differ, or, with `in_percent`, the mean of a pair isn't above 0.

    Notes
    -----
    b = d̄, u(b) = s_d/√n, interval d̄ ± t(n − 1)·u(b), with d = y − x. It describes one bias at all concentrations;
    where it changes with concentration use `regression_bias`.

    References
    ----------
    CLSI EP09c, 3rd edition, 2018 (difference plots). JCGM 100:2008, 4.2.3 (standard uncertainty of a mean).
    https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> found = uncertainty.paired_bias([4.0, 5.0, 6.0, 7.0], [4.2, 5.1, 6.3, 7.2])
    >>> round(found.bias, 4), round(found.u_bias, 4), round(found.lower, 4), round(found.upper, 4)
    (0.2, 0.0408, 0.0701, 0.3299)
    """
    first, second = pairs(x, y, at_least=2)
    differences = second - first
    if in_percent:
        differences = 100 * differences / positive("the mean of a pair", (first + second) / 2)
    of_mean = mean_interval(differences, confidence)
    return PairedBias(
        n=differences.size,
        bias=of_mean.mean,
        u_bias=of_mean.u,
        lower=of_mean.lower,
        upper=of_mean.upper,
        confidence=float(confidence),
    )


def regression_bias(
    levels: ArrayLike,
    *,
    intercept: float,
    slope: float,
    covariance: ArrayLike,
    df: float = np.inf,
    confidence: float = 0.95,
) -> RegressionBias:
    """Return the bias of procedure y against procedure x at concentrations, from a regression of y on x.

    Parameters
    ----------
    levels : shape (m,), in the unit of x
        Concentrations: medical decision levels.
    intercept, slope : float
        Of the line y = a + b·x.
    covariance : shape (2, 2)
        Of intercept and slope, in this order.
    df : float
        Degrees of freedom behind it, n − 2 for a regression; infinite takes the normal distribution.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    RegressionBias
        In the unit of y, nan where a level is nan.

    Raises
    ------
    ValueError
        If `covariance` isn't such a matrix or holds nan, or `df` isn't above 0.

    Notes
    -----
    bias(x) = a + (b − 1)·x; u² = u²(a) + 2·x·u(a, b) + x²·u²(b).

    References
    ----------
    CLSI EP09c, 3rd edition, 2018 (bias at medical decision levels). JCGM 100:2008, 5.2.2 and H.3.
    https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> found = uncertainty.regression_bias(
    ...     [7.0], intercept=0.1, slope=1.02, covariance=[[0.0025, -0.0003], [-0.0003, 0.00004]], df=38
    ... )
    >>> found.bias.round(4).tolist(), found.u_bias.round(4).tolist()
    ([0.24], [0.0161])
    """
    matrix = _covariance(covariance)
    if not df > 0:
        raise ValueError(f"df must be greater than 0, but got {df}")
    x = np.atleast_1d(floats("levels", levels))
    bias = intercept + (slope - 1) * x
    variance = matrix[0, 0] + 2 * x * matrix[0, 1] + x**2 * matrix[1, 1]
    u = np.sqrt(np.maximum(variance, 0))
    reach = student(df, confidence) * u
    return RegressionBias(
        levels=x, bias=bias, u_bias=u, lower=bias - reach, upper=bias + reach, confidence=float(confidence)
    )


def _covariance(given: ArrayLike) -> FloatArray:
    matrix = known("covariance", given)
    if matrix.shape != (2, 2):
        raise ValueError(f"covariance must have shape (2, 2), of intercept and slope, but has {matrix.shape}")
    variances, cross = np.diag(matrix), matrix[0, 1]
    nothing = 1e-9 * float(np.sqrt(np.prod(np.abs(variances))))
    if np.any(variances < 0) or abs(cross - matrix[1, 0]) > nothing or cross**2 > np.prod(variances) * (1 + 1e-9):
        raise ValueError("covariance must be symmetric, with no negative eigenvalue")
    return matrix
