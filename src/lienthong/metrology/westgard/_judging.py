"""Judges pieces of results: lays each out as sequences, lets the rules run over them, and writes what they hit."""

from __future__ import annotations

import numpy as np

from lienthong.metrology._compiled import compiled
from lienthong.metrology.westgard import _bits, _layout
from lienthong.metrology.westgard._links import MOST_LEVELS

BEYOND, SOME_BEYOND, ONE_SIDE, TREND, OPPOSITE, RANGE, JUMP = range(7)
WITHIN_LEVEL, ACROSS_SERIES, ACROSS_RUN = range(3)
FORM, N, M, LIMIT, SCOPE = range(5)


@compiled
def judge(begin, end, pieces, homes, values, mean, sd, spread, columns, links, excluded, cuts, rules, masks):
    """Judge the pieces from `begin` to `end`; return False if a value, mean or SD is impossible."""
    reach, depth = _reach(rules)
    counts = np.zeros(MOST_LEVELS, dtype=np.int32)
    room, possible = 0, True
    z, lane_z = np.empty(0), np.empty(0)
    src, lane_src = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    level, linked = np.empty(0, dtype=np.uint16), np.empty(0, dtype=np.uint16)
    scratch = np.empty((0, 0), dtype=np.uint16)
    for piece in range(begin, end):
        first, last, ordinal = pieces[piece, 0], pieces[piece, 1], pieces[piece, 2]
        look = _layout.look_back(first, last, links, values, excluded, reach, counts)
        if 2 * (last - look) + 64 > room:
            room = 2 * (last - look) + 64
            z, lane_z = np.empty(room), np.empty(room)
            src, lane_src = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
            level, linked = np.empty(room, dtype=np.uint16), np.empty(room, dtype=np.uint16)
            scratch = np.empty((5 + 3 * depth, room), dtype=np.uint16)
        hits = scratch[0]
        hits[:] = 0
        stride, size = _layout.lay_out(
            look, last, ordinal, homes, values, mean, sd, spread, columns, links, excluded, z, linked
        )
        if not stride:
            fine, size = _layout.gather(
                look, last, ordinal, homes, values, mean, sd, spread, columns, links, excluded, z, src, level, linked
            )
            possible &= fine
            masks[first:last] = 0
        for across in (True, False):
            if across or not stride:
                _bits.flag(z, cuts, scratch[1], size)
            _run(z, linked, cuts, rules, across, stride, size, scratch)
            if not stride:
                _layout.scatter(src, hits, size, first, masks)
                size = _layout.lanes(z, src, level, size, counts, lane_z, lane_src) if across else size
                z, lane_z, src, lane_src = lane_z, z, lane_src, src
        if stride:
            _layout.copy(look, first, last, stride, links, hits, masks)
    return possible


@compiled
def _reach(rules):
    """Return how many results a rule may look at and one more, and how many doublings of one reach that."""
    reach, depth = 1, 2
    for rule in range(rules.shape[0]):
        reach = max(reach, rules[rule, N] + 1)
    while 1 << depth <= reach:
        depth += 1
    return reach, depth


@compiled
def _run(z, linked, cuts, rules, across, run, size, scratch):
    """Let the rules within levels, or those across them, run over a layout and set their bits in its first row.

    `run` is how many results every run holds, or 0 where they were gathered.
    """
    longest = 0
    for rule in range(rules.shape[0]):
        if (rules[rule, SCOPE] != WITHIN_LEVEL) == across and rules[rule, FORM] in (BEYOND, SOME_BEYOND, ONE_SIDE):
            longest = max(longest, rules[rule, N] + 1)
    step = 1 if across else max(run, 1)
    depth = (scratch.shape[0] - 5) // 3
    if longest:
        _bits.halves(scratch[1], scratch[5 : 5 + depth], longest, step, size)
    if longest and across:
        _bits.halves(linked, scratch[5 + depth : 5 + 2 * depth], longest, 1, size)
    for rule in range(rules.shape[0]):
        if (rules[rule, SCOPE] != WITHIN_LEVEL) == across:
            _apply(z, linked, cuts, rules[rule], rule, across, step, run, size, scratch)


@compiled
def _apply(z, linked, cuts, asked, rule, across, step, run, size, scratch):
    """Let one rule run.

    The rows of `scratch` are hits, words, three of room, and then a third of the rest each for the halves of windows
    of words, of links, and room for those of steps.
    """
    depth = (scratch.shape[0] - 5) // 3
    hits, words, found, there, longer = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    powers, chain, steps = scratch[5 : 5 + depth], scratch[5 + depth : 5 + 2 * depth], scratch[5 + 2 * depth :]
    form, n, m, limit = asked[FORM], asked[N], asked[M], asked[LIMIT]
    if form == JUMP:
        _bits.jump(z, cuts[limit], step, rule, hits, size)
    elif form == OPPOSITE:
        _bits.both_sides_in_run(words, linked, run, limit, rule, hits, size)
    elif form == RANGE:
        _bits.range_in_run(z, cuts[limit], linked, run, rule, hits, size)
    elif form == TREND:
        _bits.trend(z, step, size, found)
        _bits.halves(found, steps, n - 1, step, size)
        _bits.window(steps, n - 1, step, size, found)
        _bits.either_side(found, 0, rule, hits, size)
    elif form == SOME_BEYOND:
        _bits.windows_there(powers, chain, n, step, across, size, there, longer)
        _bits.some_of(words, there, longer, limit, m, n, step, rule, hits, size)
    elif across:
        _bits.window(powers, n, step, size, found)
        _bits.window(chain, n - 1, 1, size, there)
        _bits.keep_across(found, there, asked[SCOPE] == ACROSS_RUN, size)
        _bits.either_side(found, limit, rule, hits, size)
    else:
        _bits.in_a_row(powers, n, step, limit, rule, hits, size)
