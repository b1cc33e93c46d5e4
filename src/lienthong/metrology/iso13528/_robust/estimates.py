"""Robust mean and standard deviation of one round, or of many groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, Scalar
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
    p, nothing = by.grouped.p, np.zeros(by.grouped.p.size, dtype=np.intp)
    return Estimates(
        groups=by.labels,
        x_star=_spread(x_star, by.filled, np.nan),
        s_star=_spread(np.where(p > 1, s_star, np.nan), by.filled, np.nan),
        p=_spread(p, by.filled, 0),
        iterations=_spread(nothing if iterations is None else iterations, by.filled, 0),
        converged=_spread(p > 0 if converged is None else converged, by.filled, False),
    )


def _spread(found: NDArray[Scalar], filled: BoolArray, otherwise: float) -> NDArray[Scalar]:
    """Return what was found for groups with values beside `otherwise` for the others."""
    if found.size == filled.size:
        return found
    spread = np.full(filled.size, otherwise, dtype=found.dtype)
    spread[filled] = found
    return spread
