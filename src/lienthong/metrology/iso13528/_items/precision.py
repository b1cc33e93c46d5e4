"""Repeatability and reproducibility from a precision experiment, and Mandel's h and k.

ISO 5725-2 is cited by the clauses of 1994; the edition of 2019 replaces it, and has not been compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, fdtrc

from lienthong.metrology._arrays import FloatArray, IntArray, whole
from lienthong.metrology._arrays import fraction as between_0_and_1
from lienthong.metrology._cells import ratio
from lienthong.metrology.iso13528._layout import Layout, layout


@dataclass(frozen=True, slots=True, eq=False)
class Precision:
    """Precision of a measurement procedure for each material, in the unit of the results.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given.
    `laboratories` and `n` are the numbers of laboratories and results, `n_mean` is what stands for the number of
    replicates where laboratories differ in it; `f` and `p_value` belong to the test that `s_L` is 0.
    """

    groups: NDArray[np.generic]
    laboratories: IntArray
    n: IntArray
    n_mean: FloatArray
    mean: FloatArray
    s_r: FloatArray
    s_L: FloatArray
    s_R: FloatArray
    f: FloatArray
    p_value: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Mandel:
    """Consistency of each laboratory with the others of its group; arrays of shape (c,), by group and laboratory.

    `h` compares means, `k` standard deviations; `n` is the laboratory's number of results, `mean` and `s` (nan with
    fewer than two) are of them.
    """

    groups: NDArray[np.generic]
    laboratories: NDArray[np.generic]
    n: IntArray
    mean: FloatArray
    s: FloatArray
    h: FloatArray
    k: FloatArray


def precision(values: ArrayLike, *, laboratories: ArrayLike, groups: ArrayLike | None = None) -> Precision:
    """Return repeatability, between-laboratory and reproducibility standard deviation.

    Parameters
    ----------
    values : shape (n,)
        Results under repeatability conditions in several laboratories; nan is left out. Numbers of replicates may
        differ.
    laboratories : shape (n,), integers or strings
        The laboratory of each value.
    groups : shape (n,), integers or strings
        Material and analyte of each value; all belong to one if None.

    Returns
    -------
    Precision
        A group with fewer than two laboratories, or without replicates, has nan for what can't be known.

    Raises
    ------
    ValueError
        If a value is infinite or the lengths differ.

    Notes
    -----
    s_r² = Σ(nᵢ − 1)·sᵢ²/Σ(nᵢ − 1); s_L² = max(0, (s_d² − s_r²)/n̄) with s_d² = Σnᵢ·(ȳᵢ − ȳ)²/(p − 1) and
    n̄ = (N − Σnᵢ²/N)/(p − 1); s_R² = s_r² + s_L². `mean` is of all results. Outliers are looked for first: `mandel`,
    `cochran`, `grubbs`.

    References
    ----------
    ISO 5725-2:1994, 7.4.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.precision([5.0, 5.2, 5.6, 5.8, 5.1, 5.3], laboratories=["A", "A", "B", "B", "C", "C"])
    >>> found.s_r.round(4).tolist(), found.s_L.round(4).tolist(), found.s_R.round(4).tolist()
    ([0.1414], [0.3055], [0.3367])
    """
    by = _laboratories(values, laboratories, groups)
    cells = by.cells
    p = cells.count()
    replicates = by.n.astype(np.float64)
    n = cells.sums(replicates)
    mean = ratio(cells.sums(replicates * by.means), n)
    within = ratio(cells.sums(by.squares), n - p)
    between = ratio(cells.sums(replicates * (by.means - mean[cells.code]) ** 2), np.maximum(p - 1, 0))
    n_mean = ratio(n - ratio(cells.sums(replicates**2), n), np.maximum(p - 1, 0))
    between_laboratories = np.maximum(0, ratio(between - within, n_mean))
    f = ratio(between, within)
    return Precision(
        groups=cells.labels,
        laboratories=p,
        n=n.astype(np.intp),
        n_mean=n_mean,
        mean=mean,
        s_r=np.sqrt(within),
        s_L=np.sqrt(between_laboratories),
        s_R=np.sqrt(within + between_laboratories),
        f=f,
        p_value=fdtrc(p - 1, n - p, f),
    )


def mandel(values: ArrayLike, *, laboratories: ArrayLike, groups: ArrayLike | None = None) -> Mandel:
    """Return Mandel's h and k, which show laboratories whose mean or scatter differs from the others'.

    Parameters
    ----------
    values : shape (n,)
        Results under repeatability conditions; nan is left out.
    laboratories : shape (n,), integers or strings
        The laboratory of each value.
    groups : shape (n,), integers or strings
        Material and analyte of each value; all belong to one if None.

    Returns
    -------
    Mandel
        `h` is nan where the laboratories' means are all equal or there is only one, `k` where there are no replicates
        or none differ.

    Raises
    ------
    ValueError
        If a value is infinite or the lengths differ.

    Notes
    -----
    h = (ȳᵢ − mean(ȳ))/SD(ȳ); k = sᵢ/√mean(s²), over the laboratories that have replicates. Compare with
    `mandel_h_critical` and `mandel_k_critical`; the latter asks for equal numbers of replicates.

    References
    ----------
    ISO 5725-2:1994, 7.3.1.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.mandel([5.0, 5.2, 5.6, 5.8, 5.1, 5.3], laboratories=["A", "A", "B", "B", "C", "C"])
    >>> found.h.round(3).tolist(), found.k.round(3).tolist()
    ([-0.726, 1.141, -0.415], [1.0, 1.0, 1.0])
    """
    by = _laboratories(values, laboratories, groups)
    cells = by.cells
    code = cells.code
    spread = cells.sds(by.means)
    variance = ratio(by.squares, by.n - 1)
    replicated = by.n > 1
    pooled = ratio(cells.sums(np.where(replicated, variance, 0.0)), cells.count(replicated))
    return Mandel(
        groups=cells.labels[code],
        laboratories=by.names,
        n=by.n,
        mean=by.means,
        s=np.sqrt(variance),
        h=ratio(by.means - cells.means(by.means)[code], spread[code]),
        k=np.sqrt(ratio(variance, pooled[code])),
    )


def mandel_h_critical(p: ArrayLike, alpha: float = 0.01) -> FloatArray:
    """Return the value that Mandel's |h| of one laboratory exceeds with probability `alpha` if all are alike.

    Parameters
    ----------
    p : whole numbers, at least 3
        Laboratories.
    alpha : float
        Two-sided probability; 0.05 for a straggler and 0.01 for an outlier.

    Returns
    -------
    array like `p`

    Raises
    ------
    ValueError
        If `p` is below 3 or not whole, or `alpha` not between 0 and 1.

    Notes
    -----
    h = (p − 1)·t/√(p·(t² + p − 2)) with t the 1 − α/2 quantile of Student's t with p − 2 degrees of freedom; computed
    from the beta distribution, which is the same.

    References
    ----------
    ISO 5725-2:1994, 7.3.1 and its tables of indicators, with which it has not been compared.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(float(iso13528.mandel_h_critical(8, 0.01)), 2)
    2.06
    """
    n, level = whole("p", p, at_least=3), between_0_and_1("alpha", alpha)
    h: FloatArray = (n - 1) / np.sqrt(n) * np.sqrt(1 - betaincinv((n - 2) / 2, 0.5, level))
    return h


def mandel_k_critical(p: ArrayLike, n: ArrayLike, alpha: float = 0.01) -> FloatArray:
    """Return the value that Mandel's k of one laboratory exceeds with probability `alpha` if all are alike.

    Parameters
    ----------
    p, n : whole numbers, at least 2, that broadcast
        Laboratories; replicates of each.
    alpha : float
        One-sided probability; 0.05 for a straggler and 0.01 for an outlier.

    Returns
    -------
    array of the broadcast shape

    Raises
    ------
    ValueError
        If a number is below 2 or not whole, or `alpha` not between 0 and 1.

    Notes
    -----
    k = √(p/(1 + (p − 1)/F)) with F the 1 − α quantile of F with n − 1 and (p − 1)·(n − 1) degrees of freedom; computed
    from the beta distribution, which is the same.

    References
    ----------
    ISO 5725-2:1994, 7.3.1 and its tables of indicators, with which it has not been compared.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(float(iso13528.mandel_k_critical(8, 3, 0.01)), 2)
    1.96
    """
    count, replicates = whole("p", p, at_least=2), whole("n", n, at_least=2)
    freedom = replicates - 1
    rest = betaincinv((count - 1) * freedom / 2, freedom / 2, between_0_and_1("alpha", alpha))
    k: FloatArray = np.sqrt(count * (1 - rest))
    return k


def _laboratories(values: ArrayLike, laboratories: ArrayLike, groups: ArrayLike | None) -> Layout:
    """Return the layout without laboratories that have no result."""
    by = layout(values, laboratories, groups, name="laboratories")
    there = by.n > 0
    return Layout(by.cells.only(there), by.names[there], by.n[there], by.means[there], by.squares[there])
