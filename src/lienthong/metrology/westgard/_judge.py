"""Where a rule is violated in a sequence, and by which of its results.

A result counts as lying on a limit within `ON_LIMIT` SD: binary floating point holds neither 5.3 nor 0.15, so
(5.3 − 5.0)/0.15 is not exactly 2.
"""

from __future__ import annotations

import numpy as np

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray
from lienthong.metrology.westgard._grammar import Rule
from lienthong.metrology.westgard._sequences import Sequence

ON_LIMIT = 1e-10


def completes(rule: Rule, within: Sequence, *, inclusive: bool) -> BoolArray:
    """Return, for each place of the sequence, whether its result completes a violation of `rule`."""
    if rule.form == "range":
        return _opposite(rule, within, inclusive=inclusive) >= within.start
    hit = np.zeros(within.order.size, dtype=np.bool_)
    for side in (1.0, -1.0):
        hit |= _one_side_completes(rule, within, side=side, inclusive=inclusive)
    if rule.is_across:
        # All of one level is the business of the rule within a level.
        hit &= _streak(_same_level(within), within.start) + 1 < rule.n
    return hit


def members(rule: Rule, within: Sequence, place: int, *, inclusive: bool) -> IntArray:
    """Return the caller's positions, in the order of the sequence, of the results in the violation at `place`."""
    if rule.form == "range":
        other = int(_opposite(rule, within, inclusive=inclusive)[place])
        return within.order[[other, place]]
    window = np.arange(place - rule.n + 1, place + 1)
    if rule.form == "some_beyond":
        sides = [_beyond(side * within.z[window], rule.k, inclusive=inclusive) for side in (1.0, -1.0)]
        window = window[max(sides, key=np.count_nonzero)]
    return within.order[window]


def _one_side_completes(rule: Rule, within: Sequence, *, side: float, inclusive: bool) -> BoolArray:
    z = side * within.z
    if rule.form == "some_beyond":
        return _some(rule, _beyond(z, rule.k, inclusive=inclusive), within.start)
    if rule.form == "trend":
        return _streak(_rises(z, within.start), within.start) >= rule.n - 1
    # A value exactly on the mean is on neither side of it, whatever is said of the limits.
    holds = z > ON_LIMIT if rule.form == "one_side" else _beyond(z, rule.k, inclusive=inclusive)
    return _streak(holds, within.start) >= rule.n


def _beyond(z: FloatArray, k: float, *, inclusive: bool) -> BoolArray:
    return z >= k - ON_LIMIT if inclusive else z > k + ON_LIMIT


def _rises(z: FloatArray, start: IntArray) -> BoolArray:
    rises = np.zeros(z.size, dtype=np.bool_)
    rises[1:] = np.diff(z) > ON_LIMIT
    return rises & (np.arange(z.size) > start)


def _streak(holds: BoolArray, start: IntArray) -> IntArray:
    """Return how many results up to and with each place hold without a break since the sequence began."""
    place = np.arange(holds.size)
    after_break: IntArray = np.maximum.accumulate(np.where(holds, 0, place + 1))
    return place + 1 - np.maximum(after_break, start)


def _some(rule: Rule, beyond: BoolArray, start: IntArray) -> BoolArray:
    """Return where `m` of the last `n` are beyond, at the result that makes it so or that fills the first `n`."""
    place = np.arange(beyond.size)
    seen = np.concatenate(([0], np.cumsum(beyond)))
    enough = seen[place + 1] - seen[np.maximum(place + 1 - rule.n, 0)] >= rule.m
    length = place + 1 - start
    complete: BoolArray = enough & (length >= rule.n) & (beyond | (length == rule.n))
    return complete


def _same_level(within: Sequence) -> BoolArray:
    same = np.zeros(within.order.size, dtype=np.bool_)
    same[1:] = within.level[1:] == within.level[:-1]
    return same & (np.arange(same.size) > within.start)


def _opposite(rule: Rule, within: Sequence, *, inclusive: bool) -> IntArray:
    """Return, for each place beyond a limit, the last place beyond the opposite limit; −1 where there is none."""
    place = np.arange(within.order.size)
    high = _beyond(within.z, rule.k, inclusive=inclusive)
    low = _beyond(-within.z, rule.k, inclusive=inclusive)
    last_high: IntArray = np.maximum.accumulate(np.where(high, place, -1))
    last_low: IntArray = np.maximum.accumulate(np.where(low, place, -1))
    return np.where(high, last_low, np.where(low, last_high, -1))
