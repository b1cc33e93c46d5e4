"""The k-th smallest slope of all pairs of points, without making all pairs.

Slopes are ordered as Passing and Bablok shift them: from just above −1 up through +∞, and from −∞ up to just below −1.
A pair turned by 45° onto p = x + y and q = y − x has slope Δq/Δp, which rises along that order from −∞ to +∞. So the
shifted order statistics of the slopes are plain ones of Δq/Δp, and a pair of slope −1, or of two equal points, is one
with Δp = 0.

Counting: sort the points by q − t·p for a slope t. Two points change places exactly when t passes their slope, so the
inversions between the orders at two slopes are the pairs with a slope between them, and a merge sort counts them and
can name any of them. Each round takes pairs at random from what is left, and keeps what lies between two of them.

All of it is on whole numbers, so that ties are ties: 5.1 − 5.0 equals 12.3 − 12.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.metrology._arrays import FloatArray, IntArray
from lienthong.metrology._compiled import compiled

WIDEST = 2.0**53
DECIMALS = 15
FEW = 20_000
"""So many pairs are listed and sorted at once."""

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Keys:
    """What points are sorted by: a number of 128 bits in two words, then `tie`."""

    high: Whole
    low: NDArray[np.uint64]
    tie: Whole


@dataclass(slots=True, eq=False)
class _Window:
    """What is left: the pairs that change places between two orders; ranks before them and up to the last of them."""

    lower: IntArray
    upper: _Keys
    before: int
    through: int


class Slopes:
    """The slopes of all pairs of points, in Passing and Bablok's order from −1 through ±∞ back to −1.

    `n` counts them: pairs of equal points and pairs of slope −1 aren't among them.
    """

    def __init__(self, x: FloatArray, y: FloatArray) -> None:
        """Take points, shape (m,), as whole numbers of their common last decimal place."""
        across, up = _whole(x, y)
        self._p, self._q = across + up, up - across
        self._start = np.lexsort((self._q, self._p))
        self._last = _Keys(-self._p, np.zeros(x.size, dtype=np.uint64), self._q)
        self.n = self._passed(self._last)

    def at(self, *ranks: int) -> list[float]:
        """Return the slopes at `ranks`, 1 … n; +∞ for pairs one above the other."""
        if self.n <= self._few:
            everything = self._sorted(_Window(self._start, self._last, 0, self.n))
            return [float(everything[rank - 1]) for rank in ranks]
        return [self._select(rank) for rank in ranks]

    def rank_of_vertical(self) -> int:
        """Return how many slopes are above −1 and finite or +∞: slopes at greater ranks are below −1."""
        ends = self._keys(1, 1, side=-1)  # Δq = Δp where Δx = 0
        return self._passed(ends)

    @property
    def _few(self) -> int:
        return max(FEW, 4 * self._p.size)

    def _select(self, rank: int) -> float:
        """Narrow the window until what is left can be listed, or a pair taken from it is the one sought."""
        draw = np.random.default_rng(0)  # which pairs are drawn decides the time, never the result
        window = _Window(self._start, self._last, 0, self.n)
        while (left := window.through - window.before) > self._few:
            sample = np.sort(draw.integers(0, left, size=self._p.size))
            drawn = self._in_order(*_between(window, sample))
            place = (rank - window.before) / left * sample.size
            for offset in (-2, 2):
                at = int(np.clip(place + offset * np.sqrt(sample.size), 0, sample.size - 1))
                i, j = int(drawn[0][at]), int(drawn[1][at])
                found = self._narrow(window, rank, i, j)
                if found is not None:
                    return found
        return float(self._sorted(window)[rank - window.before - 1])

    def _narrow(self, window: _Window, rank: int, i: int, j: int) -> float | None:
        """Cut `window` at the slope of points `i` and `j`; return that slope if it has the rank sought."""
        dq, dp = int(self._q[j] - self._q[i]), int(self._p[j] - self._p[i])
        below = self._keys(dq, dp, side=1)
        less = self._passed(below)
        if rank <= less:
            if less < window.through:
                window.upper, window.through = below, less
            return None
        up_to = self._keys(dq, dp, side=-1)
        no_more = self._passed(up_to)
        if rank <= no_more:
            return float(self._slope(np.array([i]), np.array([j]))[0])
        if no_more > window.before:
            window.lower = np.lexsort((up_to.tie, up_to.low, up_to.high))
            window.before = no_more
        return None

    def _keys(self, dq: int, dp: int, *, side: int) -> _Keys:
        """Return keys that order points as just before (`side` 1) or just after (−1) the slope dq/dp is passed."""
        if dp < 0:
            dq, dp = -dq, -dp
        high, low = _products(self._p, self._q, dq, dp)
        return _Keys(high, low, side * self._p)

    def _passed(self, keys: _Keys) -> int:
        """Return how many pairs have changed places between the lowest slope and `keys`."""
        nothing = np.empty(0, dtype=np.int64)
        return int(_inversions(self._start, keys.high, keys.low, keys.tie, nothing, nothing, nothing))

    def _sorted(self, window: _Window) -> FloatArray:
        i, j = _between(window, np.arange(window.through - window.before))
        i, j = self._in_order(i, j)
        return self._slope(i, j)

    def _in_order(self, i: IntArray, j: IntArray) -> tuple[IntArray, IntArray]:
        slope = self._slope(i, j)
        order = np.lexsort((slope, slope < -1))
        return i[order], j[order]

    def _slope(self, i: IntArray, j: IntArray) -> FloatArray:
        """Return Δy/Δx, rounded once, of pairs whose Δp isn't 0."""
        dp, dq = self._p[j] - self._p[i], self._q[j] - self._q[i]
        across, up = (dp - dq) / 2, (dp + dq) / 2
        level = np.where(across == 0, 1.0, across)
        slope: FloatArray = np.where(across == 0, np.inf, up / level)
        return slope


def _whole(x: FloatArray, y: FloatArray) -> tuple[Whole, Whole]:
    """Return `x` and `y` as whole numbers on one grid: of decimal places if they have few, else of binary ones."""
    both = np.concatenate([x, y])
    largest = float(np.max(np.abs(both), initial=0.0))
    for places in range(DECIMALS + 1):
        if largest * 10.0**places > WIDEST:
            break
        scaled = np.rint(both * 10.0**places)
        if np.array_equal(scaled / 10.0**places, both):
            return scaled[: x.size].astype(np.int64), scaled[x.size :].astype(np.int64)
    shift = 53 - int(np.frexp(largest)[1])
    grid = np.rint(np.ldexp(both, shift)).astype(np.int64)
    return grid[: x.size], grid[x.size :]


def _between(window: _Window, ranks: NDArray[np.int64]) -> tuple[IntArray, IntArray]:
    """Return the pairs of `window` at sorted `ranks`, counted as the merge sort meets them."""
    i, j = np.empty(ranks.size, dtype=np.int64), np.empty(ranks.size, dtype=np.int64)
    keys = window.upper
    _inversions(window.lower, keys.high, keys.low, keys.tie, ranks, i, j)
    return i, j


@compiled
def _products(p, q, dq, dp):  # type: ignore[no-untyped-def]  # Numba's types come from the call
    """Return q·dp − p·dq of each point in 128 bits, high word signed and low word not; |p|, |q| ≤ 2^54, |d| ≤ 2^55."""
    high, low = np.empty(p.size, np.int64), np.empty(p.size, np.uint64)
    mask = np.int64(0xFFFFFFFF)
    for index in range(p.size):
        # Halves of 32 bits: the upper ones hold the sign, and no sum of their products leaves 64 bits.
        q1, q0 = q[index] >> 32, q[index] & mask
        p1, p0 = p[index] >> 32, p[index] & mask
        a1, a0 = dp >> 32, dp & mask
        b1, b0 = dq >> 32, dq & mask
        bottom_a, bottom_b = np.uint64(q0) * np.uint64(a0), np.uint64(p0) * np.uint64(b0)
        middle = q1 * a0 + q0 * a1 - p1 * b0 - p0 * b1
        bottom = bottom_a - bottom_b
        borrow = np.int64(1) if bottom_a < bottom_b else np.int64(0)
        shifted = np.uint64(middle & mask) << np.uint64(32)
        total = bottom + shifted
        carry = np.int64(1) if total < shifted else np.int64(0)
        high[index] = q1 * a1 - p1 * b1 + (middle >> 32) + carry - borrow
        low[index] = total
    return high, low


@compiled
def _inversions(start, high, low, tie, ranks, left, right):  # type: ignore[no-untyped-def]  # as above
    """Return how many pairs of `start` are against the order of keys; put those at `ranks` in `left` and `right`."""
    n = start.size
    now, then = start.copy(), np.empty_like(start)
    count, taken, width = 0, 0, 1
    while width < n:
        for begin in range(0, n, 2 * width):
            middle, end = min(begin + width, n), min(begin + 2 * width, n)
            i, j = begin, middle
            for place in range(begin, end):
                a, b = now[i] if i < middle else 0, now[j] if j < end else 0
                from_right = i >= middle or (
                    j < end
                    and (
                        high[b] < high[a]
                        or (high[b] == high[a] and (low[b] < low[a] or (low[b] == low[a] and tie[b] < tie[a])))
                    )
                )
                if not from_right:
                    then[place] = a
                    i += 1
                    continue
                then[place] = b
                j += 1
                while taken < ranks.size and ranks[taken] < count + middle - i:
                    left[taken], right[taken] = now[i + ranks[taken] - count], b
                    taken += 1
                count += middle - i
        now, then = then, now
        width *= 2
    return count
