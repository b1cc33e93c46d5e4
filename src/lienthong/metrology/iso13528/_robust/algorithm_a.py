"""Algorithm A: robust mean and standard deviation by iterated winsorising."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import positive
from lienthong.metrology.iso13528._robust import kernels
from lienthong.metrology.iso13528._robust.estimates import Estimate, Estimates, assembled
from lienthong.metrology.iso13528._robust.groups import Split, split

FACTOR = 1.134


@overload
def algorithm_a(values: ArrayLike, *, groups: None = None, factor: float = FACTOR) -> Estimate: ...
@overload
def algorithm_a(values: ArrayLike, *, groups: ArrayLike, factor: float = FACTOR) -> Estimates: ...
def algorithm_a(values: ArrayLike, *, groups: ArrayLike | None = None, factor: float = FACTOR) -> Estimate | Estimates:
    """Return the robust mean `x_star` and robust standard deviation `s_star` by Algorithm A.

    Parameters
    ----------
    values : shape (n,)
        Results of participants; nan is a missing result and is left out.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value: one estimate for each, in one call.
    factor : float
        Makes `s_star` right for normal values: 1.134 as the standard prints it; 1.1333926554624871 unrounded.

    Returns
    -------
    Estimate, or Estimates with arrays of shape (g,) if `groups` is given
        With `p`, the number of values, `iterations`, and `converged`. A group without any value has nan and has not
        converged; a single value has `s_star` nan.

    Raises
    ------
    ValueError
        If a value is infinite, the lengths differ or `factor` is not above 0.

    Notes
    -----
    Start: x* = median(x), s* = 1.483·median |xᵢ − x*|. Repeat: xᵢ* = xᵢ held within x* ± 1.5·s*; x* = mean(xᵢ*);
    s* = 1.134·√(Σ(xᵢ* − x*)²/(p − 1)). It ends where it stands still: once the same values are held, that point is
    solved for; or when neither changes by more than 1e-13·s*. (The standard allows an end when the third significant
    figure stands, which comes earlier: in its example E.1 it prints s* 7.23 where the iteration converges to 7.237.)

    If the start s* is 0 (at least half of the values are equal), it starts from nIQR, and if that is 0 too, from the
    ordinary standard deviation. Where s* then falls below 1e-9 of its start, the values decide nothing but their
    median: `x_star` is the median, `s_star` 0. So it is for values that are all equal.

    It bears about a quarter of the values being wrong on one side; use it for p of about 12 and more.

    References
    ----------
    ISO 13528:2022, C.3.1. Analytical Methods Committee, "Robust statistics – how not to
    reject outliers. Part 1. Basic concepts", Analyst 114 (1989) 1693–1697.
    The same, "Robust statistics: a method of coping with outliers", AMC Technical Brief 6 (2001), open at
    https://www.rsc.org/amc

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.algorithm_a([5.1, 5.2, 4.9, 5.0, 5.3, 5.1, 5.0, 4.8, 5.2, 5.1, 5.0, 9.8])
    >>> round(found.x_star, 4), round(found.s_star, 4), found.converged
    (5.09, 0.1784, True)
    >>> by_round = iso13528.algorithm_a([1.0, 1.2, 1.1, 7.0, 7.4, 7.2], groups=[1, 1, 1, 2, 2, 2])
    >>> by_round.groups.tolist(), by_round.x_star.round(3).tolist()
    ([1, 2], [1.1, 7.2])
    """
    found = of_split(split(values, groups), float(positive("factor", factor)))
    return found if groups is not None else found.single()


def of_split(by: Split, factor: float = FACTOR) -> Estimates:
    """Return the estimates of values that are split already."""
    g = by.grouped.p.size
    x, s = np.empty(g), np.empty(g)
    iterations, converged = np.empty(g, dtype=np.intp), np.empty(g, dtype=np.bool_)
    by.grouped.run(kernels.algorithm_a, factor, x, s, iterations, converged)
    return assembled(by, x_star=x, s_star=s, iterations=iterations, converged=converged)
