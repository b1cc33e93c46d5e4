"""Control results as they were given: which of them count, and which series each belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, flags, flat
from lienthong.metrology._cells import Cells, cells


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Values in the caller's order, which of them count, and the group of each."""

    values: FloatArray
    counts: BoolArray
    by: Cells

    @property
    def code(self) -> IntArray:
        """The place of each value's group among the sorted labels."""
        return self.by.code

    @property
    def groups(self) -> NDArray[np.generic]:
        return self.by.labels

    @property
    def counted(self) -> Cells:
        """The groups with only the values that count."""
        return self.by.only(self.counts)

    def order(self) -> IntArray:
        """Return positions by group, in the given order within a group."""
        return np.argsort(self.code, kind="stable")


def results(values: ArrayLike, groups: ArrayLike | None = None, excluded: ArrayLike | None = None) -> Results:
    """Return `values`, shape (n,), by `groups`; without groups all are one. What is nan or excluded doesn't count."""
    array = flat("values", values)
    counts = ~np.isnan(array)
    if excluded is not None:
        counts &= ~flags("excluded", excluded, array.size)
    return Results(values=array, counts=counts, by=cells(array.size, groups))


def starts(code_in_order: IntArray) -> IntArray:
    """Return, for each place of codes that are in order, the place where its group begins."""
    new = np.ones(code_in_order.size, dtype=np.bool_)
    new[1:] = code_in_order[1:] != code_in_order[:-1]
    first: IntArray = np.maximum.accumulate(np.where(new, np.arange(new.size), 0))
    return first
