"""Which result follows which: labels become links, in the caller's order where that already is the right one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import IntArray, codes, labels, read_only
from lienthong.metrology._compiled import in_parts
from lienthong.metrology.westgard import _links

Labels = NDArray[np.generic]
NOT_GIVEN: Labels = read_only(np.empty(0, dtype=np.int64))
PART = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """Results by series since the last reset, in it by run and then by level.

    ``links`` says of each place which level it holds and whether a run or series begins. ``order`` leads from places
    to the caller's positions, ``place`` back; both are None where they are the same.
    """

    links: NDArray[np.uint16]
    pieces: NDArray[np.int64]
    starts: NDArray[np.int64]
    order: IntArray | None
    place: IntArray | None


def arranged(
    n: int,
    *,
    series: ArrayLike | None,
    run: ArrayLike | None,
    level: ArrayLike | None,
    segment: ArrayLike | None,
    lot: ArrayLike | None,
) -> Order:
    """Return the order of `n` results; without `run` each is a run of its own."""
    of_series, of_level = _column("series", series, n), _column("level", level, n)
    of_segment, of_run = _column("segment", segment, n), _column("run", run, n)
    if lot is not None:
        of_segment = _with_lots(_filled(of_segment, n), labels("lot", lot, n), of_series, of_level, n)
    of_level, is_small = _small(of_level)
    links = np.empty(n, dtype=np.uint16)
    if is_small and in_order(n, of_series, of_segment, of_run, of_level, links):
        pieces, starts = _links.pieces(links)
        return Order(links, pieces, starts, None, None)
    return _sorted(n, of_series, of_segment, of_run, of_level)


def in_order(n: int, series: Labels, segment: Labels, run: Labels, level: Labels, links: NDArray[np.uint16]) -> bool:
    """Fill the links, and return whether the results stand in order; otherwise the links say nothing."""
    return all(in_parts(_links.link, n, series, segment, run, level, links, at_least=PART))


def _sorted(n: int, series: Labels, segment: Labels, run: Labels, level: Labels) -> Order:
    since_reset, _ = codes(_filled(series, n), _filled(segment, n))
    _check_segments(codes(_filled(series, n))[0], since_reset)
    by_run, first = codes(since_reset, run if run.size else np.arange(n))
    appears, by_level = first[by_run], _ranks(since_reset, _filled(level, n))
    order = np.lexsort((by_level, appears, since_reset))
    place = np.empty(n, dtype=np.intp)
    place[order] = np.arange(n)
    links = np.empty(n, dtype=np.uint16)
    in_parts(
        _links.link,
        n,
        _plain(since_reset[order]),
        NOT_GIVEN,
        _plain(by_run_number(appears[order])),
        _plain(by_level[order]),
        links,
        at_least=PART,
    )
    pieces, starts = _links.pieces(links)
    return Order(links, pieces, starts, order, place)


def by_run_number(appears: IntArray) -> IntArray:
    """Return runs that stand together as numbers that rise from run to run."""
    number = np.zeros(appears.size, dtype=np.intp)
    number[1:] = np.cumsum(appears[1:] != appears[:-1])
    return number


def _ranks(series: IntArray, level: Labels) -> IntArray:
    """Return the rank of each level among those of its series."""
    both, first = codes(series, level)
    begin = np.full(int(series.max()) + 1 if series.size else 0, both.size, dtype=np.intp)
    np.minimum.at(begin, series[first], np.arange(first.size))
    ranks: IntArray = both - begin[series]
    if ranks.size and ranks.max() >= _links.MOST_LEVELS:
        raise ValueError(f"level must have fewer than {_links.MOST_LEVELS} values in a series, but has more")
    return ranks


def _column(name: str, given: ArrayLike | None, n: int) -> Labels:
    """Return labels as whole numbers in the order of the labels; of no length where none are given."""
    if given is None:
        return NOT_GIVEN
    array = labels(name, given, n)
    if array.dtype.kind == "b":
        return _plain(array.view(np.int8))
    if array.dtype.kind in "iu":
        return _plain(array)
    if array.dtype.kind == "M":
        return _plain(array.view(np.int64))
    return _plain(codes(array)[0])


def _plain(column: Labels) -> Labels:
    return read_only(np.ascontiguousarray(column))


def _small(level: Labels) -> tuple[Labels, bool]:
    """Return levels as they are where they are small whole numbers, else as codes; and whether they fit a link."""
    if level.size and (level.min() < 0 or level.max() >= _links.MOST_LEVELS):
        level = _plain(codes(level)[0])
        return level, bool(level.max() < _links.MOST_LEVELS)
    return level, True


def _filled(column: Labels, n: int) -> Labels:
    return column if column.size else np.zeros(n, dtype=np.int64)


def _with_lots(segment: Labels, lot: Labels, series: Labels, level: Labels, n: int) -> IntArray:
    """Return a count of resets and of changes of lot, of any level, behind each result of a series."""
    by, _ = codes(_filled(series, n), _filled(level, n))
    in_time = np.argsort(by, kind="stable")
    changes = np.zeros(n, dtype=np.bool_)
    changes[in_time[1:]] = (lot[in_time[1:]] != lot[in_time[:-1]]) & (by[in_time[1:]] == by[in_time[:-1]])
    in_series = np.argsort(_filled(series, n), kind="stable")
    of_series = _filled(series, n)[in_series]
    same = of_series[1:] == of_series[:-1]
    restarts = changes[in_series]
    restarts[1:] |= (segment[in_series][1:] != segment[in_series][:-1]) & same
    counted = np.empty(n, dtype=np.intp)
    counted[in_series] = np.cumsum(restarts)
    return counted


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
