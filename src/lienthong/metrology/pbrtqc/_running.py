"""Running statistics of one stream, as compiled loops over pieces of it; the lanes follow the same arithmetic."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray
from lienthong.metrology._compiled import compiled

MEAN, EWMA, SD, MEDIAN = range(4)
PLAIN, LOG, BOX_COX, ABNORMAL = range(4)

PIECE = 256
NO_ERROR = np.iinfo(np.int64).max


class Plan(NamedTuple):
    """An algorithm in numbers, as kernels take it."""

    kind: int
    window: int
    every: int
    weight: float
    start: float
    low: float
    high: float
    exclude: bool
    transformation: int
    first: float
    second: float
    takes_logarithms: bool


@compiled
def plan_from(row: FloatArray) -> Plan:
    """Return the plan whose fields stand in `row`: kernels of many plans take an array, one form for any number."""
    return Plan(
        int(row[0]),
        int(row[1]),
        int(row[2]),
        row[3],
        row[4],
        row[5],
        row[6],
        row[7] != 0,
        int(row[8]),
        row[9],
        row[10],
        row[11] != 0,
    )


@compiled
def transformed(value: float, plan: Plan) -> float:
    """Return `value` in the scale of the statistic; −inf where it has no logarithm."""
    if plan.transformation == PLAIN:
        return value
    if plan.transformation == ABNORMAL:
        return 1.0 if value < plan.first or value > plan.second else 0.0
    if value <= 0:
        return -np.inf
    logarithm = math.log(value)
    if plan.transformation == LOG or plan.first == 0:
        return logarithm
    return math.expm1(plan.first * logarithm) / plan.first


@compiled
def entering(value: float, plan: Plan) -> float:
    """Return what enters the statistic for a result: nan if nothing does, ±inf if the result is impossible."""
    if not abs(value) < np.inf:
        return value
    if plan.exclude:
        if value < plan.low or value > plan.high:
            return np.nan
    else:
        value = min(max(value, plan.low), plan.high)
    entered: float = transformed(value, plan)
    return entered


@compiled
def gather(
    values: FloatArray,
    place: int,
    end: int,
    plan: Plan,
    most: int,
    target: FloatArray,
    stride: int,
    origin: IntArray,
) -> tuple[int, int, int]:
    """Write up to `most` values that enter, `stride` apart, and the places they come from.

    Returns how many were written, the place to go on from, and the place of an impossible result; behind one nothing
    more of the stream is read.
    """
    k = 0
    while place < end and k < most:
        value = entering(np.float64(values[place]), plan)
        if math.isinf(value):
            return k, end, place
        if not math.isnan(value):
            target[k * stride] = value
            origin[k] = place
            k += 1
        place += 1
    return k, place, NO_ERROR


@compiled
def memory_for(plan: Plan) -> tuple[FloatArray, FloatArray]:
    """Return the two arrays in which a stream keeps what it needs from piece to piece."""
    rows = 1 if plan.kind == EWMA else plan.window + 2
    return np.zeros(rows), np.zeros(rows)


@compiled
def scan(
    entered: FloatArray, m: int, count: int, plan: Plan, kept: FloatArray, more: FloatArray, found: FloatArray
) -> None:
    """Write the statistic after each of `m` values, before which `count` have entered; nan where none stands."""
    if plan.kind == MEAN:
        _scan_mean(entered, m, count % plan.window, plan.window, kept, found)
    elif plan.kind == EWMA:
        _scan_ewma(entered, m, count, plan, kept, found)
    elif plan.kind == SD:
        _scan_sd(entered, m, count % plan.window, plan.window, kept, more, found)
    else:
        _scan_median(entered, m, count, plan.window, kept, more, found)
    for k in range(min(m, plan.window - 1 - count)):
        found[k] = np.nan
    if plan.every > 1:
        for k in range(m):
            if (count + k + 1 - plan.window) % plan.every:
                found[k] = np.nan


@compiled
def _scan_mean(entered: FloatArray, m: int, at: int, window: int, kept: FloatArray, found: FloatArray) -> None:
    """Add what is left of the last full block to what came of this one: nothing is ever subtracted, nothing drifts.

    ``kept[at + 1]`` is the sum of the last block from place at + 1 on, while places before `at` hold this block's
    values; ``kept[window + 1]`` is this block's sum.
    """
    total = kept[window + 1]
    for k in range(m):
        total += entered[k]
        found[k] = (total + kept[at + 1]) / window
        kept[at] = entered[k]
        at += 1
        if at == window:
            at, total = 0, 0.0
            for back in range(window - 2, -1, -1):
                kept[back] += kept[back + 1]
    kept[window + 1] = total


@compiled
def _scan_ewma(entered: FloatArray, m: int, count: int, plan: Plan, kept: FloatArray, found: FloatArray) -> None:
    average = kept[0]
    if count == 0 and m:
        average = entered[0] if math.isnan(plan.start) else plan.start
    for k in range(m):
        average += plan.weight * (entered[k] - average)
        found[k] = average
    kept[0] = average


@compiled
def _scan_sd(
    entered: FloatArray, m: int, at: int, window: int, kept: FloatArray, squares: FloatArray, found: FloatArray
) -> None:
    """Join mean and sum of squares of what is left of the last block to those of this one, as `_scan_mean` does."""
    mean, square = kept[window + 1], squares[window + 1]
    for k in range(m):
        value = entered[k]
        off = value - mean
        mean += off / (at + 1)
        square += off * (value - mean)
        rest = window - 1 - at
        joined = square
        if rest:
            apart = mean - kept[at + 1]
            joined += squares[at + 1] + apart * apart * ((at + 1) * rest / window)
        found[k] = math.sqrt(joined / (window - 1))
        kept[at] = value
        at += 1
        if at == window:
            at, mean, square = 0, 0.0, 0.0
            _close_block(window, kept, squares)
    kept[window + 1], squares[window + 1] = mean, square


@compiled
def _close_block(window: int, kept: FloatArray, squares: FloatArray) -> None:
    mean, square = 0.0, 0.0
    for back in range(window - 1, -1, -1):
        value = kept[back]
        off = value - mean
        mean += off / (window - back)
        square += off * (value - mean)
        kept[back], squares[back] = mean, square


@compiled
def _scan_median(
    entered: FloatArray, m: int, count: int, window: int, kept: FloatArray, ordered: FloatArray, found: FloatArray
) -> None:
    """Replace the oldest value of the ordered window, moving only those between its place and the new one's."""
    middle, at = window // 2, count % window
    # Halves first: the sum of two large values must not overflow.
    other = middle if window % 2 else middle - 1
    for k in range(m):
        last = min(count + k, window - 1)
        place = _rank(ordered, window, kept[at]) if count + k >= window else last
        _replace(ordered, place, last, entered[k])
        kept[at] = entered[k]
        found[k] = ordered[middle] if other == middle else 0.5 * ordered[other] + 0.5 * ordered[middle]
        at = 0 if at == window - 1 else at + 1


@compiled
def _rank(ordered: FloatArray, n: int, value: float) -> int:
    """Return the first place of `value` among the first `n`, in which it is."""
    low = 0
    while n > 1:
        half = n // 2
        low += half if ordered[low + half - 1] < value else 0
        n -= half
    return low


@compiled
def _replace(ordered: FloatArray, place: int, last: int, value: float) -> None:
    while place > 0 and ordered[place - 1] > value:
        ordered[place] = ordered[place - 1]
        place -= 1
    while place < last and ordered[place + 1] < value:
        ordered[place] = ordered[place + 1]
        place += 1
    ordered[place] = value


@compiled
def statistics_of(
    begin: int, end: int, values: FloatArray, starts: IntArray, ends: IntArray, plan: Plan, found: FloatArray
) -> int:
    """Write the statistic of each result of streams begin … end − 1, and return the place of an impossible result."""
    wrong = NO_ERROR
    entered, origin, piece = np.empty(PIECE), np.empty(PIECE, np.int64), np.empty(PIECE)
    for stream in range(begin, end):
        kept, more = memory_for(plan)
        place, count = starts[stream], 0
        found[place : ends[stream]] = np.nan
        while place < ends[stream]:
            m, place, bad = gather(values, place, ends[stream], plan, PIECE, entered, 1, origin)
            wrong = min(wrong, bad)
            scan(entered, m, count, plan, kept, more, piece)
            count += m
            for k in range(m):
                found[origin[k]] = piece[k]
    return wrong


@compiled
def flags_of(
    begin: int,
    end: int,
    values: FloatArray,
    starts: IntArray,
    ends: IntArray,
    plan: Plan,
    lower: FloatArray,
    upper: FloatArray,
    flagged: BoolArray,
) -> int:
    """Write which results take the statistic beyond the limits of their stream; else as `statistics_of`."""
    wrong = NO_ERROR
    entered, origin, piece = np.empty(PIECE), np.empty(PIECE, np.int64), np.empty(PIECE)
    for stream in range(begin, end):
        kept, more = memory_for(plan)
        place, count = starts[stream], 0
        while place < ends[stream]:
            m, place, bad = gather(values, place, ends[stream], plan, PIECE, entered, 1, origin)
            wrong = min(wrong, bad)
            scan(entered, m, count, plan, kept, more, piece)
            count += m
            for k in range(m):
                if piece[k] < lower[stream] or piece[k] > upper[stream]:
                    flagged[origin[k]] = True
    return wrong
