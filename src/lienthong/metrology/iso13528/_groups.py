"""Values of many groups, sorted by group and size, so that each step runs over all groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, codes, flat, labels


@dataclass(frozen=True, slots=True)
class Grouped:
    """Values without nan, sorted by group and then by size; groups without any value are not in it.

    ``code`` is the group of each value, ``begin`` its first place, ``p`` its number of values.
    """

    values: FloatArray
    code: IntArray
    begin: IntArray
    p: IntArray

    def sums(self, of_each: FloatArray) -> FloatArray:
        sums: FloatArray = np.add.reduceat(of_each, self.begin) if self.begin.size else np.empty(0)
        return sums

    def medians(self) -> FloatArray:
        lower, upper = self.values[self.begin + (self.p - 1) // 2], self.values[self.begin + self.p // 2]
        middle: FloatArray = lower + (upper - lower) / 2
        return middle

    def quantiles(self, q: float) -> FloatArray:
        """Return quantiles by linear interpolation between places (p − 1)·q."""
        place = (self.p - 1) * q
        whole = np.floor(place).astype(np.intp)
        lower = self.values[self.begin + whole]
        upper = self.values[self.begin + np.minimum(whole + 1, self.p - 1)]
        between: FloatArray = lower + (upper - lower) * (place - whole)
        return between

    def with_values(self, values: FloatArray) -> Grouped:
        """Return the same groups with other values, sorted."""
        return Grouped(values[np.lexsort((values, self.code))], self.code, self.begin, self.p)

    def only(self, wanted: NDArray[np.bool_]) -> Grouped:
        """Return the groups where `wanted`, shape (g,), is True."""
        p = self.p[wanted]
        code = np.repeat(np.arange(p.size), p)
        return Grouped(self.values[wanted[self.code]], code, np.cumsum(p) - p, p)


@dataclass(frozen=True, slots=True)
class Split:
    """Groups with values, beside the labels of all groups and which of them have values."""

    labels: NDArray[np.generic]
    filled: NDArray[np.bool_]
    grouped: Grouped


def split(values: ArrayLike, groups: ArrayLike | None) -> Split:
    """Return `values`, shape (n,), by `groups`, shape (n,); without groups all are one; nan is left out."""
    array = flat("values", values)
    if groups is None:
        names: NDArray[np.generic] = np.zeros(1, dtype=np.intp)
        code = np.zeros(array.size, dtype=np.intp)
    else:
        column = labels("groups", groups, array.size)
        code, first = codes(column)
        names = column[first]
    there = ~np.isnan(array)
    p = np.bincount(code[there], minlength=names.size)
    order = np.lexsort((array[there], code[there]))
    filled = p > 0
    p = p[filled]
    grouped = Grouped(array[there][order], np.repeat(np.arange(p.size), p), np.cumsum(p) - p, p)
    return Split(names, filled, grouped)
