"""Within-laboratory imprecision u_Rw, from control results of the long term."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, codes, flat, labels, not_negative, whole


@dataclass(frozen=True, slots=True, eq=False)
class WithinLaboratory:
    """For each level, in sorted order: results, degrees of freedom, their mean, u_Rw in their unit and in percent.

    All arrays have shape (g,); `lots` counts the lots of control material that were pooled.
    """

    level: NDArray[np.generic]
    n: IntArray
    lots: IntArray
    df: IntArray
    mean: FloatArray
    u_rw: FloatArray
    u_rw_percent: FloatArray


def pooled(sd: ArrayLike, n: ArrayLike) -> float:
    """Return the pooled standard deviation of several lots, levels or instruments, by degrees of freedom.

    Parameters
    ----------
    sd : shape (g,)
        Standard deviations in one unit, of series with similar means; or coefficients of variation in percent.
    n : shape (g,), whole numbers
        Results behind each; one with n = 1 has no weight, and its `sd` may be nan.

    Returns
    -------
    float, in the unit of `sd`
        nan if a series with n > 1 has `sd` nan.

    Raises
    ------
    ValueError
        If a standard deviation is negative, an `n` is not a whole number of 1 or more, the lengths differ, or no series
        has two results.

    Notes
    -----
    √(Σ(nᵢ − 1)·sᵢ²/Σ(nᵢ − 1)). Differences between the means aren't in it.

    References
    ----------
    ISO/TS 20914:2019 (pooling of u_Rw over control lots). JCGM 100:2008, 4.2.4 (pooled estimate of variance).
    https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> round(uncertainty.pooled([0.10, 0.12], [181, 121]), 5)
    0.10844
    """
    spread = not_negative("sd", flat("sd", sd))
    df = whole("n", flat("n", n), at_least=1) - 1
    if spread.shape != df.shape:
        raise ValueError(f"sd and n must have the same length, but have {spread.size} and {df.size}")
    if not np.sum(df) > 0:
        raise ValueError("n must be at least 2 in one series or more")
    return float(np.sqrt(np.sum(df[df > 0] * spread[df > 0] ** 2) / np.sum(df)))


def u_rw(
    values: ArrayLike,
    *,
    control_lot: ArrayLike,
    level: ArrayLike | None = None,
    reagent_lot: ArrayLike | None = None,
) -> WithinLaboratory:
    """Return the within-laboratory imprecision u_Rw of each level, pooled over lots of control material.

    Parameters
    ----------
    values : shape (n,)
        Control results in one unit, of six months or more so that reagent lots, calibrations and operators change; nan
        is a missing result and is left out.
    control_lot : shape (n,), integers or strings
        Lot of control material: a shift of the mean from one to the next is the material's and isn't counted.
    level : shape (n,), integers or strings, optional
        Level of each result; without it all are of one level.
    reagent_lot : shape (n,), integers or strings, optional
        Give it only where a change of reagent lot shifts the control material and not patients' results: then those
        shifts aren't counted either. Left out, they are.

    Returns
    -------
    WithinLaboratory
        ``u_rw`` is nan where no lot has two results; ``u_rw_percent`` also where the mean isn't above 0.

    Raises
    ------
    ValueError
        If a value is infinite, a label is missing or the lengths differ.

    Notes
    -----
    u_Rw = √(ΣΣ(x − x̄_lot)²/Σ(n_lot − 1)), which is the pooled standard deviation of the lots; in percent, by the mean
    of all results of the level.

    References
    ----------
    ISO/TS 20914:2019 (u_Rw from IQC, lots of control material and of reagents).

    Examples
    --------
    Two lots of control material, the second of a higher target.

    >>> from lienthong.metrology import uncertainty
    >>> found = uncertainty.u_rw([5.0, 5.2, 5.1, 6.0, 6.2, 6.1], control_lot=[1, 1, 1, 2, 2, 2])
    >>> found.u_rw.round(6).tolist(), found.df.tolist(), found.u_rw_percent.round(4).tolist()
    ([0.1], [4], [1.7857])
    """
    array = flat("values", values)
    there = ~np.isnan(array)
    by_level = np.zeros(array.size, dtype=np.intp) if level is None else labels("level", level, array.size)
    columns = [by_level[there], labels("control_lot", control_lot, array.size)[there]]
    _, first_of_lot = codes(*columns)
    lots = np.bincount(codes(columns[0][first_of_lot])[0])
    if reagent_lot is not None:
        columns.append(labels("reagent_lot", reagent_lot, array.size)[there])
    code, first = codes(*columns)
    return _by_level(array[there], code, first, columns[0], lots)


def _by_level(
    values: FloatArray, code: IntArray, first: IntArray, level: NDArray[np.generic], lots: IntArray
) -> WithinLaboratory:
    """Pool the series that `code` numbers, each within its level."""
    of_value, first_of_level = codes(level)
    of_series, g = of_value[first], first_of_level.size
    series_means = np.bincount(code, weights=values) / np.bincount(code)
    squares = np.bincount(of_value, weights=(values - series_means[code]) ** 2, minlength=g)
    n = np.bincount(of_value, minlength=g)
    df = n - np.bincount(of_series, minlength=g)
    mean = np.bincount(of_value, weights=values, minlength=g) / n
    u = np.sqrt(squares / np.where(df > 0, df, np.nan))
    percent = 100 * u / np.where(mean > 0, mean, np.nan)
    return WithinLaboratory(level=level[first_of_level], n=n, lots=lots, df=df, mean=mean, u_rw=u, u_rw_percent=percent)
