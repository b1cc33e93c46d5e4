"""The standard deviation for proficiency assessment, by each way of the standard."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, floats, known, not_negative, positive

LOW, HIGH = 1.2e-7, 0.138
"""Mass fractions at which the general model changes its form."""


def sigma_pt_from_limit(delta_e: ArrayLike, divisor: float) -> FloatArray:
    """Return the standard deviation for proficiency assessment that an allowable limit implies.

    Parameters
    ----------
    delta_e : a number, or an array
        Allowable limit, the largest acceptable difference from the assigned value.
    divisor : float
        How many standard deviations the limit is; 3 puts the limit at the action signal.

    Returns
    -------
    array like `delta_e`, in its unit

    Raises
    ------
    ValueError
        If `delta_e` or `divisor` is not above 0.

    Notes
    -----
    σ_pt = δ_E/divisor.

    References
    ----------
    ISO 13528:2022, 8.2.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> float(iso13528.sigma_pt_from_limit(4.5, 3))
    1.5
    """
    sigma_pt: FloatArray = positive("delta_e", delta_e) / positive("divisor", divisor)
    return sigma_pt


def sigma_pt_from_percent(x_pt: ArrayLike, percent: ArrayLike) -> FloatArray:
    """Return the standard deviation for proficiency assessment that is a fixed percentage of the assigned value.

    Parameters
    ----------
    x_pt, percent : numbers, or arrays that broadcast
        Assigned value; the percentage that experts or a regulation hold fit for the purpose.

    Returns
    -------
    array of the broadcast shape, in the unit of `x_pt`
        nan where either is nan.

    Raises
    ------
    ValueError
        If `x_pt` or `percent` is not above 0.

    Notes
    -----
    σ_pt = x_pt·percent/100.

    References
    ----------
    ISO 13528:2022, 8.2.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> float(iso13528.sigma_pt_from_percent(5.0, 6.0))
    0.3
    """
    sigma_pt: FloatArray = positive("x_pt", x_pt) * positive("percent", percent) / 100
    return sigma_pt


def sigma_pt_from_model(x_pt: ArrayLike, *, unit: float) -> FloatArray:
    """Return the standard deviation for proficiency assessment by the general model of Horwitz and Thompson.

    Parameters
    ----------
    x_pt : a number, or an array
        Assigned value, a mass fraction; nan gives nan.
    unit : float
        The mass fraction that is one unit of `x_pt`: 1 for kg/kg, 1e-6 for mg/kg, 1e-9 for µg/kg.

    Returns
    -------
    array like `x_pt`, in its unit

    Raises
    ------
    ValueError
        If `x_pt` is negative or more than a mass fraction of 1, or `unit` is not above 0.

    Notes
    -----
    With c the mass fraction: σ_pt = 0.22·c for c < 1.2e-7; 0.02·c^0.8495 up to 0.138; 0.01·√c above. It describes
    chemical analysis of food and the like; where concentrations aren't mass fractions it doesn't apply.

    References
    ----------
    ISO 13528:2022, 8.4 and example E.9. M. Thompson, "Recent trends in inter-laboratory precision at ppb and sub-ppb
    concentrations in relation to fitness for purpose criteria in proficiency testing", Analyst 125 (2000) 385–386.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(float(iso13528.sigma_pt_from_model(1.195, unit=1e-6)), 3)
    0.186
    """
    one = positive("unit", unit)
    c = not_negative("x_pt", x_pt) * one
    if np.any(c > 1):
        raise ValueError(f"x_pt must be a mass fraction of at most 1, but got {np.nanmax(c)} in that unit")
    middle = 0.02 * c**0.8495
    sigma_pt: FloatArray = np.where(c < LOW, 0.22 * c, np.where(c <= HIGH, middle, 0.01 * np.sqrt(c))) / one
    return sigma_pt


def sigma_pt_from_precision(s_R: ArrayLike, s_r: ArrayLike, *, m: ArrayLike = 1) -> FloatArray:
    """Return the standard deviation for proficiency assessment that a precision experiment implies.

    Parameters
    ----------
    s_R, s_r : numbers, or arrays that broadcast; same unit
        Reproducibility and repeatability standard deviation; nan gives nan.
    m : whole numbers
        How many replicates a participant averages into one result.

    Returns
    -------
    array of the broadcast shape, in the unit of `s_R`

    Raises
    ------
    ValueError
        If a standard deviation is negative, `s_r` exceeds `s_R`, or `m` is below 1.

    Notes
    -----
    σ_pt = √(σ_R² − σ_r²·(1 − 1/m)).

    References
    ----------
    ISO 13528:2022, 8.5 and example E.10.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(float(iso13528.sigma_pt_from_precision(23.2, 14.3, m=2)), 1)
    20.9
    """
    between, within, replicates = not_negative("s_R", s_R), not_negative("s_r", s_r), known("m", m)
    if np.any(replicates < 1):
        raise ValueError(f"m must be at least 1, but got {np.min(replicates):g}")
    if np.any(within > between):
        raise ValueError("s_r must not exceed s_R, which holds it")
    sigma_pt: FloatArray = np.sqrt(between**2 - within**2 * (1 - 1 / replicates))
    return sigma_pt


def sigma_pt_from_round(s_star: ArrayLike, *, lower: ArrayLike = 0.0, upper: ArrayLike | None = None) -> FloatArray:
    """Return the standard deviation for proficiency assessment taken from the round's own results, within bounds.

    Parameters
    ----------
    s_star : a number, or an array
        Robust standard deviation of the participants' results; nan gives nan.
    lower, upper : numbers, or arrays that broadcast; in the unit of `s_star`
        What it must not fall below or exceed; no upper bound if None.

    Returns
    -------
    array of the broadcast shape, in the unit of `s_star`

    Raises
    ------
    ValueError
        If a number is negative or `lower` exceeds `upper`.

    Notes
    -----
    σ_pt = s*, held within the bounds. Without bounds about the same share of participants gets a signal in each round,
    however well or badly all of them measure: so the standard asks for a limit on how far it may move.

    References
    ----------
    ISO 13528:2022, 8.6.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.sigma_pt_from_round([0.05, 0.2, 0.9], lower=0.1, upper=0.5).tolist()
    [0.1, 0.2, 0.5]
    """
    sigma_pt = np.maximum(not_negative("s_star", s_star), not_negative("lower", lower))
    if upper is None:
        return sigma_pt
    most = not_negative("upper", upper)
    if np.any(floats("lower", lower) > most):
        raise ValueError("lower must not exceed upper")
    held: FloatArray = np.minimum(sigma_pt, most)
    return held


def delta_e_from_sigma_pt(sigma_pt: ArrayLike, multiple: float = 3.0) -> FloatArray:
    """Return the allowable limit that a standard deviation for proficiency assessment implies.

    Parameters
    ----------
    sigma_pt : a number, or an array
        nan gives nan.
    multiple : float
        How many standard deviations the limit is.

    Returns
    -------
    array like `sigma_pt`, in its unit

    Raises
    ------
    ValueError
        If `sigma_pt` or `multiple` is not above 0.

    Notes
    -----
    δ_E = multiple·σ_pt, the reverse of `sigma_pt_from_limit`.

    References
    ----------
    ISO 13528:2022, 8.2.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> float(iso13528.delta_e_from_sigma_pt(1.5))
    4.5
    """
    delta_e: FloatArray = positive("sigma_pt", sigma_pt) * positive("multiple", multiple)
    return delta_e
