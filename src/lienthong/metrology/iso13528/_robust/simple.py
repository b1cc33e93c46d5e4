"""Simple robust estimators: MADe and nIQR."""

from __future__ import annotations

from typing import overload

from numpy.typing import ArrayLike

from lienthong.metrology.iso13528._robust.estimates import Estimate, Estimates, assembled
from lienthong.metrology.iso13528._robust.groups import split

MAD_FACTOR = 1.483
IQR_FACTOR = 0.7413


@overload
def made(values: ArrayLike, *, groups: None = None, factor: float = MAD_FACTOR) -> Estimate: ...
@overload
def made(values: ArrayLike, *, groups: ArrayLike, factor: float = MAD_FACTOR) -> Estimates: ...
def made(values: ArrayLike, *, groups: ArrayLike | None = None, factor: float = MAD_FACTOR) -> Estimate | Estimates:
    """Return the median as `x_star` and the scaled median absolute deviation MADe as `s_star`.

    Parameters
    ----------
    values : shape (n,)
        Results of participants; nan is a missing result and is left out.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value: one estimate for each, in one call.
    factor : float
        1.483 as the standard prints it; 1.4826 in most programs; exactly 1/Φ⁻¹(0.75).

    Returns
    -------
    Estimate, or Estimates with arrays of shape (g,) if `groups` is given
        A group without any value has nan; a single value has `s_star` nan. `s_star` is 0 if at least half of the
        values are equal.

    Raises
    ------
    ValueError
        If a value is infinite or the lengths differ.

    Notes
    -----
    MADe = 1.483·median |xᵢ − median(x)|; it bears nearly half of the values being wrong.

    References
    ----------
    ISO 13528:2022, C.2.2. Analytical Methods Committee, "Robust statistics: a method of coping with outliers",
    AMC Technical Brief 6 (2001), open at https://www.rsc.org/amc

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.made([4.0, 4.2, 4.1, 4.3, 9.9])
    >>> found.x_star, round(found.s_star, 4)
    (4.2, 0.1483)
    """
    by = split(values, groups)
    found = assembled(by, x_star=by.grouped.medians(), s_star=factor * by.grouped.mads())
    return found if groups is not None else found.single()


@overload
def niqr(values: ArrayLike, *, groups: None = None) -> Estimate: ...
@overload
def niqr(values: ArrayLike, *, groups: ArrayLike) -> Estimates: ...
def niqr(values: ArrayLike, *, groups: ArrayLike | None = None) -> Estimate | Estimates:
    """Return the median as `x_star` and the normalised interquartile range nIQR as `s_star`.

    Parameters
    ----------
    values : shape (n,)
        Results of participants; nan is a missing result and is left out.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value: one estimate for each, in one call.

    Returns
    -------
    Estimate, or Estimates with arrays of shape (g,) if `groups` is given
        A group without any value has nan; a single value has `s_star` nan.

    Raises
    ------
    ValueError
        If a value is infinite or the lengths differ.

    Notes
    -----
    nIQR = 0.7413·(Q₃ − Q₁), quartiles by linear interpolation at places (p − 1)/4 and 3(p − 1)/4 counted from 0
    (type 7 of Hyndman and Fan), which gives the value printed in table E.5 of the standard.

    References
    ----------
    ISO 13528:2022, C.2.3. R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", Am. Stat. 50 (1996)
    361–365.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(iso13528.niqr([4.0, 4.2, 4.1, 4.3, 9.9]).s_star, 5)
    0.14826
    """
    by = split(values, groups)
    found = assembled(
        by, x_star=by.grouped.medians(), s_star=IQR_FACTOR * (by.grouped.quantiles(0.75) - by.grouped.quantiles(0.25))
    )
    return found if groups is not None else found.single()
