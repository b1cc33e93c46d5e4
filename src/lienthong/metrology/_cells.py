"""Values in groups: numbers, sums, means and spread of each, without an order of the values and without a loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, codes, labels


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
        # Without any entry bincount forgets its weights and counts in integers.
        return np.bincount(self.code, weights=of_each, minlength=self.labels.size).astype(np.float64, copy=False)

    def means(self, of_each: FloatArray) -> FloatArray:
        return ratio(self.sums(of_each), self.count())

    def deviations(self, of_each: FloatArray) -> FloatArray:
        """Return the distance of each from the mean of its group; exactly 0 in a group whose values are equal."""
        origin = np.zeros(self.labels.size)
        origin[self.code[::-1]] = of_each[::-1]
        off = of_each - origin[self.code]
        return off - self.means(off)[self.code]

    def squares(self, of_each: FloatArray) -> FloatArray:
        """Return the sums of squared deviations from the means of the groups."""
        return self.sums(self.deviations(of_each) ** 2)

    def sds(self, of_each: FloatArray) -> FloatArray:
        """Return standard deviations, with n − 1; nan for fewer than two values."""
        spread: FloatArray = np.sqrt(ratio(self.squares(of_each), np.maximum(self.count() - 1, 0)))
        return spread

    def u_of_means(self, of_each: FloatArray) -> FloatArray:
        """Return the standard uncertainties s/√n of the means; nan for fewer than two values."""
        n = self.count()
        u: FloatArray = np.sqrt(ratio(self.squares(of_each), np.maximum(n - 1, 0) * n))
        return u

    def only(self, wanted: BoolArray) -> Cells:
        """Return the same groups with only the values where `wanted`, shape (n,), is True."""
        return Cells(self.labels, self.code[wanted])


def cells(n: int, groups: ArrayLike | None) -> Cells:
    """Return the groups of n values by their labels; without labels all are one, named 0."""
    if groups is None:
        return Cells(np.zeros(1, dtype=np.intp), np.zeros(n, dtype=np.intp))
    column = labels("groups", groups, n)
    code, first = codes(column)
    return Cells(column[first], code)


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
