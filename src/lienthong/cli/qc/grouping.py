"""Rows that belong together by several columns of codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The group of each row, 0 … g − 1 in the order of their codes, and the first row of each group."""

    codes: NDArray[np.intp]
    first: NDArray[np.intp]

    def sums(self, rows: NDArray[np.intp] | slice = slice(None)) -> NDArray[np.intp]:
        """Return how many of `rows` each group has."""
        return np.bincount(self.codes[rows], minlength=self.first.size)


def grouped(columns: Sequence[NDArray[np.integer]], n: int) -> Groups:
    """Return the groups of rows that have the same codes in all columns; all are one group without a column."""
    joint = np.zeros(n, dtype=np.int64)
    for column in columns:
        codes = column.astype(np.int64) - int(column.min())
        joint = _dense(joint * (int(codes.max()) + 1) + codes)
    first = np.empty(int(joint.max()) + 1, dtype=np.intp)
    first[joint[::-1]] = np.arange(n - 1, -1, -1)
    return Groups(joint.astype(np.intp, copy=False), first)


def _dense(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return codes of the same order without gaps."""
    most = int(codes.max()) + 1
    if most > 4 * codes.size + 1024:
        return np.unique(codes, return_inverse=True)[1]
    there = np.zeros(most, dtype=np.bool_)
    there[codes] = True
    return (np.cumsum(there) - 1)[codes]
