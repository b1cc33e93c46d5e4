"""One standard deviation, or coefficient of variation, from those of lots, levels or months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, flat, floats, like, not_negative, whole
from lienthong.metrology._cells import Cells, cells, ratio


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """For each group, in the sorted order of the labels `groups`: the pooled value and its degrees of freedom."""

    groups: NDArray[np.generic]
    value: FloatArray
    df: IntArray


def pooled_sd(sd: ArrayLike, n: ArrayLike, *, groups: ArrayLike | None = None) -> Pooled:
    """Return the pooled standard deviation of each group.

    Parameters
    ----------
    sd : shape (m,), one unit within a group
        Standard deviations of lots, levels or months; nan is unknown and is left out.
    n : shape (m,), whole numbers, or one number
        How many results each rests on; one of fewer than 2 is left out.
    groups : shape (m,), integers or strings
        What each belongs to. Without it all are one.

    Returns
    -------
    Pooled
        ``value`` in the unit of `sd`; nan where nothing is left.

    Raises
    ------
    ValueError
        If lengths differ, an SD is negative, or an `n` is negative or no whole number.

    Notes
    -----
    s = √(Σ(n_i − 1)s_i²/Σ(n_i − 1)). Differences between the means are left out of it: a change of the lot of control
    material is no imprecision. A shift between reagent lots is; take the SD of all results together to keep it.

    References
    ----------
    JCGM 100:2008, 4.2.4 (pooled estimate of variance). ISO/TS 20914:2019 (long-term within-laboratory
    imprecision over lots).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.pooled_sd([3.0, 4.0], [11, 11])
    >>> found.value.round(4).tolist(), found.df.tolist()
    ([3.5355], [20])
    """
    return _by_group("sd", sd, n, groups)


def pooled_cv(cv: ArrayLike, n: ArrayLike, *, groups: ArrayLike | None = None) -> Pooled:
    """Return the pooled coefficient of variation of each group, in percent.

    Parameters
    ----------
    cv : shape (m,), percent
        Coefficients of variation of lots, levels or months; nan is unknown and is left out.
    n, groups
        As for `pooled_sd`.

    Returns
    -------
    Pooled
        ``value`` in percent; nan where nothing is left.

    Raises
    ------
    ValueError
        If lengths differ, a CV is negative, or an `n` is negative or no whole number.

    Notes
    -----
    CV = √(Σ(n_i − 1)CV_i²/Σ(n_i − 1)): for lots or levels whose means differ and whose CVs are about the same.

    References
    ----------
    JCGM 100:2008, 4.2.4 (pooled estimate of variance), applied to relative standard deviations.

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> control.pooled_cv([3.0, 4.0, 2.0], [11, 11, 5], groups=["glucose", "glucose", "sodium"]).value.round(4).tolist()
    [3.5355, 2.0]
    """
    return _by_group("cv", cv, n, groups)


def degrees(n: FloatArray) -> FloatArray:
    """Return n − 1 degrees of freedom of whole numbers `n`, 0 for fewer than 2; nan counts as 0."""
    whole("n", n, at_least=0)
    return np.where(n > 1, n - 1, 0.0)


def pooled(spread: FloatArray, df: FloatArray, by: Cells) -> FloatArray:
    """Return the root of the mean square of `spread`, weighted by `df`, of each group; nan for no weight."""
    weights = np.where(np.isnan(spread), 0.0, df)
    found: FloatArray = np.sqrt(ratio(by.sums(np.where(weights > 0, weights * spread**2, 0.0)), by.sums(weights)))
    return found


def _by_group(name: str, given: ArrayLike, n: ArrayLike, groups: ArrayLike | None) -> Pooled:
    spread = not_negative(name, flat(name, given))
    by = cells(spread.size, groups)
    df = np.where(np.isnan(spread), 0.0, degrees(like("n", floats("n", n), spread.shape)))
    return Pooled(groups=by.labels, value=pooled(spread, df, by), df=by.sums(df).astype(np.intp))
