"""Values of many groups, sorted by group and size, so that each step runs over all groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, codes, flat, labels, read_only
from lienthong.metrology._compiled import in_parts
from lienthong.metrology.iso13528._robust import kernels

GROUPS_IN_PART = 16


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Values without nan, sorted by group and then by size; groups without any value are not in it.

    ``begin`` is the first place of each group, ``p`` its number of values.
    """

    values: FloatArray
    begin: IntArray
    p: IntArray

    @property
    def code(self) -> IntArray:
        """The group of each value."""
        code: IntArray = np.repeat(np.arange(self.p.size), self.p)
        return code

    def sums(self, of_each: FloatArray) -> FloatArray:
        sums: FloatArray = np.add.reduceat(of_each, self.begin) if self.begin.size else np.empty(0)
        return sums

    def medians(self) -> FloatArray:
        lower, upper = self.values[self.begin + (self.p - 1) // 2], self.values[self.begin + self.p // 2]
        middle: FloatArray = lower + (upper - lower) / 2
        return middle

    def mads(self) -> FloatArray:
        """Return the median absolute deviation from the median of each group."""
        found = np.empty(self.p.size)
        self.run(kernels.mads, found)
        return found

    def quantiles(self, q: float) -> FloatArray:
        """Return quantiles by linear interpolation between places (p − 1)·q."""
        place = (self.p - 1) * q
        whole = np.floor(place).astype(np.intp)
        lower = self.values[self.begin + whole]
        upper = self.values[self.begin + np.minimum(whole + 1, self.p - 1)]
        between: FloatArray = lower + (upper - lower) * (place - whole)
        return between

    def run(self, kernel: object, *arguments: object) -> None:
        """Run a compiled loop over all groups, shared out to the machine's cores."""
        in_parts(kernel, self.p.size, read_only(self.values), self.begin, self.p, *arguments, at_least=GROUPS_IN_PART)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Groups with values, beside the labels of all groups and which of them have values.

    ``code`` is the group, among all, of each value that was given.
    """

    labels: NDArray[np.generic]
    code: IntArray
    filled: NDArray[np.bool_]
    grouped: Grouped


def split(values: ArrayLike, groups: ArrayLike | None) -> Split:
    """Return `values`, shape (n,), by `groups`, shape (n,); without groups all are one; nan is left out."""
    array = flat("values", values)
    return split_by_code(array, *coded(groups, array.size))


def split_by_code(values: FloatArray, code: IntArray, names: NDArray[np.generic]) -> Split:
    """Return the same for groups that are coded already."""
    kept, of_kept = values, code
    with np.errstate(all="ignore"):
        complete = np.isfinite(values.sum())
    if not complete:
        there = ~np.isnan(values)
        kept, of_kept = values[there], code[there]
    p = np.bincount(of_kept, minlength=names.size)
    filled = p > 0
    begin = np.cumsum(p) - p
    by_size = _sorted(kept, of_kept, begin, p)
    return Split(names, code, filled, Grouped(by_size, begin[filled], p[filled]))


def of_groups(name: str, given: FloatArray, names: NDArray[np.generic]) -> FloatArray:
    """Return `given`, one number or one per group, as a new array with one per group."""
    if given.ndim and given.shape != names.shape:
        raise ValueError(f"{name} must be one number or one per group {names.shape}, but has shape {given.shape}")
    return np.broadcast_to(given, names.shape).copy()


def coded(groups: ArrayLike | None, n: int) -> tuple[IntArray, NDArray[np.generic]]:
    """Return the code of each of `n` values, and the labels that the codes stand for; without groups all are one."""
    if groups is None:
        return np.zeros(n, dtype=np.intp), np.zeros(1, dtype=np.intp)
    column = labels("groups", groups, n)
    if column.dtype == np.int64 and n:
        code, first = np.empty(n, dtype=np.intp), np.empty(n, dtype=np.intp)
        g = kernels.codes_in_order(read_only(np.ascontiguousarray(column)), code, first)
        if g:
            return code, column[first[:g]]
    code, first = codes(column)
    return code, column[first]


def _sorted(values: FloatArray, code: IntArray, begin: IntArray, p: IntArray) -> FloatArray:
    """Return the values by group and size."""
    together = np.empty(values.size)
    kernels.gather(read_only(values), code, begin, together)
    if p.size and np.all(p == p[0]):
        table = together.reshape(p.size, int(p[0]))
        in_parts(lambda first, last: table[first:last].sort(axis=1), p.size, at_least=GROUPS_IN_PART)
    else:
        in_parts(kernels.sort, p.size, begin, p, together, at_least=GROUPS_IN_PART)
    return together
