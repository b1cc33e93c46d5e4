"""Which result follows which: orders of the judged results, and where each sequence begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, codes, labels
from lienthong.metrology.westgard._grammar import Scope


@dataclass(frozen=True, slots=True)
class Sequence:
    """Judged results in an order in which results of one sequence stand together.

    ``order`` holds positions in the caller's arrays; ``start``, for each place of the order, the place where its
    sequence begins; ``place`` leads from a caller's position back to the order (−1 where nothing was judged).
    """

    order: IntArray
    start: IntArray
    place: IntArray
    z: FloatArray
    level: IntArray


@dataclass(frozen=True, slots=True)
class Keys:
    """For each value: its series since the last reset, its run (by first appearance) and its level, as codes."""

    series: IntArray
    run: IntArray
    level: IntArray


def keys(
    n: int, *, series: ArrayLike | None, run: ArrayLike | None, level: ArrayLike | None, segment: ArrayLike | None
) -> Keys:
    """Return the keys of `n` values; without `run` each value is a run of its own."""
    series_labels = _column("series", series, n)
    segment_labels = _column("segment", segment, n)
    since_reset, _ = codes(series_labels, segment_labels)
    _check_segments(codes(series_labels)[0], since_reset)
    run_labels = np.arange(n) if run is None else labels("run", run, n)
    run_code, first = codes(since_reset, run_labels)
    return Keys(series=since_reset, run=first[run_code], level=codes(_column("level", level, n))[0])


def sequence(scope: Scope, *, z: FloatArray, judged: BoolArray, by: Keys) -> Sequence:
    """Return the judged results in the order of `scope`."""
    at = np.flatnonzero(judged)
    series, run, level = by.series[at], by.run[at], by.level[at]
    key: tuple[IntArray, ...]
    if scope is Scope.LEVEL:
        key, sorting = (series, level), np.lexsort((level, series))
    else:
        key, sorting = (series, run), np.lexsort((level, run, series))
    if scope is Scope.SERIES:
        key = (series,)
    order = at[sorting]
    place = np.full(judged.size, -1, dtype=np.intp)
    place[order] = np.arange(order.size)
    return Sequence(
        order=order,
        start=_starts(tuple(column[sorting] for column in key), order.size),
        place=place,
        z=z[order],
        level=by.level[order],
    )


def _column(name: str, given: ArrayLike | None, n: int) -> NDArray[np.generic]:
    return np.zeros(n, dtype=np.intp) if given is None else labels(name, given, n)


def _starts(key: tuple[IntArray, ...], n: int) -> IntArray:
    """Return, for each place, the first place of the run of equal keys that it stands in."""
    changes = np.zeros(n, dtype=np.bool_)
    for column in key:
        changes[1:] |= column[1:] != column[:-1]
    starts: IntArray = np.maximum.accumulate(np.where(changes, np.arange(n), 0))
    return starts


def _check_segments(series: IntArray, since_reset: IntArray) -> None:
    """Refuse a segment that returns after another: a series has one count of resets, not one lot per level."""
    in_time = np.argsort(series, kind="stable")
    ordered = since_reset[in_time]
    stretches = int(np.count_nonzero(ordered[1:] != ordered[:-1])) + min(ordered.size, 1)
    if stretches != np.unique(ordered).size:
        raise ValueError(
            "segment must not return to an earlier value within a series; "
            "count the resets of the whole series, not the lots of each level"
        )
