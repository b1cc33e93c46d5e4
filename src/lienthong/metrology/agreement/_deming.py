"""Deming regression, for two procedures that both have error, with jackknife standard errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, known, pairs, positive
from lienthong.metrology._compiled import compiled, in_parts
from lienthong.metrology.agreement._lines import Line, line_of

MOST_ITERATIONS = 200
SETTLED = 1e-13
"""Relative change of the slope at which reweighting ends."""


def variance_ratio(x_replicates: ArrayLike, y_replicates: ArrayLike, *, of_means: bool = False) -> float:
    """Return λ, the error variance of procedure y by that of procedure x, from replicates.

    Parameters
    ----------
    x_replicates, y_replicates : shapes (n, m_x), (n, m_y); m of 2 or more
        Replicates of each specimen by each procedure.
    of_means : bool
        Whether the regression will be on the means of the replicates; otherwise it is on single results.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a table hasn't this shape, holds nan, or the replicates of `x` never differ.

    Notes
    -----
    λ = s_y²/s_x², with s² = ΣΣ(x − x̄ᵢ)²/(n·(m − 1)); for means, s² is divided by m. Some programs take its inverse.

    References
    ----------
    CLSI EP09c, 3rd edition, 2018 (Deming regression). P. J. Cornbleet, N. Gochman, "Incorrect least-squares regression
    coefficients in method-comparison analysis", Clin. Chem. 25 (1979) 432–438.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> round(agreement.variance_ratio([[1.0, 1.2], [3.0, 3.2]], [[1.0, 1.4], [3.3, 2.9]]), 6)
    4.0
    """
    of_y, of_x = _within("y_replicates", y_replicates, of_means), _within("x_replicates", x_replicates, of_means)
    if of_x == 0:
        raise ValueError("x_replicates must differ within a specimen, but never do")
    return of_y / of_x


def deming(x: ArrayLike, y: ArrayLike, *, variance_ratio: float = 1.0, confidence: float = 0.95) -> Line:
    """Return the Deming regression line of y on x.

    Parameters
    ----------
    x, y : shape (n,)
        Paired results, at least three pairs; a pair with a nan is left out.
    variance_ratio : float
        λ, the error variance of y by that of x; 1 is orthogonal regression.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Line
        Standard errors, covariance and intervals by the jackknife.

    Raises
    ------
    ValueError
        If fewer than three pairs are there, the lengths differ, `variance_ratio` isn't above 0, or x and y don't vary
        together, also when a pair is left out.

    Notes
    -----
    b = [S_yy − λ·S_xx + √((S_yy − λ·S_xx)² + 4·λ·S_xy²)]/(2·S_xy), a = ȳ − b·x̄.
    Jackknife: pseudo-values n·θ − (n − 1)·θ₍ᵢ₎, their covariance divided by n; intervals by t(n − 2) about the estimate
    from all pairs. The cost grows with n².

    References
    ----------
    W. E. Deming, "Statistical Adjustment of Data", Wiley, 1943. K. Linnet, "Evaluation of regression procedures for
    methods comparison studies", Clin. Chem. 39 (1993) 424–432. CLSI EP09c, 3rd edition, 2018.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> line = agreement.deming([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.2, 3.8])
    >>> round(line.slope, 4), round(line.intercept, 4)
    (0.9482, 0.1294)
    """
    first, second = pairs(x, y, at_least=3)
    return _jackknifed(first, second, _ratio(variance_ratio), False, confidence)


def weighted_deming(x: ArrayLike, y: ArrayLike, *, variance_ratio: float = 1.0, confidence: float = 0.95) -> Line:
    """Return the weighted Deming regression line of y on x, for errors in proportion to concentration.

    Parameters
    ----------
    x, y : shape (n,), above 0
        Paired results, at least three pairs; a pair with a nan is left out.
    variance_ratio : float
        λ, the error variance of y by that of x, the same at every concentration.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Line
        Standard errors, covariance and intervals by the jackknife.

    Raises
    ------
    ValueError
        If fewer than three pairs are there, the lengths differ, a result or `variance_ratio` isn't above 0, x and y
        don't vary together, or the weights don't settle.

    Notes
    -----
    Deming's line with weighted sums. Weights are 1/L², L = (λ·X̂ + Ŷ)/(λ + 1) the level of a pair by its estimated true
    values X̂ = x + b·d/(λ + b²), Ŷ = y − λ·d/(λ + b²), d = y − a − b·x; they start from equal weights and are renewed
    until the slope stands still. Jackknife as in `deming`, each with weights of its own.

    References
    ----------
    K. Linnet, "Estimation of the linear relationship between the measurements of two methods with proportional errors",
    Stat. Med. 9 (1990) 1463–1473; "Evaluation of regression procedures for methods comparison studies", Clin. Chem. 39
    (1993) 424–432.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> line = agreement.weighted_deming([1.0, 2.0, 4.0, 8.0], [1.1, 1.9, 4.3, 7.8])
    >>> round(line.slope, 4), round(line.intercept, 4)
    (0.981, 0.0906)
    """
    first, second = pairs(x, y, at_least=3)
    return _jackknifed(
        positive("x", first),
        positive("y", second),
        _ratio(variance_ratio),
        True,
        confidence,
    )


def _ratio(given: float) -> float:
    return float(positive("variance_ratio", known("variance_ratio", given)))


def _within(name: str, given: ArrayLike, of_means: bool) -> float:
    table = known(name, given)
    if table.ndim != 2 or table.shape[0] < 1 or table.shape[1] < 2:
        raise ValueError(f"{name} must have shape (n, m) with m of 2 or more, but has {table.shape}")
    variance = float(np.mean(np.var(table, axis=1, ddof=1)))
    return variance / table.shape[1] if of_means else variance


def _jackknifed(x: FloatArray, y: FloatArray, ratio: float, weighted: bool, confidence: float) -> Line:
    n = x.size
    without: FloatArray = np.empty((n, 2))
    intercept, slope = _fit(x, y, ratio, weighted, -1)
    in_parts(_each_left_out, n, x, y, ratio, weighted, without, at_least=200)
    if not (np.isfinite(slope) and np.all(np.isfinite(without))):
        raise ValueError("x and y must vary together, also without any one pair, but the line isn't determined")
    covariance = (n - 1) ** 2 / n * np.cov(without, rowvar=False)
    return line_of(float(intercept), float(slope), covariance, n=n, confidence=confidence)


@compiled
def _each_left_out(begin, end, x, y, ratio, weighted, without):  # type: ignore[no-untyped-def]  # Numba's types
    for left_out in range(begin, end):
        intercept, slope = _fit(x, y, ratio, weighted, left_out)
        without[left_out, 0] = intercept
        without[left_out, 1] = slope


@compiled
def _fit(x, y, ratio, weighted, left_out):  # type: ignore[no-untyped-def]  # Numba's types
    """Return intercept and slope of all pairs but `left_out`; nan where S_xy is 0 or the weights don't settle."""
    weights = np.ones(x.size)
    if left_out >= 0:
        weights[left_out] = 0.0
    origin = 1 if left_out == 0 else 0
    intercept, slope = _line(x, y, weights, ratio, origin)
    if not weighted:
        return intercept, slope
    for _ in range(MOST_ITERATIONS):
        for i in range(x.size):
            if i != left_out:
                off = (y[i] - intercept - slope * x[i]) / (ratio + slope * slope)
                level = (ratio * (x[i] + slope * off) + y[i] - ratio * off) / (ratio + 1.0)
                weights[i] = 1.0 / (level * level)
        before = slope
        intercept, slope = _line(x, y, weights, ratio, origin)
        if abs(slope - before) <= SETTLED * abs(slope):
            return intercept, slope
    return np.nan, np.nan


@compiled
def _line(x, y, weights, ratio, origin):  # type: ignore[no-untyped-def]  # Numba's types
    """Return intercept and slope; sums are taken from the point `origin`, so that equal values give exactly 0."""
    x_0, y_0 = x[origin], y[origin]
    total, x_mean, y_mean = 0.0, 0.0, 0.0
    for i in range(x.size):
        total += weights[i]
        x_mean += weights[i] * (x[i] - x_0)
        y_mean += weights[i] * (y[i] - y_0)
    x_mean /= total
    y_mean /= total
    s_xx, s_yy, s_xy = 0.0, 0.0, 0.0
    for i in range(x.size):
        across, up = x[i] - x_0 - x_mean, y[i] - y_0 - y_mean
        s_xx += weights[i] * across * across
        s_yy += weights[i] * up * up
        s_xy += weights[i] * across * up
    if s_xy == 0.0:
        return np.nan, np.nan
    excess = s_yy - ratio * s_xx
    root = np.sqrt(excess * excess + 4.0 * ratio * s_xy * s_xy)
    # Of the two forms of the same root, the one in which nothing cancels.
    slope = (excess + root) / (2.0 * s_xy) if excess > 0.0 else 2.0 * ratio * s_xy / (root - excess)
    return y_0 + y_mean - slope * (x_0 + x_mean), slope
