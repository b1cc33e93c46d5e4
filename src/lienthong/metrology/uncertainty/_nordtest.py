"""Uncertainty from validation and quality control data, as Nordtest TR 537 sets it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from lienthong.metrology._arrays import FloatArray, flat, known, not_negative, positive, whole

ROBUST_FACTOR = 1.25
"""As in `iso13528.u_x_pt`, which isn't asked: this package needs no compiled loops."""


@dataclass(frozen=True, slots=True)
class NordtestBias:
    """The bias component of `n` materials or rounds: RMS_bias, u(C_ref) and u(bias), in the unit of the biases."""

    n: int
    rms_bias: float
    u_c_ref: float
    u_bias: float


def repeatability_from_ranges(replicates: ArrayLike, *, in_percent: bool = False) -> float:
    """Return the repeatability standard deviation from the ranges of replicates of ordinary specimens.

    Parameters
    ----------
    replicates : shape (n, m)
        Results of n specimens, m replicates of each, two or more.
    in_percent : bool
        Whether each range is taken in percent of its specimen's mean.

    Returns
    -------
    float, in the unit of `replicates`, or percent
        What ``u_sum`` adds to the u(R_w) of a control that doesn't cover the whole process.

    Raises
    ------
    ValueError
        If `replicates` isn't such a table, one is nan, or, with `in_percent`, a mean isn't above 0.

    Notes
    -----
    s_r = mean range/d₂(m). d₂, the expected range of m standard normal numbers, is integrated here and not taken from a
    table: 1.128 for duplicates.

    References
    ----------
    Nordtest TR 537, 4th edition, 2017 (range method). http://www.nordtest.info
    ISO 7870-2:2013 (factors d₂).

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> round(uncertainty.repeatability_from_ranges([[7.46, 7.25], [9.01, 9.17], [3.60, 3.10]]), 4)
    0.257
    """
    table = known("replicates", replicates)
    if table.ndim != 2 or table.shape[0] < 1 or table.shape[1] < 2:
        raise ValueError(f"replicates must have shape (n, m) with m of 2 or more, but has {table.shape}")
    ranges = np.ptp(table, axis=1)
    if in_percent:
        ranges = 100 * ranges / positive("the mean of replicates", table.mean(axis=1))
    return float(ranges.mean() / _expected_range(table.shape[1]))


def nordtest_bias_from_crm(bias: float, *, s: float, n: int, u_c_ref: float) -> NordtestBias:
    """Return the bias component from one certified reference material.

    Parameters
    ----------
    bias, s, u_c_ref : float; all in one unit, or all in percent of the certified value
        Mean of the results less the certified value, their standard deviation, standard uncertainty of the certified
        value.
    n : int
        Results behind the mean.

    Returns
    -------
    NordtestBias
        ``rms_bias`` is |bias|.

    Raises
    ------
    ValueError
        If `s` or `u_c_ref` is negative, `n` isn't a whole number of 1 or more, or `bias` is nan.

    Notes
    -----
    u(bias) = √(bias² + (s/√n)² + u(C_ref)²).

    References
    ----------
    Nordtest TR 537, 4th edition, 2017 (one CRM). http://www.nordtest.info

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> round(uncertainty.nordtest_bias_from_crm(3.48, s=2.5, n=12, u_c_ref=1.3).u_bias, 4)
    3.7843
    """
    size = abs(float(known("bias", bias)))
    of_mean = float(not_negative("s", s)) / float(np.sqrt(whole("n", n, at_least=1)))
    of_reference = float(not_negative("u_c_ref", u_c_ref))
    return NordtestBias(n=1, rms_bias=size, u_c_ref=of_reference, u_bias=_root(size, of_mean, of_reference))


def nordtest_bias_from_crms(biases: ArrayLike, *, u_c_ref: ArrayLike) -> NordtestBias:
    """Return the bias component from several certified reference materials.

    Parameters
    ----------
    biases : shape (n,); percent, or one unit
        Bias found for each material, two or more.
    u_c_ref : a number, or shape (n,); in the unit of `biases`
        Standard uncertainties of the certified values.

    Returns
    -------
    NordtestBias

    Raises
    ------
    ValueError
        If there are fewer than two, one is nan, an uncertainty is negative or the lengths differ.

    Notes
    -----
    RMS_bias = √(Σbias²/n); u(C_ref) is the mean of the materials'; u(bias) = √(RMS_bias² + u(C_ref)²).

    References
    ----------
    Nordtest TR 537, 4th edition, 2017 (several CRMs). http://www.nordtest.info

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> found = uncertainty.nordtest_bias_from_crms([3.48, -0.9, 2.4], u_c_ref=[2.21, 1.8, 1.8])
    >>> round(found.rms_bias, 4), round(found.u_bias, 4)
    (2.4954, 3.1587)
    """
    each = known("biases", flat("biases", biases))
    if each.size < 2:
        raise ValueError(f"biases must hold at least 2, but hold {each.size}")
    of_reference = known("u_c_ref", not_negative("u_c_ref", u_c_ref))
    if of_reference.shape not in {(), each.shape}:
        raise ValueError(f"u_c_ref must be one number or one per bias ({each.size},), but has {of_reference.shape}")
    rms, mean = float(np.sqrt(np.mean(each**2))), float(np.mean(of_reference))
    return NordtestBias(n=each.size, rms_bias=rms, u_c_ref=mean, u_bias=_root(rms, mean))


def nordtest_bias_from_eqa(biases: ArrayLike, *, s_r: ArrayLike, p: ArrayLike, robust: bool = True) -> NordtestBias:
    """Return the bias component from several rounds of EQA.

    Parameters
    ----------
    biases : shape (n,); percent, or one unit
        Own result less the assigned value in each round, two or more; TR 537 asks for six at least.
    s_r, p : numbers, or shape (n,)
        Between-laboratory standard deviation of each round in the unit of `biases`, and its number of participants.
    robust : bool
        Whether the assigned values are medians or robust means.

    Returns
    -------
    NordtestBias

    Raises
    ------
    ValueError
        If there are fewer than two, one is nan, an `s_r` is negative, a `p` isn't a whole number of 1 or more, or the
        lengths differ.

    Notes
    -----
    u(C_ref) is the mean over the rounds of s_R/√p, times 1.25 for robust assigned values;
    u(bias) = √(RMS_bias² + u(C_ref)²).

    References
    ----------
    Nordtest TR 537, 4th edition, 2017 (interlaboratory comparisons). http://www.nordtest.info
    ISO 13528:2022, 7.7 (factor 1.25).

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> found = uncertainty.nordtest_bias_from_eqa([2, 7, -2, 3, 6, 5], s_r=[7, 8, 10, 8, 11, 9], p=16, robust=False)
    >>> round(found.rms_bias, 3), round(found.u_c_ref, 3), round(found.u_bias, 3)
    (4.601, 2.208, 5.103)
    """
    return nordtest_bias_from_crms(biases, u_c_ref=u_c_ref_eqa(s_r, p, robust=robust))


def u_c_ref_eqa(s_r: ArrayLike, p: ArrayLike, *, robust: bool = True) -> FloatArray:
    """Return the standard uncertainty of assigned values that are a consensus of participants.

    Parameters
    ----------
    s_r, p : numbers, or arrays that broadcast
        Between-laboratory standard deviation of a round, and its number of participants.
    robust : bool
        Whether the assigned value is a median or a robust mean.

    Returns
    -------
    array of the broadcast shape, in the unit of `s_r`
        nan where any argument is nan.

    Raises
    ------
    ValueError
        If `s_r` is negative or `p` not a whole number of 1 or more.

    Notes
    -----
    s_R/√p, times 1.25 if `robust`.

    References
    ----------
    Nordtest TR 537, 4th edition, 2017. http://www.nordtest.info
    ISO 13528:2022, 7.7.

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> float(uncertainty.u_c_ref_eqa(8.0, 16)), float(uncertainty.u_c_ref_eqa(8.0, 16, robust=False))
    (2.5, 2.0)
    """
    factor = ROBUST_FACTOR if robust else 1.0
    u: FloatArray = factor * not_negative("s_r", s_r) / np.sqrt(whole("p", p, at_least=1))
    return u


def _root(*parts: float) -> float:
    return float(np.sqrt(sum(part**2 for part in parts)))


def _expected_range(m: int) -> float:
    """Return d₂, ∫ 1 − Φ(x)^m − (1 − Φ(x))^m dx; the trapezoid rule is exact here to the last digits."""
    x = np.linspace(-12, 12, 2401)
    inside = 1 - ndtr(x) ** m - ndtr(-x) ** m
    return float(np.sum(inside) * (x[1] - x[0]))
