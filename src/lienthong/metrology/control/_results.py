"""Control results as they were given: which of them count, and which series each belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, codes, flags, flat, labels


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Values in the caller's order, which of them count, and the code of each one's group among the sorted labels."""

    values: FloatArray
    counts: BoolArray
    code: IntArray
    groups: NDArray[np.generic]

    def order(self) -> IntArray:
        """Return positions by group, in the given order within a group."""
        return np.argsort(self.code, kind="stable")

    def sums(self, of_each: FloatArray, wanted: BoolArray) -> FloatArray:
        """Return, for each group, the sum of `of_each` over those `wanted`."""
        return totals(self.code[wanted], of_each[wanted], self.groups.size)

    def numbers(self, wanted: BoolArray) -> IntArray:
        """Return, for each group, how many are `wanted`."""
        return np.bincount(self.code[wanted], minlength=self.groups.size)


def results(values: ArrayLike, groups: ArrayLike | None = None, left_out: ArrayLike | None = None) -> Results:
    """Return `values`, shape (n,), by `groups`; without groups all are one. What is nan or left out doesn't count."""
    array = flat("values", values)
    code, names = grouped(groups, array.size)
    counts = ~np.isnan(array)
    if left_out is not None:
        counts &= ~flags("left_out", left_out, array.size)
    return Results(values=array, counts=counts, code=code, groups=names)


def grouped(groups: ArrayLike | None, n: int) -> tuple[IntArray, NDArray[np.generic]]:
    """Return the code of each of `n` groups given, and the sorted labels; without groups all are one, named 0."""
    if groups is None:
        return np.zeros(n, dtype=np.intp), np.zeros(1, dtype=np.intp)
    column = labels("groups", groups, n)
    code, first = codes(column)
    return code, column[first]


def totals(code: IntArray, of_each: FloatArray, g: int) -> FloatArray:
    """Return, for each of `g` codes, the sum of `of_each`; 0 of none."""
    # Without any entry bincount forgets its weights and counts in integers.
    sums: FloatArray = np.bincount(code, weights=of_each, minlength=g).astype(np.float64)
    return sums


def starts(code_in_order: IntArray) -> IntArray:
    """Return, for each place of codes that are in order, the place where its group begins."""
    new = np.ones(code_in_order.size, dtype=np.bool_)
    new[1:] = code_in_order[1:] != code_in_order[:-1]
    first: IntArray = np.maximum.accumulate(np.where(new, np.arange(new.size), 0))
    return first
