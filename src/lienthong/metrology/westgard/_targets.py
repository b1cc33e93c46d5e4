"""Target means and standard deviations: one for all results, one for each, or one for each series and level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, floats, labels, like, positive, read_only
from lienthong.metrology.westgard._layout import ONE_EACH, ONE_NUMBER, TABLE


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Means and SDs in one row; ``spread`` says how they belong to the results, ``columns`` how wide a table was.

    ``series`` and ``level`` are given for a table only.
    """

    mean: FloatArray
    sd: FloatArray
    spread: int
    columns: int
    series: NDArray[np.generic]
    level: NDArray[np.generic]

    def z(self, values: FloatArray, at: IntArray | None = None) -> FloatArray:
        """Return the z scores of all results, or of those at the positions `at`."""
        chosen = values if at is None else values[at]
        if self.spread == ONE_NUMBER:
            return (chosen - self.mean) / self.sd
        cell = self._cells(slice(None) if at is None else at)
        z: FloatArray = (chosen - self.mean[cell]) / self.sd[cell]
        return z

    def homes(self, starts: NDArray[np.int64], order: IntArray | None) -> NDArray[np.int64]:
        """Return the row of the table that belongs to each series; `starts` are its first results in `order`.

        Raises ValueError where a series or level leads out of the table.
        """
        if self.spread != TABLE:
            return starts
        of_each = self.series[starts if order is None else order[starts]].astype(np.int64)
        _check_range("series", of_each, self.mean.size // self.columns)
        _check_range("level", self.level, self.columns)
        return of_each

    def taken(self, order: IntArray) -> Targets:
        """Return the targets of results in another order."""
        if self.spread == ONE_NUMBER:
            return self
        cell = self._cells(order)
        return Targets(read_only(self.mean[cell]), read_only(self.sd[cell]), ONE_EACH, 1, self.series, self.level)

    def _cells(self, at: IntArray | slice) -> IntArray | slice:
        if self.spread == ONE_EACH:
            return at
        row: IntArray = self.series[at].astype(np.intp)
        column: IntArray = self.level[at].astype(np.intp)
        return row * self.columns + column

    def check(self) -> None:
        """Refuse a mean that is not finite or an SD that is not above 0."""
        floats("mean", self.mean)
        positive("sd", self.sd)


def targets(n: int, mean: ArrayLike, sd: ArrayLike, *, series: ArrayLike | None, level: ArrayLike | None) -> Targets:
    """Return the targets of `n` results."""
    means, sds = np.asarray(mean, dtype=np.float64), np.asarray(sd, dtype=np.float64)
    none = np.empty(0, dtype=np.int64)
    if means.ndim == 2 or sds.ndim == 2:
        if means.shape != sds.shape:
            raise ValueError(
                f"mean and sd must have one shape (series, levels), but have {means.shape} and {sds.shape}"
            )
        by_series, by_level = _counted("series", series, n), _counted("level", level, n)
        return Targets(read_only(means.ravel()), read_only(sds.ravel()), TABLE, means.shape[1], by_series, by_level)
    if means.ndim == 0 and sds.ndim == 0:
        return Targets(read_only(means.reshape(1)), read_only(sds.reshape(1)), ONE_NUMBER, 1, none, none)
    each = [np.ascontiguousarray(like(name, array, (n,))) for name, array in (("mean", means), ("sd", sds))]
    return Targets(read_only(each[0]), read_only(each[1]), ONE_EACH, 1, none, none)


def _counted(name: str, given: ArrayLike | None, n: int) -> NDArray[np.generic]:
    if given is None:
        return np.zeros(n, dtype=np.int64)
    array = labels(name, given, n)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be whole numbers where mean and sd are a table, but got {array.dtype}")
    return array


def _check_range(name: str, array: NDArray[np.generic], size: int) -> None:
    if array.size and (array.min() < 0 or array.max() >= size):
        raise ValueError(f"{name} must be whole numbers from 0 to {size - 1} where mean and sd are a table")
