"""Results in classes (laboratories, items) within groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, codes, flat, labels
from lienthong.metrology._cells import Cells, cells


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
