"""What several rounds say together: the event alone, k of the last n events, or the mean over a cycle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, codes, flat, labels
from lienthong.metrology._cells import ratio

ROUNDING = 1e-9
"""Percentages are quotients: 66.7 from 2 of 3 and a mean of such must reach a threshold they equal on paper."""


class Performance(StrEnum):
    """What rounds say of a participant."""

    SUCCESSFUL = "successful"
    UNSUCCESSFUL = "unsuccessful"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Event:
    """Each round by itself: successful with at least `threshold` percent."""

    threshold: float

    def __post_init__(self) -> None:
        _check_threshold(self.threshold)


@dataclass(frozen=True, slots=True)
class KOfLast:
    """Unsuccessful when at least `k` of the last `n` rounds are below `threshold` percent; else successful."""

    k: int
    n: int
    threshold: float

    def __post_init__(self) -> None:
        _check_threshold(self.threshold)
        if not 1 <= self.k <= self.n:
            raise ValueError(f"k must be at least 1 and at most n, but got {self.k} of {self.n}")


@dataclass(frozen=True, slots=True)
class Cycle:
    """The mean percentage over all rounds of a cycle: successful with at least `threshold` percent."""

    threshold: float

    def __post_init__(self) -> None:
        _check_threshold(self.threshold)


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate:
    """What the rounds say of each participant and analyte (and cycle), and what they said after each round.

    `participants`, `analytes`, `cycles`, `performance`, `percent` (mean of the known rounds), `rounds` and `missing`
    (rounds without a percentage) have shape (g,), sorted by participant, analyte and cycle; `analytes` and `cycles` are
    0 throughout where none were given. `after_each`, shape (n,), is in the order of the input: what the rounds up to
    that one said, or under `Cycle` what the whole cycle says. Both hold the values of `Performance`.
    """

    participants: NDArray[np.generic]
    analytes: NDArray[np.generic]
    cycles: NDArray[np.generic]
    performance: NDArray[np.str_]
    percent: FloatArray
    rounds: IntArray
    missing: IntArray
    after_each: NDArray[np.str_]


def aggregate(
    percent: ArrayLike,
    rule: Event | KOfLast | Cycle,
    *,
    rounds: ArrayLike,
    participants: ArrayLike,
    analytes: ArrayLike | None = None,
    cycles: ArrayLike | None = None,
    missing_fails: bool = False,
) -> Aggregate:
    """Return what rounds say together, for each participant and analyte.

    Parameters
    ----------
    percent : shape (n,), percent from 0 to 100
        Share of acceptable results of a participant and analyte in a round; with one sample a round it is 0 or 100.
        nan is a round that was missed or not evaluated.
    rule : Event, KOfLast or Cycle
        How rounds are taken together.
    rounds : shape (n,), integers, strings or dates
        Sorted, they are in order of time.
    participants, analytes : shape (n,), integers or strings
        Whose percentage it is, and of what; one analyte if None.
    cycles : shape (n,), integers, strings or dates
        Year or cycle of each round; one if None. Under `KOfLast` rounds are counted within a cycle: give none to count
        across years.
    missing_fails : bool
        A round with nan counts as 0 percent, as regulators have it for results not returned; else it stays unknown.

    Returns
    -------
    Aggregate
        ``unknown`` where the missing rounds could decide either way; where they could not, the verdict.

    Raises
    ------
    ValueError
        If a percentage is outside 0 to 100, a participant has a round of an analyte twice, or the lengths differ.

    Notes
    -----
    A round without a row was not asked of the participant and isn't counted: give nan for one that was missed.
    `KOfLast` with fewer than n rounds so far judges those there are: k failures are needed all the same.

    References
    ----------
    42 CFR 493.2 (unsuccessful: two consecutive, or two of three consecutive events) and 493.841 to 493.865,
    https://www.law.cornell.edu/cfr/text/42/493.2. ISO 13528:2022, 10.8 (several rounds).

    Examples
    --------
    One sample a round; two failures in the last three rounds are unsuccessful.

    >>> from lienthong.metrology import iso13528
    >>> two_of_three = iso13528.KOfLast(k=2, n=3, threshold=80)
    >>> found = iso13528.aggregate([100, 0, 100, 0, 100], two_of_three, rounds=[1, 2, 3, 4, 5], participants=["A"] * 5)
    >>> found.after_each.tolist()
    ['successful', 'successful', 'successful', 'unsuccessful', 'successful']
    >>> found = iso13528.aggregate([100, 0, 100, 0, 100], iso13528.Cycle(60), rounds=range(5), participants=["A"] * 5)
    >>> found.performance.tolist(), found.percent.tolist()
    (['successful'], [60.0])
    """
    scores = _percentages(percent)
    rows = _rows(scores.size, rounds, participants, analytes, cycles)
    in_order = scores[rows.order]
    counted = np.where(np.isnan(in_order), 0.0, in_order) if missing_fails else in_order
    after = _after_each(counted, rule, rows)
    last = rows.begin + rows.n - 1
    after_each = np.empty(scores.size, dtype=after.dtype)
    after_each[rows.order] = after
    there = ~np.isnan(counted)
    return Aggregate(
        participants=rows.participants,
        analytes=rows.analytes,
        cycles=rows.cycles,
        performance=after[last],
        percent=ratio(rows.sums(np.where(there, counted, 0.0)), rows.sums(there * 1.0)),
        rounds=rows.n,
        missing=rows.sums(np.isnan(in_order) * 1.0).astype(np.intp),
        after_each=after_each,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows in order of participant, analyte, cycle and round; `code` is the cell of each row in that order."""

    participants: NDArray[np.generic]
    analytes: NDArray[np.generic]
    cycles: NDArray[np.generic]
    order: IntArray
    code: IntArray
    begin: IntArray
    n: IntArray

    def sums(self, of_each: FloatArray) -> FloatArray:
        return np.bincount(self.code, weights=of_each, minlength=self.n.size).astype(np.float64, copy=False)


def _check_threshold(threshold: float) -> None:
    if not 0 < threshold <= 100:
        raise ValueError(f"threshold must be above 0 and at most 100 percent, but got {threshold}")


def _percentages(percent: ArrayLike) -> FloatArray:
    scores = flat("percent", percent)
    wrong = (scores < 0) | (scores > 100)
    if np.any(wrong):
        at = np.flatnonzero(wrong)[0]
        raise ValueError(f"percent must be from 0 to 100, but got {scores[at]} at position {at}")
    return scores


def _rows(
    n: int, rounds: ArrayLike, participants: ArrayLike, analytes: ArrayLike | None, cycles: ArrayLike | None
) -> _Rows:
    one = np.zeros(n, dtype=np.intp)
    who = labels("participants", participants, n)
    what = one if analytes is None else labels("analytes", analytes, n)
    when = one if cycles is None else labels("cycles", cycles, n)
    code, first = codes(who, what, when)
    column = labels("rounds", rounds, n)
    place, once = codes(code, column)
    if once.size < n:
        twice = once[np.flatnonzero(np.bincount(place) > 1)[0]]
        raise ValueError(
            "rounds must hold each round once for a participant and analyte, but "
            f"round {column[twice]} of {who[twice]} is there twice"
        )
    order = np.argsort(place)
    count = np.bincount(code, minlength=first.size)
    return _Rows(who[first], what[first], when[first], order, code[order], np.cumsum(count) - count, count)


def _after_each(percent: FloatArray, rule: Event | KOfLast | Cycle, rows: _Rows) -> NDArray[np.str_]:
    if isinstance(rule, Cycle):
        return _cycle(percent, rule, rows)
    unknown = np.isnan(percent)
    failed = percent < rule.threshold - ROUNDING
    if isinstance(rule, Event):
        return _words(failed, ~failed & ~unknown)
    return _k_of_last(failed, unknown, rule, rows)


def _k_of_last(failed: BoolArray, unknown: BoolArray, rule: KOfLast, rows: _Rows) -> NDArray[np.str_]:
    here = np.arange(failed.size)
    since = np.maximum(rows.begin[rows.code], here - rule.n + 1)
    failures = _counted_before(failed)
    doubts = _counted_before(unknown)
    certain = failures[here + 1] - failures[since]
    possible = certain + doubts[here + 1] - doubts[since]
    return _words(certain >= rule.k, possible < rule.k)


def _cycle(percent: FloatArray, rule: Cycle, rows: _Rows) -> NDArray[np.str_]:
    """Judge the mean as if every missing round had been 0, and as if it had been 100."""
    lowest = rows.sums(np.where(np.isnan(percent), 0.0, percent)) / rows.n
    highest = rows.sums(np.where(np.isnan(percent), 100.0, percent)) / rows.n
    bar = rule.threshold - ROUNDING
    return _words(highest < bar, lowest >= bar)[rows.code]


def _counted_before(flags: BoolArray) -> IntArray:
    return np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(flags)])


def _words(unsuccessful: BoolArray, successful: BoolArray) -> NDArray[np.str_]:
    words = [Performance.UNSUCCESSFUL.value, Performance.SUCCESSFUL.value]
    read: NDArray[np.str_] = np.select([unsuccessful, successful], words, default=Performance.UNKNOWN.value)
    return read
