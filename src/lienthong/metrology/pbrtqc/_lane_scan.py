"""Flags of moving means and EWMAs, thirty-two streams at a time.

The values of a batch of streams are turned into tiles in cache, a row for each step and a lane for each stream. Only
what enters a statistic stands in a tile, so that all lanes count alike; where a lane's values stood is remembered for
the few that are flagged.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray
from lienthong.metrology._compiled import compiled
from lienthong.metrology.pbrtqc._lanes import LANES, SQUARE, bits, everywhere, load, store, transpose
from lienthong.metrology.pbrtqc._running import MEAN, NO_ERROR, PLAIN, Plan, gather, plan_from, transformed

# Long enough that memory is read in whole stretches, short enough that tile and windows stay in cache.
STEPS = 128
MOST = np.finfo(np.float64).max
LEAST = np.nextafter(0.0, 1.0)


@compiled
def flags_in_lanes(
    begin: int,
    end: int,
    values: FloatArray,
    starts: IntArray,
    ends: IntArray,
    plans: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    flagged: BoolArray,
    rows: IntArray,
) -> int:
    """Write flags of batches begin … end − 1, and return the place of an impossible result.

    `starts` and `ends` have shape (batches, LANES), `lower` and `upper` (plans, batches, LANES); plan p writes row
    ``rows[p]`` of `flagged`. Plans are rows for `plan_from`, and prepare values alike. Limits of a mean are those of
    its sum.
    """
    wrong = NO_ERROR
    tile = _aligned(STEPS)
    origin = np.zeros((LANES, STEPS), np.int64)
    hits = np.zeros(STEPS, np.uint32)
    preparing, first_rows = plan_from(plans[0]), _first_rows(plans)
    kept = _aligned(first_rows[-1])
    for batch in range(begin, end):
        place, filled = starts[batch].copy(), np.zeros(LANES, np.int64)
        kept[:] = 0.0
        count = 0
        while _any_left(place, ends[batch]):
            wrong = min(wrong, _fill(values, place, ends[batch], preparing, tile, origin, filled))
            steps = filled.max()
            for p in range(len(plans)):
                plan, limits = plan_from(plans[p]), (lower[p, batch], upper[p, batch])
                if plan.kind == MEAN:
                    any_hit = _scan_mean(tile, steps, count, plan, kept, first_rows[p], limits, hits)
                else:
                    any_hit = _scan_ewma(tile, steps, count, plan, kept, first_rows[p], limits, hits)
                if any_hit:
                    _write(hits, steps, origin, filled, flagged[rows[p]])
            count += steps
    return wrong


@compiled
def _aligned(rows: int) -> FloatArray:
    """Return zeros for rows of LANES that begin where a cache line does: a vector across two lines costs twice."""
    line = 64
    room = np.zeros(rows * LANES + line // 8)
    skip = -room.ctypes.data % line // 8
    return room[skip : skip + rows * LANES]


@compiled
def _first_rows(plans: FloatArray) -> IntArray:
    """Return where each plan's rows of memory begin, and last where they end."""
    rows = np.zeros(len(plans) + 1, np.int64)
    for p in range(len(plans)):
        plan = plan_from(plans[p])
        rows[p + 1] = rows[p] + (plan.window + 2 if plan.kind == MEAN else 1)
    return rows


@compiled
def _any_left(place: IntArray, ends: IntArray) -> bool:
    left = False
    for lane in range(LANES):
        left |= place[lane] < ends[lane]
    return left


@compiled
def _fill(
    values: FloatArray,
    place: IntArray,
    ends: IntArray,
    plan: Plan,
    tile: FloatArray,
    origin: IntArray,
    filled: IntArray,
) -> int:
    """Fill the tile with the next values that enter, and move `place` behind them.

    A lane that took its values as they stand has ``origin[lane, STEPS - 1]`` −1 and only the first place of them.
    """
    single = np.uint32(0)
    for first in range(0, LANES, SQUARE):
        single |= _fill_square(values, place, ends, first, plan, tile) << np.uint32(first)
    if plan.transformation != PLAIN:
        for at in range(tile.size):
            tile[at] = transformed(tile[at], plan)
    wrong = NO_ERROR
    for lane in range(LANES):
        if single >> np.uint32(lane) & np.uint32(1):
            k, place[lane], bad = gather(values, place[lane], ends[lane], plan, STEPS, tile[lane:], LANES, origin[lane])
            wrong, filled[lane] = min(wrong, bad), k
        else:
            filled[lane] = STEPS
            origin[lane, 0] = place[lane]
            origin[lane, STEPS - 1] = -1
            place[lane] += STEPS
    return wrong


@compiled
def _fill_square(values: FloatArray, place: IntArray, ends: IntArray, first: int, plan: Plan, tile: FloatArray) -> Any:
    """Fill SQUARE lanes from the next STEPS values of each; return bits of the lanes where that won't do."""
    single = np.uint32(0)
    readable = -1
    for c in range(SQUARE):
        if ends[first + c] - place[first + c] >= STEPS:
            readable = place[first + c]
        else:
            single |= np.uint32(1) << np.uint32(c)
    if readable < 0:
        return single
    source = np.empty(LANES, np.int64)
    for c in range(SQUARE):
        source[first + c] = readable if single >> np.uint32(c) & np.uint32(1) else place[first + c]
    low, high = (plan.low, plan.high) if plan.exclude else (-np.inf, np.inf)
    held_low, held_high = (-np.inf, np.inf) if plan.exclude else (plan.low, plan.high)
    low, high = max(low, LEAST if plan.takes_logarithms else -MOST), min(high, MOST)
    for step in range(0, STEPS, SQUARE):
        single |= transpose(values, source, first, step, tile, low, high, held_low, held_high)
    return single


@compiled
def _scan_mean(
    tile: FloatArray,
    steps: int,
    count: int,
    plan: Plan,
    kept: FloatArray,
    first_row: int,
    limits: tuple[FloatArray, FloatArray],
    hits: FloatArray,
) -> bool:
    """Write bits of the lanes beyond their limits at each step; the running mean of one stream, in lanes."""
    lower, upper = load(limits[0], 0), load(limits[1], 0)
    last_row = first_row + plan.window + 1
    total = load(kept, last_row)
    at = count % plan.window
    any_hit = np.uint32(0)
    for k in range(steps):
        value = load(tile, k)
        total = total + value
        joined = total + load(kept, first_row + at + 1)
        store(kept, first_row + at, value)
        hits[k] = bits((joined < lower) | (joined > upper))
        at += 1
        if at == plan.window:
            at = 0
            total = everywhere(0.0)
            _close_block(kept, first_row, plan.window)
        any_hit |= _only_due(hits, k, count, plan)
    store(kept, last_row, total)
    return bool(any_hit != 0)


@compiled
def _close_block(kept: FloatArray, first_row: int, window: int) -> None:
    rest = everywhere(0.0)
    for back in range(first_row + window - 1, first_row - 1, -1):
        rest = load(kept, back) + rest
        store(kept, back, rest)


@compiled
def _scan_ewma(
    tile: FloatArray,
    steps: int,
    count: int,
    plan: Plan,
    kept: FloatArray,
    row: int,
    limits: tuple[FloatArray, FloatArray],
    hits: FloatArray,
) -> bool:
    lower, upper = load(limits[0], 0), load(limits[1], 0)
    weight = everywhere(plan.weight)
    average = load(kept, row)
    if count == 0:
        average = load(tile, 0) if math.isnan(plan.start) else everywhere(plan.start)
    any_hit = np.uint32(0)
    for k in range(steps):
        average = average + weight * (load(tile, k) - average)
        hits[k] = bits((average < lower) | (average > upper))
        any_hit |= _only_due(hits, k, count, plan)
    store(kept, row, average)
    return bool(any_hit != 0)


@compiled
def _only_due(hits: FloatArray, k: int, count: int, plan: Plan) -> Any:
    """Take back the hits of a step at which no statistic stands, and return what is left of them."""
    entered = count + k + 1
    if entered < plan.window or (plan.every > 1 and (entered - plan.window) % plan.every):
        hits[k] = np.uint32(0)
    return hits[k]


@compiled
def _write(hits: FloatArray, steps: int, origin: IntArray, filled: IntArray, flagged: BoolArray) -> None:
    for k in range(steps):
        left = hits[k]
        lane = 0
        while left:
            if left & np.uint32(1) and k < filled[lane]:
                whole = filled[lane] == STEPS and origin[lane, STEPS - 1] < 0
                flagged[origin[lane, 0] + k if whole else origin[lane, k]] = True
            left >>= np.uint32(1)
            lane += 1
