"""Evaluation by an allowable limit, and whether the assigned value is good enough for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    codes,
    flat,
    floats,
    known,
    labels,
    not_negative,
    positive,
)


@dataclass(frozen=True, slots=True, eq=False)
class PercentScores:
    """For each group, in the sorted order of the labels `groups`: score in percent, acceptable results, results asked.

    All arrays have shape (g,).
    """

    groups: NDArray[np.generic]
    percent: FloatArray
    acceptable: IntArray
    n: IntArray


def is_negligible(u: ArrayLike, sigma_pt: ArrayLike, *, fraction: float = 0.3) -> BoolArray:
    """Return whether the uncertainty of the assigned value may be left out of account.

    Parameters
    ----------
    u, sigma_pt : numbers, or arrays that broadcast; same unit
        Standard uncertainty of the assigned value, standard deviation for proficiency assessment. Where results are
        judged by an allowable limit δ_E, give that, and a `fraction` of 0.1.
    fraction : float
        Of `sigma_pt`.

    Returns
    -------
    booleans of the broadcast shape
        False where `u` or `sigma_pt` is nan: what is unknown is not negligible.

    Raises
    ------
    ValueError
        If `u` is negative, or `sigma_pt` or `fraction` is not above 0.

    Notes
    -----
    u(x_pt) < 0.3·σ_pt, or u(x_pt) < 0.1·δ_E. Where it isn't, score by z′, widen the limit by `delta_e_prime`, or say so
    in the report.

    References
    ----------
    ISO 13528:2022, 9.2.1.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.is_negligible([0.29, 0.30], 1.0).tolist()
    [True, False]
    """
    small: BoolArray = not_negative("u", u) < positive("fraction", fraction) * positive("sigma_pt", sigma_pt)
    return small


def within_limit(values: ArrayLike, x_pt: ArrayLike, delta_e: ArrayLike, *, boundary_counts: bool = True) -> BoolArray:
    """Return which results lie within the allowable limit of the assigned value.

    Parameters
    ----------
    values, x_pt, delta_e : numbers, or arrays that broadcast; same unit
        Results, assigned value, allowable limit.
    boundary_counts : bool
        A result exactly on the limit is acceptable, as percentage schemes have it; False for the strict reading of
        ISO 13528.

    Returns
    -------
    booleans of the broadcast shape
        False where the result is nan: a missing result is not acceptable.

    Raises
    ------
    ValueError
        If an assigned value or limit is nan (then nothing can be said of a result), or a limit is negative.

    Notes
    -----
    |x − x_pt| ≤ δ_E. A result is on the limit if it is there to within 8 roundings of binary floating point, which
    holds neither 0.33 nor 0.03: so 0.33 is on the limit of 0.30 ± 0.03.

    References
    ----------
    ISO 13528:2022, 9.3 (−δ_E < D < δ_E). Fixed limits of a regulator: 42 CFR 493.931(c),
    https://www.law.cornell.edu/cfr/text/42/493.931

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.within_limit([0.27, 0.33, 0.34, float("nan")], 0.30, 0.03).tolist()
    [True, True, False, False]
    """
    results, assigned = floats("values", values), known("x_pt", x_pt)
    limit = not_negative("delta_e", known("delta_e", delta_e))
    difference = np.abs(results - assigned)
    rounding = roundings(results, assigned)
    within: BoolArray = difference <= limit + rounding if boundary_counts else difference < limit - rounding
    return within


def roundings(values: FloatArray, x_pt: FloatArray) -> FloatArray:
    """Return how far a difference of two numbers may be off by binary floating point: eight roundings of the larger."""
    off: FloatArray = 8 * np.finfo(np.float64).eps * np.maximum(np.abs(values), np.abs(x_pt))
    return off


def p_a(values: ArrayLike, *, x_pt: ArrayLike, delta_e: ArrayLike) -> FloatArray:
    """Return the differences P_A from the assigned value, in percent of the allowable difference.

    Parameters
    ----------
    values, x_pt, delta_e : numbers, or arrays that broadcast; same unit
        Results, assigned value, allowable limit; nan gives nan.

    Returns
    -------
    array of the broadcast shape, percent
        Between −100 and 100 the result lies within the limit.

    Raises
    ------
    ValueError
        If `delta_e` is not above 0, or a number is infinite.

    Notes
    -----
    P_A = 100·(x − x_pt)/δ_E. Whether exactly 100 is acceptable is the scheme's choice: see `within_limit`.

    References
    ----------
    ISO 13528:2022, 9.3.6.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.p_a([5.5, 4.0], x_pt=5.0, delta_e=2.0).tolist()
    [25.0, -50.0]
    """
    score: FloatArray = 100 * (floats("values", values) - floats("x_pt", x_pt)) / positive("delta_e", delta_e)
    return score


def delta_e_prime(delta_e: ArrayLike, U_x_pt: ArrayLike) -> FloatArray:
    """Return the allowable limit δ_E′, widened by the expanded uncertainty of the assigned value.

    Parameters
    ----------
    delta_e, U_x_pt : numbers, or arrays that broadcast; same unit
        Allowable limit; expanded uncertainty (k = 2) of the assigned value; nan gives nan.

    Returns
    -------
    array of the broadcast shape, in the unit of `delta_e`

    Raises
    ------
    ValueError
        If `delta_e` is not above 0 or `U_x_pt` is negative.

    Notes
    -----
    δ_E′ = √(δ_E² + U²(x_pt)).

    References
    ----------
    ISO 13528:2022, 9.5.2.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> float(iso13528.delta_e_prime(4.0, 3.0))
    5.0
    """
    widened: FloatArray = np.hypot(positive("delta_e", delta_e), not_negative("U_x_pt", U_x_pt))
    return widened


def percent_score(acceptable: ArrayLike, groups: ArrayLike) -> PercentScores:
    """Return, for each group, the percentage of its results that are acceptable.

    Parameters
    ----------
    acceptable : shape (n,), booleans, or 1, 0 and nan
        One entry for each result that was asked for. A missing result, nan, counts as not acceptable.
    groups : shape (n,), integers or strings
        What each result belongs to: participant and analyte of a round.

    Returns
    -------
    PercentScores

    Raises
    ------
    ValueError
        If `acceptable` holds anything else or the lengths differ.

    Notes
    -----
    100·(acceptable results)/(results asked for).

    References
    ----------
    42 CFR 493.931(c), https://www.law.cornell.edu/cfr/text/42/493.931; 493.841: results not returned score 0.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.percent_score([True, True, True, True, False, True], ["A", "A", "A", "A", "A", "B"])
    >>> dict(zip(found.groups.tolist(), found.percent.tolist()))
    {'A': 80.0, 'B': 100.0}
    """
    counted = flat("acceptable", acceptable)
    if not np.all((counted == 0) | (counted == 1) | np.isnan(counted)):
        raise ValueError("acceptable must be booleans, or 1, 0 and nan for a missing result")
    column = labels("groups", groups, counted.size)
    code, first = codes(column)
    n = np.bincount(code, minlength=first.size)
    good = np.bincount(code[counted == 1], minlength=first.size)
    return PercentScores(groups=column[first], percent=100 * good / n, acceptable=good, n=n)
