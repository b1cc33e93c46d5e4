"""Algorithm S: robust pooled standard deviation or range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtr, chdtri

from lienthong.metrology._arrays import FloatArray, IntArray, not_negative, positive
from lienthong.metrology.iso13528._robust import kernels
from lienthong.metrology.iso13528._robust.groups import split


@dataclass(frozen=True, slots=True)
class PooledEstimate:
    """Robust pooled value `w_star` of `p` standard deviations or ranges, and how it was found."""

    w_star: float
    p: int
    iterations: int


@dataclass(frozen=True, slots=True, eq=False)
class PooledEstimates:
    """The same for each group; all arrays have shape (g,), in the sorted order of the labels `groups`."""

    groups: NDArray[np.generic]
    w_star: FloatArray
    p: IntArray
    iterations: IntArray


@overload
def algorithm_s(
    w: ArrayLike, nu: float, *, groups: None = None, eta: float | None = None, xi: float | None = None
) -> PooledEstimate: ...
@overload
def algorithm_s(
    w: ArrayLike, nu: float, *, groups: ArrayLike, eta: float | None = None, xi: float | None = None
) -> PooledEstimates: ...
def algorithm_s(
    w: ArrayLike,
    nu: float,
    *,
    groups: ArrayLike | None = None,
    eta: float | None = None,
    xi: float | None = None,
) -> PooledEstimate | PooledEstimates:
    """Return the robust pooled value `w_star` of standard deviations or ranges by Algorithm S.

    Parameters
    ----------
    w : shape (n,)
        Standard deviations with `nu` degrees of freedom each, or ranges of two results (`nu` 1); nan is left out.
    nu : float
        Degrees of freedom of each.
    groups : shape (n,), integers or strings
        What each belongs to: one estimate for each, in one call.
    eta, xi : float
        Limit factor and adjustment factor; without them they are computed for `nu`. The standard prints them rounded
        to three decimals (1.645 and 1.097 for one degree of freedom).

    Returns
    -------
    PooledEstimate, or PooledEstimates with arrays of shape (g,) if `groups` is given
        `w_star` is nan where there is no value, and 0 where so many values are 0 that it shrinks for ever.

    Raises
    ------
    ValueError
        If a value is negative or infinite, the lengths differ, or `nu`, `eta` or `xi` is not above 0.

    Notes
    -----
    Start: w* = median(w), or √(Σw²/p) if that is 0. Repeat until it stands still: wᵢ* = wᵢ, at most η·w*;
    w* = ξ·√(Σ(wᵢ*)²/p).
    η² = χ²₀.₉(ν)/ν; ξ⁻² = P(χ²(ν + 2) ≤ ν·η²) + 0.1·η², which makes w* right for normal values.

    References
    ----------
    ISO 13528:2022, C.4. ISO 5725-5:1998, clause 6.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(iso13528.algorithm_s([0.28, 0.49, 0.40, 0.35, 0.43, 0.37, 4.4], 1).w_star, 4)
    0.5444
    """
    by = split(not_negative("w", w), groups)
    limit, adjustment = _factors(float(positive("nu", nu)), eta, xi)
    found, iterations = np.empty(by.grouped.p.size), np.empty(by.grouped.p.size, dtype=np.intp)
    by.grouped.run(kernels.algorithm_s, limit, adjustment, found, iterations)
    of_all = PooledEstimates(by.labels, np.full(by.labels.size, np.nan), *np.zeros((2, by.labels.size), dtype=np.intp))
    of_all.w_star[by.filled], of_all.p[by.filled], of_all.iterations[by.filled] = found, by.grouped.p, iterations
    if groups is not None:
        return of_all
    return PooledEstimate(float(of_all.w_star[0]), int(of_all.p[0]), int(of_all.iterations[0]))


def _factors(nu: float, eta: float | None, xi: float | None) -> tuple[float, float]:
    squared = float(chdtri(nu, 0.1)) / nu if eta is None else float(positive("eta", eta)) ** 2
    if xi is not None:
        return float(np.sqrt(squared)), float(positive("xi", xi))
    return float(np.sqrt(squared)), float(1 / np.sqrt(chdtr(nu + 2, nu * squared) + 0.1 * squared))
