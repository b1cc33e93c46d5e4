"""What explains the difference of two results: measurement alone, or measurement and biology."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from lienthong.metrology._arrays import FloatArray, floats, not_negative, positive


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Limits of a change in percent of the earlier result: `rise` above 0, `fall` below 0; arrays of one shape."""

    rise: FloatArray
    fall: FloatArray


def measurement_difference(
    u1: ArrayLike, u2: ArrayLike, *, k: float = 1.96, bias_difference: ArrayLike = 0.0, u_bias: ArrayLike = 0.0
) -> FloatArray:
    """Return the largest difference of two results that measurement uncertainty explains.

    Parameters
    ----------
    u1, u2 : numbers, or arrays that broadcast; both in the unit of the results, or both in percent
        Standard uncertainties of the two results.
    k : float
        Coverage factor; 1.96 covers 95 % if the two results measure the same.
    bias_difference : in the unit of `u1`
        Bias of the one procedure less that of the other, of either sign, where it is known and not corrected.
    u_bias : in the unit of `u1`
        Standard uncertainty of `bias_difference`, or of the correction where the bias was corrected.

    Returns
    -------
    array of the broadcast shape, in the unit of `u1`
        nan where any argument is nan.

    Raises
    ------
    ValueError
        If an uncertainty is negative or `k` is not above 0.

    Notes
    -----
    |Δb| + k·√(u₁² + u₂² + u²(Δb)), for independent results; k·√(u₁² + u₂²) without bias between the procedures.

    References
    ----------
    JCGM 100:2008, 5.1.2 (uncertainty of a difference of uncorrelated quantities) and 6.3 (coverage factor).
    https://www.bipm.org/en/committees/jc/jcgm/publications
    ISO/TS 20914:2019 gives the uncertainties of results of medical laboratories.

    Examples
    --------
    Two laboratories measure glucose with standard uncertainties of 0.15 and 0.20 mmol/L.

    >>> from lienthong.metrology import uncertainty
    >>> round(float(uncertainty.measurement_difference(0.15, 0.20)), 4)
    0.49
    """
    spread = np.hypot(np.hypot(not_negative("u1", u1), not_negative("u2", u2)), not_negative("u_bias", u_bias))
    difference: FloatArray = np.abs(floats("bias_difference", bias_difference)) + positive("k", k) * spread
    return difference


def reference_change_value(
    cv_a1: ArrayLike,
    cv_a2: ArrayLike,
    cv_i: ArrayLike,
    *,
    z: float = 1.96,
    bias_difference: ArrayLike = 0.0,
    u_bias: ArrayLike = 0.0,
) -> FloatArray:
    """Return the smallest change between two results that imprecision and within-subject variation don't explain.

    Parameters
    ----------
    cv_a1, cv_a2 : numbers, or arrays that broadcast; percent
        Analytical coefficients of variation of the two measuring systems (the same number twice for one system).
    cv_i : percent
        Within-subject biological coefficient of variation.
    z : float
        Quantile of the normal distribution; 1.96 for a change in either direction at 95 %.
    bias_difference : percent
        Bias of the one system less that of the other, of either sign, where it is known and not corrected.
    u_bias : percent
        Standard uncertainty of `bias_difference`.

    Returns
    -------
    array of the broadcast shape, percent
        nan where any argument is nan.

    Raises
    ------
    ValueError
        If a CV or `u_bias` is negative or `z` not above 0.

    Notes
    -----
    |Δb| + z·√(CV_A1² + CV_A2² + 2·CV_I² + u²(Δb)). With one system and no bias this is the usual
    z·√2·√(CV_A² + CV_I²). It is symmetric: for CVs above about 15 % a fall and a rise differ, and the log-normal form
    should be used.

    References
    ----------
    E. K. Harris, T. Yasaka, "On the calculation of a 'reference change' for comparing two consecutive measurements",
    Clin. Chem. 29 (1983) 25–30. C. G. Fraser, "Biological Variation: From Principles to Practice", AACC Press, 2001.
    Within-subject variation by analyte: https://biologicalvariation.eu

    Examples
    --------
    Creatinine: CV_I 4.5 %; two laboratories with 3 % and 4 %; one reads 2 % higher, known to 0.5 %.

    >>> from lienthong.metrology import uncertainty
    >>> round(float(uncertainty.reference_change_value(3.0, 4.0, 4.5)), 3)
    15.863
    >>> round(float(uncertainty.reference_change_value(3.0, 4.0, 4.5, bias_difference=2.0, u_bias=0.5)), 3)
    17.893
    """
    spread = _spread(cv_a1, cv_a2, cv_i, u_bias)
    change: FloatArray = np.abs(floats("bias_difference", bias_difference)) + positive("z", z) * spread
    return change


def reference_change_value_lognormal(
    cv_a1: ArrayLike,
    cv_a2: ArrayLike,
    cv_i: ArrayLike,
    *,
    z: float = 1.96,
    bias_difference: ArrayLike = 0.0,
    u_bias: ArrayLike = 0.0,
) -> Change:
    """Return the smallest rise and the smallest fall that imprecision and within-subject variation don't explain.

    Parameters
    ----------
    cv_a1, cv_a2, cv_i : numbers, or arrays that broadcast; percent
        Analytical coefficients of variation of the two measuring systems, within-subject biological one.
    z : float
        Quantile of the normal distribution; 1.96 for a change in either direction at 95 %.
    bias_difference : percent, above −100
        Bias of the one system less that of the other, of either sign, where it is known and not corrected.
    u_bias : percent
        Standard uncertainty of `bias_difference`.

    Returns
    -------
    Change
        Percent of the earlier result, of the broadcast shape; nan where any argument is nan.

    Raises
    ------
    ValueError
        If a CV or `u_bias` is negative, `bias_difference` not above −100 or `z` not above 0.

    Notes
    -----
    With σⱼ² = ln(1 + CV_Aj² + CV_I²) for each result and σ = √(σ₁² + σ₂²), rise = exp(z·σ) − 1 and
    fall = exp(−z·σ) − 1; one system gives the form of the paper, exp(±z·√2·σ₁) − 1. A bias adds |ln(1 + Δb)| to z·σ,
    and its uncertainty [u(Δb)/(1 + Δb)]² to σ².

    References
    ----------
    M. R. Fokkema, Z. Herrmann, F. A. J. Muskiet, J. Moecks, "Reference change values for brain natriuretic peptides
    revisited", Clin. Chem. 52 (2006) 1602–1603.

    Examples
    --------
    A marker of CV_I 30 %, measured twice with 5 %.

    >>> from lienthong.metrology import uncertainty
    >>> change = uncertainty.reference_change_value_lognormal(5.0, 5.0, 30.0)
    >>> round(float(change.rise), 1), round(float(change.fall), 1)
    (128.1, -56.2)
    """
    biology = (not_negative("cv_i", cv_i) / 100) ** 2
    first = np.log1p((not_negative("cv_a1", cv_a1) / 100) ** 2 + biology)
    second = np.log1p((not_negative("cv_a2", cv_a2) / 100) ** 2 + biology)
    ratio = positive("100 + bias_difference", 100 + floats("bias_difference", bias_difference)) / 100
    of_ratio = not_negative("u_bias", u_bias) / 100 / ratio
    reach = np.abs(np.log(ratio)) + positive("z", z) * np.sqrt(first + second + of_ratio**2)
    return Change(rise=100 * np.expm1(reach), fall=100 * np.expm1(-reach))


def probability_of_change(
    change: ArrayLike,
    cv_a1: ArrayLike,
    cv_a2: ArrayLike,
    cv_i: ArrayLike,
    *,
    bias_difference: ArrayLike = 0.0,
    u_bias: ArrayLike = 0.0,
    one_sided: bool = False,
) -> FloatArray:
    """Return the probability with which a change between two results is more than chance.

    Parameters
    ----------
    change : a number, or an array that broadcasts; percent
        Later result less the earlier one, in percent of the earlier one.
    cv_a1, cv_a2, cv_i : percent
        Analytical coefficients of variation of the two measuring systems, within-subject biological one.
    bias_difference, u_bias : percent
        Bias of the later system less that of the earlier one where it is known and not corrected, and its standard
        uncertainty; the bias is taken off the change.
    one_sided : bool
        Whether only a change in the direction seen was looked for.

    Returns
    -------
    array of the broadcast shape, 0 to 1 (0.5 to 1 if `one_sided`)
        nan where any argument is nan.

    Raises
    ------
    ValueError
        If a CV or `u_bias` is negative, or there is no variation at all.

    Notes
    -----
    z = |Δ − Δb|/√(CV_A1² + CV_A2² + 2·CV_I² + u²(Δb)), and 2·Φ(z) − 1, or Φ(z) if one-sided: how rarely chance alone
    makes so large a difference. It isn't the probability that the patient's state has changed, which depends on how
    often it changes.

    References
    ----------
    C. G. Fraser, "Biological Variation: From Principles to Practice", AACC Press, 2001.
    Within-subject variation by analyte: https://biologicalvariation.eu

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> round(float(uncertainty.probability_of_change(15.863, 3.0, 4.0, 4.5)), 3)
    0.95
    """
    spread = _spread(cv_a1, cv_a2, cv_i, u_bias)
    if np.any(spread == 0):
        raise ValueError("cv_a1, cv_a2, cv_i and u_bias must not all be 0")
    z = np.abs(floats("change", change) - floats("bias_difference", bias_difference)) / spread
    probability: FloatArray = ndtr(z) if one_sided else 2 * ndtr(z) - 1
    return probability


def _spread(cv_a1: ArrayLike, cv_a2: ArrayLike, cv_i: ArrayLike, u_bias: ArrayLike) -> FloatArray:
    imprecision = not_negative("cv_a1", cv_a1) ** 2 + not_negative("cv_a2", cv_a2) ** 2
    biology = 2 * not_negative("cv_i", cv_i) ** 2
    spread: FloatArray = np.sqrt(imprecision + biology + not_negative("u_bias", u_bias) ** 2)
    return spread
