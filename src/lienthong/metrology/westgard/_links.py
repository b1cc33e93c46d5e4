"""How each result hangs on the one before it, and into which pieces the work is cut."""

from __future__ import annotations

import numpy as np

from lienthong.metrology._compiled import compiled

NEW_SERIES = np.uint16(1 << 15)
NEW_RUN = np.uint16(1 << 14)
LEVEL = np.uint16((1 << 14) - 1)
MOST_LEVELS = 1 << 14
PIECE = 4096


@compiled
def link(begin, end, series, segment, run, level, links):
    """Write the link of each result: its level, whether a run, and whether a series begins with it.

    An array of no length stands for labels that are not given. Returns whether the results are in order: by series,
    in it by segment, run and level.
    """
    if begin == 0 and end > 0:
        links[0] = NEW_SERIES | NEW_RUN | (np.uint16(level[0]) if level.size else np.uint16(0))
    ordered = True
    for first in range(max(begin, 1), end, PIECE):
        ordered &= _link_piece(first, min(first + PIECE, end), series, segment, run, level, links)
    return ordered


@compiled
def _link_piece(first, end, series, segment, run, level, links):
    """Do the same for results that stay in the processor's nearest memory while mark after mark is set."""
    here, both = links[first:end], NEW_SERIES | NEW_RUN
    for i in range(here.size):
        here[i] = 0
    wrong = np.uint16(0)
    if series.size:
        wrong |= _mark(series[first:end], series[first - 1 : end - 1], both, here)
    if segment.size:
        wrong |= _mark(segment[first:end], segment[first - 1 : end - 1], both, here)
    if run.size:
        wrong |= _mark(run[first:end], run[first - 1 : end - 1], NEW_RUN, here)
    else:
        for i in range(here.size):
            here[i] |= NEW_RUN
    if level.size:
        later, earlier = level[first:end], level[first - 1 : end - 1]
        for i in range(here.size):
            wrong = np.uint16(wrong | (np.uint16(later[i] < earlier[i]) & np.uint16(here[i] == 0)))
            here[i] |= np.uint16(later[i])
    return wrong == 0


@compiled
def _mark(later, earlier, mark, here):
    """Set the mark where a label changes; return 1 if one falls where nothing above it changes."""
    wrong = np.uint16(0)
    for i in range(here.size):
        wrong = np.uint16(wrong | (np.uint16(later[i] < earlier[i]) & np.uint16(here[i] < NEW_SERIES)))
        here[i] |= mark if later[i] != earlier[i] else np.uint16(0)
    return wrong


@compiled
def pieces(links):
    """Return pieces of about 4096 results, shape (pieces, 3), and the first place of each series.

    A piece is its first result, its end, and how many series began before it. Whole series stay together as long as
    their first runs have as many results; a longer series is cut between runs.
    """
    n = links.size
    found, count = np.empty((n // PIECE * 2 + 16, 3), dtype=np.int64), 0
    starts, number = np.empty(1024, dtype=np.int64), 0
    begin, in_run = 0, -1
    while begin < n:
        here = following(links, begin, NEW_RUN, n) - begin
        end = following(links, begin, NEW_SERIES, n)
        if number == starts.size:
            starts = np.concatenate((starts, np.empty_like(starts)))
        starts[number] = begin
        if here == in_run and end - found[count - 1, 0] <= PIECE:
            found[count - 1, 1] = end
        else:
            first = begin
            while first < end:
                last = end if end - first <= PIECE else following(links, first + PIECE - 1, NEW_RUN, end)
                if count == found.shape[0]:
                    found = np.concatenate((found, np.empty_like(found)))
                found[count, 0], found[count, 1], found[count, 2] = first, last, number
                count, first = count + 1, last
            in_run = here if found[count - 1, 0] == begin else -1
        number, begin = number + 1, end
    return found[:count], starts[:number]


@compiled
def following(links, after, mark, end):
    """Return the first place behind `after` that bears the mark, or `end`."""
    i = after + 1
    while i + 64 <= end:
        found = np.uint16(0)
        for one in links[i : i + 64]:
            found = np.uint16(found | one)
        if found & mark:
            break
        i += 64
    while i < end and not links[i] & mark:
        i += 1
    return i
