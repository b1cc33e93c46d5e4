"""Uncertainty of a quantity that is calculated from others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, floats, known, not_negative


def u_derived(u: ArrayLike, sensitivity: ArrayLike, *, correlation: ArrayLike | None = None) -> FloatArray:
    """Return the standard uncertainty of a derived quantity, by its sensitivity to each quantity it comes from.

    Parameters
    ----------
    u : shape (..., m)
        Standard uncertainties of the m quantities, each in its unit.
    sensitivity : shape (..., m), broadcasts with `u`
        Partial derivatives of the derived quantity by each of them, at their values.
    correlation : shape (m, m), optional
        Correlation coefficients; without it the quantities are independent.

    Returns
    -------
    array of shape (...), in the unit of the derived quantity
        nan where an uncertainty or a sensitivity is nan.

    Raises
    ------
    ValueError
        If an uncertainty is negative, or `correlation` isn't a symmetric matrix with ones on its diagonal and no
        negative eigenvalue.

    Notes
    -----
    u² = ΣΣ cᵢ·cⱼ·r(i, j)·uᵢ·uⱼ.

    References
    ----------
    JCGM 100:2008, 5.1.2 and 5.2.2. https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    Anion gap, Na − Cl − HCO₃.

    >>> from lienthong.metrology import uncertainty
    >>> round(float(uncertainty.u_derived([0.8, 0.7, 0.4], [1, -1, -1])), 4)
    1.1358
    """
    parts = floats("sensitivity", sensitivity) * not_negative("u", u)
    if not parts.ndim:
        raise ValueError("u must have one entry per quantity, but is one number")
    if correlation is None:
        independent: FloatArray = np.sqrt(np.sum(parts**2, axis=-1))
        return independent
    r = _correlation(correlation, parts.shape[-1])
    variance = np.einsum("...i,ij,...j->...", parts, r, parts)
    dependent: FloatArray = np.sqrt(np.maximum(variance, 0))  # full correlation may leave −1e-17 of a difference
    return dependent


def u_sum(*u: ArrayLike) -> FloatArray:
    """Return the standard uncertainty of a sum or difference of independent quantities.

    Parameters
    ----------
    *u : numbers, or arrays that broadcast; one unit
        Standard uncertainty of each term.

    Returns
    -------
    array of the broadcast shape, in the unit of `u`
        nan where any is nan.

    Raises
    ------
    ValueError
        If none is given or one is negative.

    Notes
    -----
    √(u₁² + u₂² + …), whether a term is added or subtracted.

    References
    ----------
    JCGM 100:2008, 5.1.2. https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> float(uncertainty.u_sum(0.3, 0.4))
    0.5
    """
    if not u:
        raise ValueError("u must hold at least one uncertainty, but got none")
    total: FloatArray = np.sqrt(sum(not_negative("u", one) ** 2 for one in u))
    return total


def u_product(u_percent: ArrayLike, *, exponents: ArrayLike = 1.0) -> FloatArray:
    """Return the relative uncertainty of a product or ratio of independent quantities.

    Parameters
    ----------
    u_percent : shape (..., m), percent
        Standard uncertainties of the m quantities, each in percent of its value.
    exponents : shape (..., m), broadcasts with `u_percent`
        Power of each: 1 for a factor, −1 for a divisor.

    Returns
    -------
    array of shape (...), percent of the derived value
        nan where any is nan.

    Raises
    ------
    ValueError
        If an uncertainty is negative.

    Notes
    -----
    u(y)/|y| = √Σ(pᵢ·u(xᵢ)/xᵢ)² for y = c·x₁^p₁·x₂^p₂·…

    References
    ----------
    JCGM 100:2008, 5.1.6. https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    Creatinine clearance U·V/P.

    >>> from lienthong.metrology import uncertainty
    >>> float(uncertainty.u_product([2.0, 2.0, 1.0], exponents=[1, 1, -1]))
    3.0
    """
    return u_derived(not_negative("u_percent", u_percent), floats("exponents", exponents))


def _correlation(given: ArrayLike, m: int) -> FloatArray:
    r = known("correlation", given)
    if r.shape != (m, m):
        raise ValueError(f"correlation must have shape {(m, m)}, one row per quantity, but has {r.shape}")
    if not (np.array_equal(r, r.T) and np.all(np.diag(r) == 1) and np.linalg.eigvalsh(r)[0] > -1e-12):
        raise ValueError("correlation must be symmetric, with ones on its diagonal and no negative eigenvalue")
    return r
