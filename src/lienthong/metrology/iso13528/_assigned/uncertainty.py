"""Uncertainty of the assigned value, and how the assigned value compares with a reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, floats, not_negative, positive


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceComparison:
    """Reference value less assigned value, its standard uncertainty, and whether the two agree; arrays of one shape."""

    difference: FloatArray
    u: FloatArray
    agrees: BoolArray


def u_x_pt(s_star: ArrayLike, p: ArrayLike, *, factor: float = 1.25) -> FloatArray:
    """Return the standard uncertainty of an assigned value that is a robust consensus of participants.

    Parameters
    ----------
    s_star : a number, or an array that broadcasts with `p`
        Robust standard deviation of the results.
    p : whole numbers
        How many results.
    factor : float
        1.25 for the median and for robust means by Algorithm A or Hampel; 1 for an arithmetic mean, with the ordinary
        standard deviation as `s_star`.

    Returns
    -------
    array of the broadcast shape, in the unit of `s_star`
        nan where `s_star` is nan or `p` is 0.

    Raises
    ------
    ValueError
        If `s_star` or `p` is negative, or `factor` is not above 0.

    Notes
    -----
    u(x_pt) = 1.25·s*/√p. The factor is √(π/2) rounded, right for the median of normal values and cautious for others.

    References
    ----------
    ISO 13528:2022, 7.7.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> float(iso13528.u_x_pt(0.4, 25))
    0.1
    """
    count = not_negative("p", p)
    u: FloatArray = (
        positive("factor", factor) * not_negative("s_star", s_star) / np.sqrt(np.where(count > 0, count, np.nan))
    )
    return u


def total_u_x_pt(
    u_char: ArrayLike, *, u_hom: ArrayLike = 0.0, u_trans: ArrayLike = 0.0, u_stab: ArrayLike = 0.0
) -> FloatArray:
    """Return the standard uncertainty of an assigned value with what the samples themselves add.

    Parameters
    ----------
    u_char, u_hom, u_trans, u_stab : numbers, or arrays that broadcast; same unit
        Standard uncertainties of the characterisation (consensus, certificate …), of differences between samples, of
        transport, and of storage until the round closes.

    Returns
    -------
    array of the broadcast shape, in the unit of `u_char`
        nan where one of them is nan.

    Raises
    ------
    ValueError
        If one is negative.

    Notes
    -----
    u(x_pt) = √(u_char² + u_hom² + u_trans² + u_stab²). For u_hom take s_s of the homogeneity check. A consensus of
    participants already holds what differs between their samples and what transport did: then leave those at 0.

    References
    ----------
    ISO 13528:2022, 7.2.2.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> float(iso13528.total_u_x_pt(0.3, u_hom=0.4, u_stab=1.2))
    1.3
    """
    parts = {"u_char": u_char, "u_hom": u_hom, "u_trans": u_trans, "u_stab": u_stab}
    total: FloatArray = np.sqrt(sum((not_negative(name, part) ** 2 for name, part in parts.items()), np.zeros(())))
    return total


def compare_with_reference(
    x_pt: ArrayLike, x_ref: ArrayLike, *, u_x_pt: ArrayLike, u_ref: ArrayLike, k: float = 2.0
) -> ReferenceComparison:
    """Return whether the assigned value agrees with a reference value, within what their uncertainties explain.

    Parameters
    ----------
    x_pt, x_ref, u_x_pt, u_ref : numbers, or arrays that broadcast; same unit
        Assigned value, reference value, and their standard uncertainties.
    k : float
        Coverage factor.

    Returns
    -------
    ReferenceComparison, with arrays of the broadcast shape
        ``agrees`` is False where anything is nan: what is unknown hasn't been shown to agree.

    Raises
    ------
    ValueError
        If an uncertainty is negative or `k` is not above 0.

    Notes
    -----
    x_diff = x_ref − x_pt, u_diff = √(u²(x_ref) + u²(x_pt)); where |x_diff| > 2·u_diff the reason must be sought.

    References
    ----------
    ISO 13528:2022, 7.8.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.compare_with_reference([5.00, 5.00], [5.09, 5.11], u_x_pt=0.04, u_ref=0.03)
    >>> found.agrees.tolist()
    [True, False]
    """
    difference: FloatArray = floats("x_ref", x_ref) - floats("x_pt", x_pt)
    u = np.hypot(not_negative("u_ref", u_ref), not_negative("u_x_pt", u_x_pt))
    return ReferenceComparison(difference=difference, u=u, agrees=np.abs(difference) <= positive("k", k) * u)
