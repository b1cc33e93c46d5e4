"""Cross tables of two classifications of the same specimens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, known, labels, not_negative, whole


@dataclass(frozen=True, slots=True, eq=False)
class CrossTable:
    """Counts, shape (k, k): first classification by row, second by column, both in the order of `categories`."""

    categories: NDArray[np.generic]
    counts: FloatArray


def cross_table(first: ArrayLike, second: ArrayLike, *, categories: ArrayLike | None = None) -> CrossTable:
    """Return how often two classifications gave each pair of categories.

    Parameters
    ----------
    first, second : shape (n,), integers or strings
        Category of each specimen by either.
    categories : shape (k,), optional
        In order, such as ``["neg", "trace", "1+", "2+"]``; without it those that occur, sorted.

    Returns
    -------
    CrossTable

    Raises
    ------
    ValueError
        If the lengths differ, a label isn't among `categories`, or `categories` repeats one.

    Notes
    -----
    A specimen without a result from either must be left out by the caller: every label is a category.

    References
    ----------
    CLSI EP12, "Evaluation of Qualitative, Binary Output Examination Performance", 3rd edition, 2023.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> agreement.cross_table(["pos", "neg", "pos"], ["pos", "neg", "neg"], categories=["pos", "neg"]).counts.tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    one = labels("first", first, np.asarray(first).size)
    other = labels("second", second, one.size)
    if categories is None:
        known_ones = np.unique(np.concatenate([one, other]))
    else:
        known_ones = labels("categories", categories, np.asarray(categories).size)
        if np.unique(known_ones).size != known_ones.size:
            raise ValueError("categories must not repeat one")
    row, column = _places("first", one, known_ones), _places("second", other, known_ones)
    k = known_ones.size
    counts = np.bincount(row * k + column, minlength=k * k).reshape(k, k)
    return CrossTable(categories=known_ones, counts=counts.astype(np.float64))


def square(table: ArrayLike | CrossTable, *, k: int | None = None) -> FloatArray:
    """Return the counts of a square table, whole and not negative, with at least one specimen."""
    given = table.counts if isinstance(table, CrossTable) else table
    counts = known("table", whole("table", not_negative("table", given), at_least=0))
    size = k if k is not None else max(2, counts.shape[0] if counts.ndim else 0)
    if counts.shape != (size, size):
        raise ValueError(f"table must have shape {(size, size)}, but has {counts.shape}")
    if counts.sum() == 0:
        raise ValueError("table must count at least one specimen, but counts none")
    return counts


def _places(name: str, given: NDArray[np.generic], categories: NDArray[np.generic]) -> NDArray[np.intp]:
    order = np.argsort(categories)
    place = np.minimum(np.searchsorted(categories, given, sorter=order), categories.size - 1)
    found = order[place]
    wrong = np.flatnonzero(categories[found] != given)
    if wrong.size:
        raise ValueError(f"{name} must hold only categories, but holds {given[wrong[0]]} at position {wrong[0]}")
    return found
