"""Several scores of one participant taken together, and a participant's own place in a round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr

from lienthong.metrology._arrays import FloatArray, IntArray, flat
from lienthong.metrology._cells import cells, ratio


@dataclass(frozen=True, slots=True, eq=False)
class CombinedScores:
    """Rescaled sum and sum of squares of z scores for each group, with the probability of one as large by chance.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given; `n` is
    the number of scores.
    """

    groups: NDArray[np.generic]
    n: IntArray
    rsz: FloatArray
    rsz_p_value: FloatArray
    ssz: FloatArray
    ssz_p_value: FloatArray


def combined_scores(z: ArrayLike, *, groups: ArrayLike | None = None) -> CombinedScores:
    """Return the rescaled sum RSZ and the sum of squares SSZ of z scores.

    Parameters
    ----------
    z : shape (n,)
        Scores; nan is left out.
    groups : shape (n,), integers or strings
        What is taken together, such as a participant's scores of one analyte over a round; all if None.

    Returns
    -------
    CombinedScores
        A group without scores has nan.

    Raises
    ------
    ValueError
        If a score is infinite or the lengths differ.

    Notes
    -----
    RSZ = Σz/√n, normal with mean 0 and SD 1, and SSZ = Σz², χ² with n degrees of freedom, if the scores are independent
    and the participant is as good as σ_pt supposes. `rsz_p_value` is two-sided, `ssz_p_value` the upper tail.

    With care: scores of several analytes from one specimen are not independent; opposite errors cancel in RSZ; and a
    good number over many analytes hides one that is always wrong. The single scores must be read first.

    References
    ----------
    ISO 13528:2022, 9.9 (combined scores, and why not to average). Analytical Methods Committee, "Proficiency testing of
    analytical laboratories: organization and statistical assessment", Analyst 117 (1992) 97–104.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.combined_scores([1.0, 1.0, 1.0, 1.0])
    >>> found.rsz.tolist(), found.ssz.tolist(), found.ssz_p_value.round(3).tolist()
    ([2.0], [4.0], [0.406])
    """
    scores = flat("z", z)
    there = ~np.isnan(scores)
    by = cells(scores.size, groups).only(there)
    n = by.count()
    rsz = ratio(by.sums(scores[there]), np.sqrt(n))
    ssz = np.where(n > 0, by.sums(scores[there] ** 2), np.nan)
    return CombinedScores(
        groups=by.labels,
        n=n,
        rsz=rsz,
        rsz_p_value=2 * ndtr(-np.abs(rsz)),
        ssz=ssz,
        ssz_p_value=chdtrc(n, ssz),
    )


def own_percentile(values: ArrayLike, *, groups: ArrayLike | None = None) -> FloatArray:
    """Return, for each value, the percentage of its group's values that are at or below it.

    Parameters
    ----------
    values : shape (n,)
        What places a participant: its |z|, its deviation, or its result; nan gives nan and isn't counted.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value; all belong to one if None.

    Returns
    -------
    shape (n,), percent
        Above 0 and at most 100. Equal values share the mean of their places.

    Raises
    ------
    ValueError
        If a value is infinite or the lengths differ.

    Notes
    -----
    100·(mean rank among equal values)/p. It tells one participant about itself; it is not meant for a list of
    participants by rank.

    References
    ----------
    ISO 13528:2022, 9.9, on what several scores may and may not be taken for.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.own_percentile([0.3, 2.5, 0.8, 0.8]).tolist()
    [25.0, 100.0, 62.5, 62.5]
    """
    array = flat("values", values)
    there = ~np.isnan(array)
    by = cells(array.size, groups).only(there)
    own = array[there]
    order = np.lexsort((own, by.code))
    code, value = by.code[order], own[order]
    new = np.ones(own.size, dtype=np.bool_)
    new[1:] = (code[1:] != code[:-1]) | (value[1:] != value[:-1])
    run = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    length = np.diff(np.append(first, own.size))
    p = by.count()
    begin = np.cumsum(p) - p
    rank = (first[run] - begin[code]) + (length[run] + 1) / 2
    percentile = np.full(array.size, np.nan)
    percentile[np.flatnonzero(there)[order]] = 100 * rank / p[code]
    return percentile
