"""Scores of participants' results."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, floats, not_negative, positive


def d(values: ArrayLike, *, x_pt: ArrayLike) -> FloatArray:
    """Return the differences D from the assigned value, in the unit of `values`.

    Parameters
    ----------
    values, x_pt : numbers, or arrays that broadcast; same unit
        Results and assigned value; nan gives nan.

    Returns
    -------
    array of the broadcast shape

    Raises
    ------
    ValueError
        If a number is infinite.

    Notes
    -----
    D = x − x_pt.

    References
    ----------
    ISO 13528:2022, 9.3.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.d([5.5, 4.5], x_pt=5.0).tolist()
    [0.5, -0.5]
    """
    difference: FloatArray = floats("values", values) - floats("x_pt", x_pt)
    return difference


def d_percent(values: ArrayLike, *, x_pt: ArrayLike) -> FloatArray:
    """Return the differences D% from the assigned value, in percent of it.

    Parameters
    ----------
    values, x_pt : numbers, or arrays that broadcast; same unit
        Results and assigned value; nan gives nan.

    Returns
    -------
    array of the broadcast shape, percent

    Raises
    ------
    ValueError
        If an assigned value is 0, or a number is infinite.

    Notes
    -----
    D% = 100·(x − x_pt)/x_pt.

    References
    ----------
    ISO 13528:2022, 9.3.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.d_percent([5.5, 4.5], x_pt=5.0).tolist()
    [10.0, -10.0]
    """
    assigned = floats("x_pt", x_pt)
    if np.any(assigned == 0):
        raise ValueError("x_pt must not be 0, for a difference in percent of it")
    difference: FloatArray = 100 * d(values, x_pt=assigned) / assigned
    return difference


def z(values: ArrayLike, *, x_pt: ArrayLike, sigma_pt: ArrayLike) -> FloatArray:
    """Return the z scores.

    Parameters
    ----------
    values, x_pt, sigma_pt : numbers, or arrays that broadcast; same unit
        Results, assigned value, standard deviation for proficiency assessment; nan gives nan.

    Returns
    -------
    array of the broadcast shape

    Raises
    ------
    ValueError
        If `sigma_pt` is not above 0, or a number is infinite.

    Notes
    -----
    z = (x − x_pt)/σ_pt.

    References
    ----------
    ISO 13528:2022, 9.4.1.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.z([5.5, 4.0], x_pt=5.0, sigma_pt=0.25).tolist()
    [2.0, -4.0]
    """
    score: FloatArray = d(values, x_pt=x_pt) / positive("sigma_pt", sigma_pt)
    return score


def z_prime(values: ArrayLike, *, x_pt: ArrayLike, sigma_pt: ArrayLike, u_x_pt: ArrayLike) -> FloatArray:
    """Return the z′ scores, which allow for the uncertainty of the assigned value.

    Parameters
    ----------
    values, x_pt, sigma_pt, u_x_pt : numbers, or arrays that broadcast; same unit
        Results, assigned value, standard deviation for proficiency assessment, standard uncertainty of the assigned
        value; nan gives nan.

    Returns
    -------
    array of the broadcast shape

    Raises
    ------
    ValueError
        If `sigma_pt` is not above 0, `u_x_pt` is negative, or a number is infinite.

    Notes
    -----
    z′ = (x − x_pt)/√(σ_pt² + u²(x_pt)).

    References
    ----------
    ISO 13528:2022, 9.5.1.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.z_prime([15.0, 5.0], x_pt=10.0, sigma_pt=2.0, u_x_pt=1.5).tolist()
    [2.0, -2.0]
    """
    score: FloatArray = d(values, x_pt=x_pt) / np.hypot(positive("sigma_pt", sigma_pt), not_negative("u_x_pt", u_x_pt))
    return score


def zeta(values: ArrayLike, *, x_pt: ArrayLike, u: ArrayLike, u_x_pt: ArrayLike) -> FloatArray:
    """Return the ζ scores, which test a result by the uncertainty that its participant claims.

    Parameters
    ----------
    values, x_pt, u, u_x_pt : numbers, or arrays that broadcast; same unit
        Results, assigned value, standard uncertainties of the results and of the assigned value; nan gives nan.

    Returns
    -------
    array of the broadcast shape

    Raises
    ------
    ValueError
        If an uncertainty is negative, both are 0, or a number is infinite.

    Notes
    -----
    ζ = (x − x_pt)/√(u²(x) + u²(x_pt)).

    References
    ----------
    ISO 13528:2022, 9.6.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.zeta([11.0], x_pt=10.0, u=0.3, u_x_pt=0.4).tolist()
    [2.0]
    """
    return _by_uncertainties(values, x_pt, not_negative("u", u), not_negative("u_x_pt", u_x_pt))


def e_n(values: ArrayLike, *, x_pt: ArrayLike, U: ArrayLike, U_x_pt: ArrayLike) -> FloatArray:
    """Return the E_n scores, which test a result by expanded uncertainties.

    Parameters
    ----------
    values, x_pt, U, U_x_pt : numbers, or arrays that broadcast; same unit
        Results, assigned value, expanded uncertainties (k = 2) of the results and of the assigned value; nan gives
        nan.

    Returns
    -------
    array of the broadcast shape
        Between −1 and 1, both excluded, there is no signal.

    Raises
    ------
    ValueError
        If an uncertainty is negative, both are 0, or a number is infinite.

    Notes
    -----
    E_n = (x − x_pt)/√(U²(x) + U²(x_pt)).

    References
    ----------
    ISO 13528:2022, 9.7.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.e_n([11.0], x_pt=10.0, U=0.6, U_x_pt=0.8).tolist()
    [1.0]
    """
    return _by_uncertainties(values, x_pt, not_negative("U", U), not_negative("U_x_pt", U_x_pt))


def _by_uncertainties(values: ArrayLike, x_pt: ArrayLike, of_result: FloatArray, of_x_pt: FloatArray) -> FloatArray:
    combined = np.hypot(of_result, of_x_pt)
    if np.any(combined == 0):
        raise ValueError("the uncertainties of result and assigned value must not both be 0")
    score: FloatArray = d(values, x_pt=x_pt) / combined
    return score
