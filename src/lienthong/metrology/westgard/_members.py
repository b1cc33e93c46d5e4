"""Which results take part in a violation."""

from __future__ import annotations

import numpy as np

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray
from lienthong.metrology.westgard._grammar import Rule
from lienthong.metrology.westgard._programs import ON_LIMIT, cut_of


def members(rule: Rule, z: FloatArray, *, inclusive: bool) -> IntArray:
    """Return places in `z`, the scores of one sequence up to the result that completes a violation of `rule`."""
    last = z.size - 1
    cut = cut_of(rule, inclusive=inclusive)
    if rule.form == "opposite":
        opposite = _beyond(z, cut, below=bool(z[last] > 0))
        return np.array([int(np.flatnonzero(opposite)[-1]), last])
    if rule.form == "range":
        far = np.abs(z - z[last])
        return np.array([int(np.flatnonzero(far >= far.max() - ON_LIMIT)[-1]), last])
    window = np.arange(z.size - rule.n, z.size)
    if rule.form == "some_beyond":
        sides = [_beyond(z[window], cut, below=below) for below in (False, True)]
        window = window[max(sides, key=np.count_nonzero)]
    return window


def _beyond(z: FloatArray, cut: float, *, below: bool) -> BoolArray:
    return -z > cut if below else z > cut
