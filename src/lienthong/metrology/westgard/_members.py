"""Which results take part in a violation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray
from lienthong.metrology.westgard._grammar import Rule, Scope
from lienthong.metrology.westgard._links import LEVEL, NEW_RUN
from lienthong.metrology.westgard._order import Order
from lienthong.metrology.westgard._programs import ON_LIMIT, cut_of

PAIRS = frozenset({"opposite", "range"})
MOST_CELLS = 1 << 20  # as much is looked at in one go


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What stands before some results: a row for each result, itself in the first column, the older the later.

    ``z`` is nan where a place is of another sequence or holds nothing that was judged; ``is_whole`` says of each row
    that its run begins in it.
    """

    at: IntArray
    z: FloatArray
    is_whole: BoolArray


def members(
    rule: Rule, places: IntArray, order: Order, z: Callable[[IntArray], FloatArray], *, inclusive: bool
) -> IntArray:
    """Return places of the members of the violations that results complete, oldest first, shape (violations, n).

    `z` gives the scores of places, nan for what was not judged. −1 stands for a result of a window that isn't a member.
    """
    found = np.full((places.size, rule.n), -1, dtype=np.intp)
    cut = cut_of(rule, inclusive=inclusive)
    left, width = np.arange(places.size), 2 * rule.n
    while left.size:
        rows = max(MOST_CELLS // width, 1)
        done = np.zeros(left.size, dtype=np.bool_)
        for part in range(0, left.size, rows):
            chunk = left[part : part + rows]
            stretch = _before(rule.scope, places[chunk], order, z, width)
            enough = _is_enough(rule, stretch)
            done[part : part + rows] = enough
            found[chunk[enough]] = _chosen(rule, stretch.at[enough], stretch.z[enough], cut)
        left, width = left[~done], 2 * width
    return found


def _before(scope: Scope, places: IntArray, order: Order, z: Callable[[IntArray], FloatArray], width: int) -> Stretch:
    at = places[:, None] - np.arange(width)
    start = order.starts[np.searchsorted(order.starts, places, side="right") - 1]
    is_of_sequence = at >= start[:, None]
    at = np.maximum(at, 0)
    links = order.links[at]
    begins = (links & NEW_RUN) != 0
    if scope is Scope.LEVEL:
        is_of_sequence &= links & LEVEL == links[:, :1] & LEVEL
    elif scope is Scope.RUN:
        is_of_sequence[:, 1:] &= ~np.logical_or.accumulate(begins, axis=1)[:, :-1]
    return Stretch(at, np.where(is_of_sequence, z(at), np.nan), begins.any(axis=1))


def _is_enough(rule: Rule, stretch: Stretch) -> BoolArray:
    """Say of which results enough was seen: n of their sequence, or all of their run."""
    if rule.form in PAIRS:
        return stretch.is_whole
    seen: BoolArray = np.count_nonzero(~np.isnan(stretch.z), axis=1) >= rule.n
    return seen


def _chosen(rule: Rule, at: IntArray, z: FloatArray, cut: float) -> IntArray:
    """Return the members among what stands before results that complete a violation."""
    if rule.form in PAIRS:
        far = _opposite(z, cut) if rule.form == "opposite" else _farthest(z)
        return np.stack([at[np.arange(at.shape[0]), far], at[:, 0]], axis=1)
    judged = ~np.isnan(z)
    window = judged & (np.cumsum(judged, axis=1) <= rule.n)
    places: IntArray = at[window].reshape(-1, rule.n)[:, ::-1]
    if rule.form == "some_beyond":
        places = np.where(_on_one_side(z[window].reshape(-1, rule.n)[:, ::-1], cut), places, -1)
    return places


def _opposite(z: FloatArray, cut: float) -> IntArray:
    """Return in which column the last result beyond the limit opposite to the first column's stands."""
    side = np.where(z[:, :1] > 0, -1.0, 1.0)
    column: IntArray = np.argmax(side * z > cut, axis=1)
    return column


def _farthest(z: FloatArray) -> IntArray:
    """Return in which column the result farthest from the first column's stands, the latest of several."""
    far = np.nan_to_num(np.abs(z - z[:, :1]), nan=-1.0)
    column: IntArray = np.argmax(far >= far.max(axis=1, keepdims=True) - ON_LIMIT, axis=1)
    return column


def _on_one_side(z: FloatArray, cut: float) -> BoolArray:
    """Say which scores of each window are beyond the limit on that side on which there are more."""
    above, below = z > cut, -z > cut
    more_above = np.count_nonzero(above, axis=1, keepdims=True) >= np.count_nonzero(below, axis=1, keepdims=True)
    side: BoolArray = np.where(more_above, above, below)
    return side
