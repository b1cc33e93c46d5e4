"""Rounds whose results are names: consensus by the most frequent answer, agreement, and homogeneity of samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from lienthong.metrology._arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    codes,
    flags,
    known,
    labels,
    like,
    not_negative,
)
from lienthong.metrology._arrays import fraction as between_0_and_1
from lienthong.metrology._cells import Cells, cells, ratio
from lienthong.metrology.iso13528._scoring.limits import PercentScores, percent_score


@dataclass(frozen=True, slots=True, eq=False)
class ModeConsensus:
    """Most frequent answer of each group, and whether enough agree on it for an assigned value.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given. `share`
    is the weight of those who gave `answer` over the weight of all; `tied` says whether another answer has as much;
    `p` counts the answers. A group without answers has share nan, is not agreed, and its `answer` means nothing.
    """

    groups: NDArray[np.generic]
    answer: NDArray[np.generic]
    share: FloatArray
    agreed: BoolArray
    tied: BoolArray
    p: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class QualitativeHomogeneity:
    """Share of samples that gave the expected answer, and the least share that can be claimed, for each material.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given.
    """

    groups: NDArray[np.generic]
    samples: IntArray
    as_expected: IntArray
    share: FloatArray
    least_share: FloatArray


def mode_consensus(
    answers: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    weights: ArrayLike = 1.0,
    threshold: float = 0.8,
    answered: ArrayLike | None = None,
) -> ModeConsensus:
    """Return the most frequent answer, and whether enough participants agree on it.

    Parameters
    ----------
    answers : shape (n,), integers or strings
        What participants answered.
    groups : shape (n,), integers or strings
        Round and sample of each answer; all belong to one if None.
    weights : one number, or shape (n,)
        What each answer counts, such as more for reference laboratories; 0 leaves it out of the shares.
    threshold : float
        Share from which the answer may be the assigned value.
    answered : shape (n,), booleans
        False where there is no answer, whatever stands in `answers`; all there if None.

    Returns
    -------
    ModeConsensus

    Raises
    ------
    ValueError
        If a weight is negative or nan, `threshold` is not above 0 and at most 1, or the lengths differ.

    Notes
    -----
    The share is Σ of the weights of the answer/Σ of all weights. Of answers with equal weight the first in sorted order
    is given, `tied`, and not agreed.

    References
    ----------
    ISO 13528:2022, 11.3 (assigned values of qualitative schemes). Agreement of 80 % of the participants or of referee
    laboratories: 42 CFR 493.911(b), https://www.law.cornell.edu/cfr/text/42/493.911

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.mode_consensus(["E. coli"] * 9 + ["K. oxytoca"])
    >>> found.answer.tolist(), found.share.tolist(), found.agreed.tolist()
    (['E. coli'], [0.9], [True])
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be above 0 and at most 1, but got {threshold}")
    column = labels("answers", answers, np.size(answers))
    everywhere = cells(column.size, groups)
    there = _there(answered, column.size)
    weight = like("weights", not_negative("weights", known("weights", weights)), column.shape)[there]
    by = everywhere.only(there)
    place, first = codes(by.code, column[there])
    of_answer = np.bincount(place, weights=weight, minlength=first.size).astype(np.float64, copy=False)
    kinds = Cells(by.labels, by.code[first])
    best, tied = _largest(of_answer, kinds)
    share = ratio(_at(of_answer, best), by.sums(weight))
    answer = np.zeros(best.size, dtype=column.dtype)
    answer[best >= 0] = column[there][first][best[best >= 0]]
    rounding = 8 * np.finfo(np.float64).eps
    return ModeConsensus(by.labels, answer, share, (share >= threshold - rounding) & ~tied, tied, by.count())


def agreement_score(
    answers: ArrayLike, assigned: ArrayLike, *, groups: ArrayLike, answered: ArrayLike | None = None
) -> PercentScores:
    """Return, for each group, the percentage of answers that are the assigned ones.

    Parameters
    ----------
    answers, assigned : shape (n,), integers or strings
        What was answered, and what should have been.
    groups : shape (n,), integers or strings
        What is counted together: a round and sample, a participant …
    answered : shape (n,), booleans
        False where there is no answer: it counts as not agreeing. All there if None.

    Returns
    -------
    PercentScores

    Raises
    ------
    ValueError
        If the lengths or the kinds of `answers` and `assigned` differ.

    Notes
    -----
    100·(answers that agree)/(answers asked for).

    References
    ----------
    ISO 13528:2022, 11.4.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.agreement_score(["pos", "neg", "pos"], ["pos", "pos", "pos"], groups=[1, 1, 2]).percent.tolist()
    [50.0, 100.0]
    """
    column = labels("answers", answers, np.size(answers))
    right = labels("assigned", assigned, column.size)
    if column.size and (column.dtype.kind in "US") != (right.dtype.kind in "US"):
        raise ValueError(f"assigned must be of the kind of answers, {column.dtype}, but is {right.dtype}")
    return percent_score((column == right) & _there(answered, column.size), groups)


def qualitative_homogeneity(
    answers: ArrayLike, expected: ArrayLike, *, groups: ArrayLike | None = None, confidence: float = 0.95
) -> QualitativeHomogeneity:
    """Return how many samples of a material gave the expected answer, and what that proves of all of them.

    Parameters
    ----------
    answers, expected : shape (n,), integers or strings
        Answer of each sample that was examined, and the one it should give.
    groups : shape (n,), integers or strings
        Material of each sample; all belong to one if None.
    confidence : float
        Of `least_share`, one-sided.

    Returns
    -------
    QualitativeHomogeneity

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1 or the lengths differ.

    Notes
    -----
    `least_share` is the lower limit of Clopper and Pearson: the share at which so many samples or more would give the
    expected answer with probability 1 − confidence. Ten of ten samples prove, at 95 %, a share of 0.74 only.

    References
    ----------
    C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26 (1934) 404–413.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.qualitative_homogeneity(["pos"] * 10, ["pos"] * 10)
    >>> found.share.tolist(), found.least_share.round(3).tolist()
    ([1.0], [0.741])
    """
    column = labels("answers", answers, np.size(answers))
    right = column == labels("expected", expected, column.size)
    by = cells(column.size, groups)
    n, k = by.count(), by.count(right)
    least = betaincinv(np.maximum(k, 1), n - k + 1, 1 - between_0_and_1("confidence", confidence))
    least_share = np.where(n > 0, np.where(k > 0, least, 0.0), np.nan)
    return QualitativeHomogeneity(by.labels, n, k, ratio(k, n), least_share)


def _there(answered: ArrayLike | None, n: int) -> BoolArray:
    return np.ones(n, dtype=np.bool_) if answered is None else flags("answered", answered, n)


def _largest(weights: FloatArray, by: Cells) -> tuple[IntArray, BoolArray]:
    """Return the place of the largest weight of each group, −1 for a group without any, and whether it is shared."""
    rounding = 1 - 8 * np.finfo(np.float64).eps
    g = by.labels.size
    most = np.zeros(g)
    np.maximum.at(most, by.code, weights)
    top = np.flatnonzero((weights >= most[by.code] * rounding) & (most[by.code] > 0))
    best = np.full(g, -1, dtype=np.intp)
    best[by.code[top[::-1]]] = top[::-1]
    tied: BoolArray = np.bincount(by.code[top], minlength=g) > 1
    return best, tied


def _at(of_each: FloatArray, places: IntArray) -> FloatArray:
    found = np.full(places.size, np.nan)
    found[places >= 0] = of_each[places[places >= 0]]
    return found
