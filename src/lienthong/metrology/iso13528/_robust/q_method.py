"""Q method: robust standard deviation from the differences of all pairs of results."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from lienthong.metrology._arrays import FloatArray, IntArray, codes, flat, labels
from lienthong.metrology.iso13528._robust.estimates import Estimate, Estimates, assembled
from lienthong.metrology.iso13528._robust.groups import Grouped, Split, split
from lienthong.metrology.iso13528._robust.pair_differences import q_differences


@overload
def q_method(values: ArrayLike, *, participants: ArrayLike | None = None, groups: None = None) -> Estimate: ...
@overload
def q_method(values: ArrayLike, *, participants: ArrayLike | None = None, groups: ArrayLike) -> Estimates: ...
def q_method(
    values: ArrayLike, *, participants: ArrayLike | None = None, groups: ArrayLike | None = None
) -> Estimate | Estimates:
    """Return the robust standard deviation `s_star` by the Q method, beside the median as `x_star`.

    Parameters
    ----------
    values : shape (n,)
        Results; nan is a missing result and is left out.
    participants : shape (n,), integers or strings
        Who reported each result, where some reported several: `s_star` is then the reproducibility standard
        deviation. Without it each result is a participant's only one.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value: one estimate for each, in one call.

    Returns
    -------
    Estimate, or Estimates with arrays of shape (g,) if `groups` is given
        `s_star` is nan where fewer than two participants have results, and 0 where all results are equal.

    Raises
    ------
    ValueError
        If a value is infinite or the lengths differ.

    Notes
    -----
    H₁(d) is the share of the pairs of results of different participants that differ by at most d; with several
    results of a participant each counts 1/nᵢ. G₁ joins the middles of its steps by straight lines.
    s* = G₁⁻¹(0.25 + 0.75·H₁(0))/(√2·Φ⁻¹(0.625 + 0.375·H₁(0))). Differences count as equal within 8 roundings of binary
    floating point: 12.3 − 12.2 and 5.1 − 5.0 are one step. It bears nearly half of the values being wrong, and takes
    time that grows with n·log n.

    References
    ----------
    ISO 13528:2022, C.5.2.2. C. H. Müller, S. Uhlig, "Estimation of variance components with high breakdown point and
    high efficiency", Biometrika 88 (2001) 353–366.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(iso13528.q_method([5.1, 5.2, 4.9, 5.0, 5.3, 5.1, 5.0, 4.8, 5.2, 5.1, 5.0, 9.8]).s_star, 4)
    0.2054
    """
    by = split(values, groups)
    found = of_split(by, _participants(values, participants, by))
    return found if groups is not None else found.single()


def of_split(by: Split, participants: tuple[FloatArray, IntArray] | None = None) -> Estimates:
    """Return the estimates of values that are split already; `participants` are weight and participant of each."""
    found, at_zero = np.empty(by.grouped.p.size), np.empty(by.grouped.p.size)
    weights, who = participants or _each_its_own(by.grouped)
    by.grouped.run(q_differences, weights, who, found, at_zero)
    divisor = np.sqrt(2) * ndtri(np.where(at_zero < 1, 0.625 + 0.375 * at_zero, 0.75))
    s_star: FloatArray = found / divisor
    return assembled(by, x_star=by.grouped.medians(), s_star=s_star)


def _participants(values: ArrayLike, participants: ArrayLike | None, by: Split) -> tuple[FloatArray, IntArray]:
    """Return weight and participant of each sorted value."""
    if participants is None:
        return _each_its_own(by.grouped)
    array = flat("values", values)
    there = ~np.isnan(array)
    who, _ = codes(by.code[there], labels("participants", participants, array.size)[there])
    order = np.lexsort((array[there], by.code[there]))
    weights = 1.0 / np.bincount(who)[who] if who.size else np.empty(0)
    return weights[order], who[order]


def _each_its_own(grouped: Grouped) -> tuple[FloatArray, IntArray]:
    return np.ones(grouped.values.size), np.arange(grouped.values.size)
