"""Sums over groups whose values need no order, and results in classes (laboratories, items) within groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, codes, flat, labels


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Which group, 0 … g − 1 in sorted order of `labels`, each of n values belongs to."""

    labels: NDArray[np.generic]
    code: IntArray

    def count(self, which: BoolArray | None = None) -> IntArray:
        code = self.code if which is None else self.code[which]
        counts: IntArray = np.bincount(code, minlength=self.labels.size)
        return counts

    def sums(self, of_each: FloatArray) -> FloatArray:
        return np.bincount(self.code, weights=of_each, minlength=self.labels.size).astype(np.float64, copy=False)

    def means(self, of_each: FloatArray) -> FloatArray:
        return ratio(self.sums(of_each), self.count())

    def squares(self, of_each: FloatArray) -> FloatArray:
        """Return the sums of squared deviations from the means of the groups."""
        return self.sums((of_each - self.means(of_each)[self.code]) ** 2)

    def only(self, wanted: BoolArray) -> Cells:
        """Return the same groups with only the values where `wanted`, shape (n,), is True."""
        return Cells(self.labels, self.code[wanted])


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Results in classes within groups: number, mean and sum of squared deviations of each class, shape (c,).

    ``cells`` holds the group of each class, ``names`` the label of each class.
    """

    cells: Cells
    names: NDArray[np.generic]
    n: IntArray
    means: FloatArray
    squares: FloatArray


def cells(n: int, groups: ArrayLike | None) -> Cells:
    """Return the groups of n values by their labels; without labels all are one."""
    if groups is None:
        return Cells(np.zeros(1, dtype=np.intp), np.zeros(n, dtype=np.intp))
    column = labels("groups", groups, n)
    code, first = codes(column)
    return Cells(column[first], code)


def layout(values: ArrayLike, classes: ArrayLike, groups: ArrayLike | None, *, name: str) -> Layout:
    """Return `values`, shape (n,), by class and group; nan is left out, a class without values has n 0 and mean nan."""
    array = flat("values", values)
    by = cells(array.size, groups)
    column = labels(name, classes, array.size)
    code, first = codes(by.code, column)
    there = ~np.isnan(array)
    inner = Cells(column[first], code[there])
    return Layout(
        cells=Cells(by.labels, by.code[first]),
        names=column[first],
        n=inner.count(),
        means=inner.means(array[there]),
        squares=inner.squares(array[there]),
    )


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> FloatArray:
    """Return the quotient, nan where the denominator is 0 or nan."""
    below = np.asarray(denominator, dtype=np.float64)
    quotient: FloatArray = np.asarray(numerator, dtype=np.float64) / np.where(below == 0, np.nan, below)
    return quotient


def furthest(of_each: FloatArray, by: Cells) -> IntArray:
    """Return, for each group, the first place of its largest number; −1 for a group without any that isn't nan."""
    most = np.full(by.labels.size, -np.inf)
    np.fmax.at(most, by.code, of_each)
    # Written from the last to the first, so that the first of equals stays.
    places = np.flatnonzero(of_each == most[by.code])[::-1]
    at = np.full(by.labels.size, -1, dtype=np.intp)
    at[by.code[places]] = places
    return at
