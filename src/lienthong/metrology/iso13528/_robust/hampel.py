"""Hampel estimator: robust mean with a given robust standard deviation."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import not_negative
from lienthong.metrology.iso13528._robust.estimates import Estimate, Estimates, assembled
from lienthong.metrology.iso13528._robust.groups import Split, of_groups, split
from lienthong.metrology.iso13528._robust.pair_differences import hampel_roots


@overload
def hampel(values: ArrayLike, s_star: ArrayLike, *, groups: None = None) -> Estimate: ...
@overload
def hampel(values: ArrayLike, s_star: ArrayLike, *, groups: ArrayLike) -> Estimates: ...
def hampel(values: ArrayLike, s_star: ArrayLike, *, groups: ArrayLike | None = None) -> Estimate | Estimates:
    """Return the robust mean `x_star` by Hampel's estimator, beside the given `s_star`.

    Parameters
    ----------
    values : shape (n,)
        Results of participants, or the means of those that reported several; nan is left out.
    s_star : a number, or shape (g,)
        Robust standard deviation of all values, or of each group in the sorted order of its labels, in the unit of
        `values`: usually by the Q method.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value: one estimate for each, in one call.

    Returns
    -------
    Estimate, or Estimates with arrays of shape (g,) if `groups` is given
        `x_star` is the median where `s_star` is 0 or nan.

    Raises
    ------
    ValueError
        If a value is infinite, the lengths differ, or an `s_star` is negative.

    Notes
    -----
    x* solves Σ ψ((xᵢ − x*)/s*) = 0 with ψ(q) = q up to 1.5, 1.5 up to 3, 4.5 − q up to 4.5 and 0 beyond, odd in q. Of
    several solutions it is the one nearest to the median, and the median itself if two are equally near. The sum is
    straight between its kinks, so that the solution is exact.

    References
    ----------
    ISO 13528:2022, C.5.3.2.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> values = [5.1, 5.2, 4.9, 5.0, 5.3, 5.1, 5.0, 4.8, 5.2, 5.1, 5.0, 9.8]
    >>> round(iso13528.hampel(values, iso13528.q_method(values).s_star).x_star, 4)
    5.0636
    """
    found = of_split(split(values, groups), s_star)
    return found if groups is not None else found.single()


def of_split(by: Split, s_star: ArrayLike) -> Estimates:
    """Return the estimates of values that are split already."""
    spread = of_groups("s_star", not_negative("s_star", s_star), by.labels)[by.filled]
    x_star = np.empty(by.grouped.p.size)
    by.grouped.run(hampel_roots, spread, x_star)
    return assembled(by, x_star=x_star, s_star=spread)
