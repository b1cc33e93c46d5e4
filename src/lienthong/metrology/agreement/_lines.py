"""Lines through paired results: least squares, ordinary and weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, flat, pairs
from lienthong.metrology._intervals import student
from lienthong.metrology.uncertainty import RegressionBias, regression_bias


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line y = intercept + slope·x through n pairs, with standard errors and confidence intervals.

    `covariance`, shape (2, 2), is of intercept and slope in this order, with `df` degrees of freedom behind it.
    """

    n: int
    intercept: float
    slope: float
    u_intercept: float
    u_slope: float
    intercept_lower: float
    intercept_upper: float
    slope_lower: float
    slope_upper: float
    covariance: FloatArray
    df: int
    confidence: float


def least_squares(x: ArrayLike, y: ArrayLike, *, confidence: float = 0.95) -> Line:
    """Return the ordinary least squares line of y on x.

    Parameters
    ----------
    x, y : shape (n,)
        Paired results, at least three pairs; a pair with a nan is left out. `x` counts as free of error.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Line

    Raises
    ------
    ValueError
        If fewer than three pairs are there, the lengths differ, or all of `x` are equal.

    Notes
    -----
    b = S_xy/S_xx, a = ȳ − b·x̄, s² = Σ(y − a − b·x)²/(n − 2); intervals by t(n − 2). Error of `x` draws the slope
    towards 0: where both procedures have error use `deming`.

    References
    ----------
    CLSI EP09c, 3rd edition, 2018 (ordinary linear regression).

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> line = agreement.least_squares([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.2, 3.8])
    >>> round(line.slope, 4), round(line.intercept, 4), round(line.u_slope, 4)
    (0.94, 0.15, 0.0906)
    """
    first, second = pairs(x, y, at_least=3)
    return _weighted(first, second, np.ones(first.size), confidence)


def weighted_least_squares(
    x: ArrayLike, y: ArrayLike, *, weights: ArrayLike | None = None, confidence: float = 0.95
) -> Line:
    """Return the weighted least squares line of y on x.

    Parameters
    ----------
    x, y : shape (n,)
        Paired results, at least three pairs; a pair with a nan is left out. `x` counts as free of error.
    weights : shape (n,), optional
        Of each pair, in proportion to 1/variance of y; without it 1/x², for a constant CV.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Line

    Raises
    ------
    ValueError
        If fewer than three pairs are there, the lengths differ, all of `x` are equal, a weight isn't above 0, or an `x`
        isn't above 0 and there are no `weights`.

    Notes
    -----
    As `least_squares`, each sum weighted, s² = Σw·(y − a − b·x)²/(n − 2).

    References
    ----------
    CLSI EP09c, 3rd edition, 2018 (weighted least squares).

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> line = agreement.weighted_least_squares([1.0, 2.0, 4.0, 8.0], [1.1, 1.9, 4.3, 7.8])
    >>> round(line.slope, 4), round(line.intercept, 4)
    (0.9793, 0.0974)
    """
    first, second = pairs(x, y, at_least=3)
    if weights is None:
        if not np.all(first > 0):
            raise ValueError("x must be greater than 0 for weights 1/x²; give weights otherwise")
        return _weighted(first, second, 1 / first**2, confidence)
    each, all_x, all_y = flat("weights", weights), flat("x", x), flat("y", y)
    if each.shape != all_x.shape:
        raise ValueError(f"weights must have one entry per pair {all_x.shape}, but has shape {each.shape}")
    each = each[~(np.isnan(all_x) | np.isnan(all_y))]
    if not np.all(each > 0):
        raise ValueError("weights must be known and greater than 0 for every pair")
    return _weighted(first, second, each, confidence)


def bias_at(line: Line, levels: ArrayLike) -> RegressionBias:
    """Return the bias of procedure y against procedure x at medical decision levels, by a line.

    Parameters
    ----------
    line : Line
        Of y on x.
    levels : shape (m,), in the unit of x
        Concentrations.

    Returns
    -------
    RegressionBias
        Bias, its standard uncertainty and its confidence interval at the confidence of `line`, shape (m,).

    Raises
    ------
    ValueError
        If a level is infinite.

    Notes
    -----
    a + (b − 1)·X_c, its uncertainty by the covariance of intercept and slope; interval by t with the line's degrees of
    freedom. For Passing–Bablok use `passing_bablok_bias_at`.

    References
    ----------
    CLSI EP09c, 3rd edition, 2018 (bias at medical decision levels). K. Linnet, "Evaluation of regression procedures for
    methods comparison studies", Clin. Chem. 39 (1993) 424–432.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> line = agreement.least_squares([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.2, 3.8])
    >>> agreement.bias_at(line, [3.0]).bias.round(4).tolist()
    [-0.03]
    """
    return regression_bias(
        levels,
        intercept=line.intercept,
        slope=line.slope,
        covariance=line.covariance,
        df=line.df,
        confidence=line.confidence,
    )


def line_of(intercept: float, slope: float, covariance: FloatArray, *, n: int, confidence: float) -> Line:
    """Return the line with its standard errors and intervals, by t(n − 2)."""
    df = n - 2
    u_intercept, u_slope = (float(u) for u in np.sqrt(np.diag(covariance)))
    t = student(df, confidence)
    return Line(
        n=n,
        intercept=intercept,
        slope=slope,
        u_intercept=u_intercept,
        u_slope=u_slope,
        intercept_lower=intercept - t * u_intercept,
        intercept_upper=intercept + t * u_intercept,
        slope_lower=slope - t * u_slope,
        slope_upper=slope + t * u_slope,
        covariance=covariance,
        df=df,
        confidence=float(confidence),
    )


def _weighted(x: FloatArray, y: FloatArray, weights: FloatArray, confidence: float) -> Line:
    if np.ptp(x) == 0:
        raise ValueError(f"x must not be all equal, but all {x.size} are {x[0]}")
    total = float(np.sum(weights))
    x_mean, y_mean = float(np.sum(weights * x)) / total, float(np.sum(weights * y)) / total
    s_xx = float(np.sum(weights * (x - x_mean) ** 2))
    slope = float(np.sum(weights * (x - x_mean) * (y - y_mean))) / s_xx
    residuals = y - y_mean - slope * (x - x_mean)
    variance = float(np.sum(weights * residuals**2)) / (x.size - 2)
    of_slope = variance / s_xx
    cross = -x_mean * of_slope
    covariance = np.array([[variance / total + x_mean**2 * of_slope, cross], [cross, of_slope]])
    return line_of(y_mean - slope * x_mean, slope, covariance, n=x.size, confidence=confidence)
