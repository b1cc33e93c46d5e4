"""Consensus of results that come with uncertainties: weighted means with or without variance between laboratories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, flat, floats, like, positive
from lienthong.metrology._cells import Cells, cells, ratio

MOST_ITERATIONS = 500
TOLERANCE = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class WeightedConsensus:
    """Weighted mean `x_pt` and its standard uncertainty for each group, in the unit of the results.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given. `tau2`
    is the variance between laboratories, in the unit squared; `q` is Cochran's Q, to be compared with χ² of p − 1
    degrees of freedom; `p` is the number of results.
    """

    groups: NDArray[np.generic]
    x_pt: FloatArray
    u_x_pt: FloatArray
    tau2: FloatArray
    q: FloatArray
    p: IntArray


def weighted_mean(values: ArrayLike, u: ArrayLike, *, groups: ArrayLike | None = None) -> WeightedConsensus:
    """Return the mean of results weighted by their stated uncertainties, as if nothing else made them differ.

    Parameters
    ----------
    values : shape (n,)
        Results.
    u : one number, or shape (n,), in the unit of `values`
        Their standard uncertainties. A result is left out where it or its uncertainty is nan.
    groups : shape (n,), integers or strings
        Round or analyte of each result; all belong to one if None.

    Returns
    -------
    WeightedConsensus
        `tau2` is 0. A group without results has nan.

    Raises
    ------
    ValueError
        If an uncertainty is not above 0, a number is infinite, or the lengths differ.

    Notes
    -----
    w = 1/u², x_pt = Σwx/Σw, u(x_pt) = 1/√Σw, Q = Σw·(x − x_pt)². Where Q is far above p − 1, the stated
    uncertainties don't explain how the results differ, and u(x_pt) is too small.

    References
    ----------
    M. G. Cox, "The evaluation of key comparison data", Metrologia 39 (2002) 589–595, procedure A.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.weighted_mean([10.0, 13.0], [1.0, 0.5])
    >>> found.x_pt.tolist(), found.u_x_pt.round(4).tolist(), found.q.round(2).tolist()
    ([12.4], [0.4472], [7.2])
    """
    given = _given(values, u, groups)
    return _assembled(given, np.zeros(given.by.labels.size))


def dersimonian_laird(values: ArrayLike, u: ArrayLike, *, groups: ArrayLike | None = None) -> WeightedConsensus:
    """Return the weighted mean of results with a variance between laboratories by DerSimonian and Laird.

    Parameters
    ----------
    values : shape (n,)
        Results.
    u : one number, or shape (n,), in the unit of `values`
        Their standard uncertainties. A result is left out where it or its uncertainty is nan.
    groups : shape (n,), integers or strings
        Round or analyte of each result; all belong to one if None.

    Returns
    -------
    WeightedConsensus
        A group without results has nan; a single result keeps its own uncertainty.

    Raises
    ------
    ValueError
        If an uncertainty is not above 0, a number is infinite, or the lengths differ.

    Notes
    -----
    With w = 1/u² and Q of the fixed-effect mean: τ² = max(0, (Q − (p − 1))/(Σw − Σw²/Σw)); then the weights are
    1/(u² + τ²), and u(x_pt) = 1/√Σ of them. It isn't robust: one wrong result with a small uncertainty moves it.

    References
    ----------
    R. DerSimonian, N. Laird, "Meta-analysis in clinical trials", Control. Clin. Trials 7 (1986) 177–188.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.dersimonian_laird([10.0, 13.0], [1.0, 0.5])
    >>> found.x_pt.round(3).tolist(), found.u_x_pt.round(3).tolist(), found.tau2.round(3).tolist()
    ([11.625], [1.495], [3.875])
    """
    given = _given(values, u, groups)
    w = given.u**-2
    sums = given.by.sums(w)
    q = _q(given, w)
    scale = sums - ratio(given.by.sums(w**2), sums)
    tau2 = np.where(given.p > 1, np.maximum(ratio(q - (given.p - 1), np.where(given.p > 1, scale, 0)), 0), 0.0)
    return _assembled(given, tau2)


def paule_mandel(values: ArrayLike, u: ArrayLike, *, groups: ArrayLike | None = None) -> WeightedConsensus:
    """Return the weighted mean of results with a variance between laboratories by Mandel and Paule.

    Parameters
    ----------
    values : shape (n,)
        Results.
    u : one number, or shape (n,), in the unit of `values`
        Their standard uncertainties. A result is left out where it or its uncertainty is nan.
    groups : shape (n,), integers or strings
        Round or analyte of each result; all belong to one if None.

    Returns
    -------
    WeightedConsensus
        A group without results has nan; a single result keeps its own uncertainty.

    Raises
    ------
    ValueError
        If an uncertainty is not above 0, a number is infinite, or the lengths differ.

    Notes
    -----
    τ² is such that Σ(x − x_pt)²/(u² + τ²) = p − 1 with x_pt the mean weighted by 1/(u² + τ²), or 0 if the sum is
    smaller already at τ² = 0. The sum falls and is convex in τ², so Newton's method from 0 reaches it without
    overshooting. u(x_pt) = 1/√Σ1/(u² + τ²).

    References
    ----------
    R. C. Paule, J. Mandel, "Consensus values and weighting factors", J. Res. Natl. Bur. Stand. 87 (1982) 377–385,
    open at https://doi.org/10.6028/jres.087.022

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.paule_mandel([10.0, 13.0], [1.0, 0.5])
    >>> found.x_pt.round(3).tolist(), found.u_x_pt.round(3).tolist(), found.tau2.round(3).tolist()
    ([11.625], [1.495], [3.875])
    """
    given = _given(values, u, groups)
    tau2 = np.zeros(given.by.labels.size)
    for _ in range(MOST_ITERATIONS):
        w = 1 / (given.u**2 + tau2[given.by.code])
        off = given.values - _means(given, w)[given.by.code]
        excess = given.by.sums(w * off**2) - (given.p - 1)
        step = np.maximum(ratio(excess, given.by.sums((w * off) ** 2)), 0)
        step = np.where(np.isnan(step), 0, step)
        tau2 = tau2 + step
        if not np.any(step > TOLERANCE * tau2):
            break
    return _assembled(given, tau2)


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    by: Cells
    values: FloatArray
    u: FloatArray
    p: IntArray


def _given(values: ArrayLike, u: ArrayLike, groups: ArrayLike | None) -> _Given:
    array = flat("values", values)
    stated = like("u", positive("u", floats("u", u)), array.shape)
    there = ~(np.isnan(array) | np.isnan(stated))
    by = cells(array.size, groups).only(there)
    return _Given(by, array[there], stated[there], by.count())


def _means(given: _Given, w: FloatArray) -> FloatArray:
    return ratio(given.by.sums(w * given.values), given.by.sums(w))


def _q(given: _Given, w: FloatArray) -> FloatArray:
    return given.by.sums(w * (given.values - _means(given, w)[given.by.code]) ** 2)


def _assembled(given: _Given, tau2: FloatArray) -> WeightedConsensus:
    w = 1 / (given.u**2 + tau2[given.by.code])
    empty = given.p == 0
    return WeightedConsensus(
        groups=given.by.labels,
        x_pt=_means(given, w),
        u_x_pt=np.sqrt(ratio(1.0, given.by.sums(w))),
        tau2=np.where(empty, np.nan, tau2),
        q=np.where(empty, np.nan, _q(given, given.u**-2)),
        p=given.p,
    )
