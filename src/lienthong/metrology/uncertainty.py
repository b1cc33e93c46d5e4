"""What explains the difference of two results: measurement alone, or measurement and biology."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, floats, not_negative, positive

__all__ = ["measurement_difference", "reference_change_value"]


def measurement_difference(u1: ArrayLike, u2: ArrayLike, *, k: float = 1.96) -> FloatArray:
    """Return the largest difference of two results that measurement uncertainty explains.

    Parameters
    ----------
    u1, u2 : numbers, or arrays that broadcast; both in the unit of the results, or both in percent
        Standard uncertainties of the two results, after correction of any bias between them.
    k : float
        Coverage factor; 1.96 covers 95 % if the two results measure the same.

    Returns
    -------
    array of the broadcast shape, in the unit of `u1`
        nan where `u1` or `u2` is nan.

    Raises
    ------
    ValueError
        If an uncertainty is negative or `k` not above 0.

    Notes
    -----
    k·√(u₁² + u₂²), for independent results.

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
    coverage = positive("k", k)
    difference: FloatArray = coverage * np.hypot(not_negative("u1", u1), not_negative("u2", u2))
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
    imprecision = not_negative("cv_a1", cv_a1) ** 2 + not_negative("cv_a2", cv_a2) ** 2
    biology = 2 * not_negative("cv_i", cv_i) ** 2
    spread = np.sqrt(imprecision + biology + not_negative("u_bias", u_bias) ** 2)
    change: FloatArray = np.abs(floats("bias_difference", bias_difference)) + positive("z", z) * spread
    return change
