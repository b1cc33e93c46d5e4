"""Robust mean and standard deviation of one round, or of many groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray
from lienthong.metrology.iso13528._robust.groups import Split


@dataclass(frozen=True, slots=True)
class Estimate:
    """Robust mean `x_star` and standard deviation `s_star` of `p` values, in their unit, and how they were found."""

    x_star: float
    s_star: float
    p: int
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """An estimate for each group; all arrays have shape (g,), in the sorted order of the labels `groups`."""

    groups: NDArray[np.generic]
    x_star: FloatArray
    s_star: FloatArray
    p: IntArray
    iterations: IntArray
    converged: BoolArray

    def of_each(self, groups: NDArray[np.generic]) -> IntArray:
        """Return, for each label in `groups`, the place of its estimate: ``found.x_star[found.of_each(groups)]``.

        Raises ValueError for a label that has no estimate.
        """
        places: IntArray = np.minimum(np.searchsorted(self.groups, groups), max(self.groups.size - 1, 0))
        if np.size(groups) and (not self.groups.size or np.any(self.groups[places] != groups)):
            raise ValueError("groups must be among those that were estimated")
        return places

    def single(self) -> Estimate:
        """Return the only estimate; ValueError if there are several."""
        if self.groups.size != 1:
            raise ValueError(f"there must be one group, but there are {self.groups.size}")
        return Estimate(
            x_star=float(self.x_star[0]),
            s_star=float(self.s_star[0]),
            p=int(self.p[0]),
            iterations=int(self.iterations[0]),
            converged=bool(self.converged[0]),
        )


def assembled(
    by: Split,
    *,
    x_star: FloatArray,
    s_star: FloatArray,
    iterations: IntArray | None = None,
    converged: BoolArray | None = None,
) -> Estimates:
    """Return estimates of the filled groups beside nan for groups without values; one value has no `s_star`."""
    filled, p = by.filled, by.grouped.p
    g = filled.size
    return Estimates(
        groups=by.labels,
        x_star=_spread(x_star, filled),
        s_star=_spread(np.where(p > 1, s_star, np.nan), filled),
        p=np.bincount(np.flatnonzero(filled), weights=p, minlength=g).astype(np.intp),
        iterations=_spread_counts(iterations, filled),
        converged=filled.copy() if converged is None else _spread_flags(converged, filled),
    )


def _spread(found: FloatArray, filled: BoolArray) -> FloatArray:
    spread = np.full(filled.size, np.nan)
    spread[filled] = found
    return spread


def _spread_counts(found: IntArray | None, filled: BoolArray) -> IntArray:
    spread = np.zeros(filled.size, dtype=np.intp)
    if found is not None:
        spread[filled] = found
    return spread


def _spread_flags(found: BoolArray, filled: BoolArray) -> BoolArray:
    spread = np.zeros(filled.size, dtype=np.bool_)
    spread[filled] = found
    return spread
