"""Simulated errors: how many results pass until a statistic exceeds its limits."""

from __future__ import annotations

import math

import numpy as np

from lienthong.metrology._arrays import FloatArray, IntArray
from lienthong.metrology._compiled import compiled
from lienthong.metrology.pbrtqc._running import EWMA, NO_ERROR, Plan, entering, gather, memory_for, scan

# A detection comes soon or late: short pieces waste little on the first.
PIECE = 32


@compiled
def entered_before(values: FloatArray, starts: IntArray, ends: IntArray, plan: Plan) -> tuple[IntArray, int]:
    """Return how many results of its stream entered before each result, and the place of an impossible one."""
    before, wrong = np.empty(values.size, np.int64), NO_ERROR
    for stream in range(starts.size):
        count = 0
        for i in range(starts[stream], ends[stream]):
            before[i] = count
            entered = entering(values[i], plan)
            count += not math.isnan(entered)
            if math.isinf(entered):
                wrong = min(wrong, i)
    return before, wrong


@compiled
def results_until_flag(
    begin: int,
    end: int,
    values: FloatArray,
    points: IntArray,
    before: IntArray,
    averages: FloatArray,
    factors: FloatArray,
    shifts: FloatArray,
    plan: Plan,
    lower: float,
    upper: float,
    most: int,
    passed: FloatArray,
) -> int:
    """Write, for errors from ``points[begin]`` … on, the number of results up to the flag, inf if there is none.

    Error e makes of a value ``factors[e]·value + shifts[e]``; `passed` has shape (errors, points). Returns the place
    of a result that an error made impossible.
    """
    wrong = NO_ERROR
    for p in range(begin, end):
        kept, more = _state_before(values, points[p], before[points[p]], averages, plan)
        for e in range(factors.size):
            until, bad = _until_flag(
                values, points[p], before[points[p]], factors[e], shifts[e], plan, kept, more, lower, upper, most
            )
            passed[e, p] = until
            wrong = min(wrong, bad)
    return wrong


@compiled
def _state_before(
    values: FloatArray, point: int, count: int, averages: FloatArray, plan: Plan
) -> tuple[FloatArray, FloatArray]:
    """Return a stream's memory before `point`: the last average, or what the last full window leaves."""
    kept, more = memory_for(plan)
    place, found = point, 0
    wanted = 1 if plan.kind == EWMA else plan.window
    while found < min(wanted, count):
        place -= 1
        found += not math.isnan(entering(values[place], plan))
    if plan.kind == EWMA:
        kept[0] = averages[place]
        return kept, more
    window, origin = np.empty(plan.window), np.empty(plan.window, np.int64)
    m, _, _ = gather(values, place, point, plan, plan.window, window, 1, origin)
    scan(window, m, count - m, plan, kept, more, np.empty(plan.window))
    return kept, more


@compiled
def _until_flag(
    values: FloatArray,
    point: int,
    count: int,
    factor: float,
    shift: float,
    plan: Plan,
    kept: FloatArray,
    more: FloatArray,
    lower: float,
    upper: float,
    most: int,
) -> tuple[float, int]:
    kept, more = kept.copy(), more.copy()
    wrongly, entered, found = np.empty(PIECE), np.empty(PIECE), np.empty(PIECE)
    origin = np.empty(PIECE, np.int64)
    done = 0
    while done < most:
        size = min(PIECE, most - done)
        for k in range(size):
            wrongly[k] = factor * values[point + done + k] + shift
        m, _, bad = gather(wrongly, 0, size, plan, size, entered, 1, origin)
        if bad != NO_ERROR:
            return np.inf, point + done + bad
        scan(entered, m, count, plan, kept, more, found)
        for k in range(m):
            if found[k] < lower or found[k] > upper:
                return done + origin[k] + 1.0, NO_ERROR
        count += m
        done += size
    return np.inf, NO_ERROR
