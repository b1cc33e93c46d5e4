"""Rounds whose results are ordered classes, such as neg, trace, 1+, 2+, 3+: consensus and distance in classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, flat, floats, known, like, not_negative, whole
from lienthong.metrology._cells import Cells, cells, ratio
from lienthong.metrology.iso13528._scoring.verdicts import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalConsensus:
    """Middle and most frequent class of each group, and the shares of all classes.

    `groups` has shape (g,), in sorted order, [0] where none were given; so have `lower_median` and `upper_median`,
    which differ where half of the weight lies below a border of classes, `mode` (the lowest of the most frequent
    classes), `mode_share` and `p`. `cumulative`, shape (g, classes), is the share of results in a class or a lower one.
    Classes are −1 and shares nan for a group without results.
    """

    groups: NDArray[np.generic]
    lower_median: IntArray
    upper_median: IntArray
    mode: IntArray
    mode_share: FloatArray
    cumulative: FloatArray
    p: IntArray


def ordinal_consensus(
    ranks: ArrayLike, *, classes: int, groups: ArrayLike | None = None, weights: ArrayLike = 1.0
) -> OrdinalConsensus:
    """Return the middle and the most frequent class of results in ordered classes.

    Parameters
    ----------
    ranks : shape (n,), whole numbers
        The class of each result, from 0 for the lowest; nan is a missing result and is left out.
    classes : int
        How many classes there are.
    groups : shape (n,), integers or strings
        Round and sample of each result; all belong to one if None.
    weights : one number, or shape (n,)
        What each result counts.

    Returns
    -------
    OrdinalConsensus

    Raises
    ------
    ValueError
        If a rank isn't a whole number from 0 to classes − 1, a weight is negative or nan, or the lengths differ.

    Notes
    -----
    The lower median is the lowest class whose cumulative share reaches ½, the upper the lowest whose share exceeds it.
    Classes have an order but no distances, so there is no mean.

    References
    ----------
    ISO 13528:2022, 11.3 and example E.15.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.ordinal_consensus([0, 1, 1, 2, 1, 2], classes=4)
    >>> found.lower_median.tolist(), found.mode.tolist(), found.mode_share.tolist(), found.cumulative.round(2).tolist()
    ([1], [1], [0.5], [[0.17, 0.67, 1.0, 1.0]])
    """
    column = flat("ranks", whole("ranks", ranks, at_least=0))
    if np.any(column >= classes):
        raise ValueError(f"ranks must be below the number of classes, {classes}, but got {np.nanmax(column):g}")
    there = ~np.isnan(column)
    weight = like("weights", not_negative("weights", known("weights", weights)), column.shape)[there]
    by = cells(column.size, groups).only(there)
    table = _table(column[there].astype(np.intp), weight, by, classes)
    shares = ratio(table, table.sum(axis=1, keepdims=True))
    cumulative = np.cumsum(shares, axis=1)
    rounding = 1e-12
    filled = table.sum(axis=1) > 0
    mode = np.argmax(table, axis=1)
    return OrdinalConsensus(
        groups=by.labels,
        lower_median=np.where(filled, np.argmax(cumulative >= 0.5 - rounding, axis=1), -1),
        upper_median=np.where(filled, np.argmax(cumulative > 0.5 + rounding, axis=1), -1),
        mode=np.where(filled, mode, -1),
        mode_share=shares[np.arange(mode.size), mode],
        cumulative=cumulative,
        p=by.count(),
    )


def ordinal_distance(ranks: ArrayLike, assigned: ArrayLike) -> FloatArray:
    """Return by how many classes results are above (or, negative, below) the assigned class.

    Parameters
    ----------
    ranks, assigned : whole numbers, or arrays that broadcast
        Classes, from 0 for the lowest; nan gives nan.

    Returns
    -------
    array of the broadcast shape

    Raises
    ------
    ValueError
        If a class is negative or not whole.

    Notes
    -----
    The number of steps, not a size: a step from "negative" to "trace" may matter more than one from 2+ to 3+.

    References
    ----------
    ISO 13528:2022, 11.4.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.ordinal_distance([0, 3, 4], 2).tolist()
    [-2.0, 1.0, 2.0]
    """
    distance: FloatArray = whole("ranks", ranks, at_least=0) - whole("assigned", assigned, at_least=0)
    return distance


def ordinal_verdicts(ranks: ArrayLike, assigned: ArrayLike, *, within: int = 1) -> NDArray[np.str_]:
    """Return whether results in ordered classes are near enough to the assigned class.

    Parameters
    ----------
    ranks, assigned : whole numbers, or arrays that broadcast
        Classes, from 0 for the lowest.
    within : int
        How many classes a satisfactory result may be off.

    Returns
    -------
    strings of the broadcast shape
        Values of `Verdict`: ``satisfactory``, ``unsatisfactory``, ``not_evaluated`` where either class is nan.

    Raises
    ------
    ValueError
        If a class or `within` is negative or not whole.

    Notes
    -----
    |rank − assigned| ≤ within. Where "negative" against "positive" must never pass, judge that as a qualitative result.

    References
    ----------
    ISO 13528:2022, 11.4.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.ordinal_verdicts([0, 3, float("nan")], 2).tolist()
    ['unsatisfactory', 'satisfactory', 'not_evaluated']
    """
    allowed = float(whole("within", floats("within", within), at_least=0))
    steps = np.abs(ordinal_distance(ranks, assigned))
    words = [Verdict.NOT_EVALUATED.value, Verdict.SATISFACTORY.value]
    read: NDArray[np.str_] = np.select([np.isnan(steps), steps <= allowed], words, default=Verdict.UNSATISFACTORY.value)
    return read


def _table(ranks: IntArray, weights: FloatArray, by: Cells, classes: int) -> FloatArray:
    """Return the weight in each class, shape (g, classes)."""
    g = by.labels.size
    counted = np.bincount(by.code * classes + ranks, weights=weights, minlength=g * classes)
    return counted.astype(np.float64, copy=False).reshape(g, classes)
