"""Whether an uncertainty is small enough, and what it leaves undecided at a limit."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, floats, not_negative, positive

GUARD = 1.65
"""One-sided 95 % quantile of the normal distribution, as guides round it."""


class Side(StrEnum):
    """On which side of a decision limit a result is, its uncertainty considered."""

    BELOW = "below"
    UNDECIDED = "undecided"
    ABOVE = "above"


def allowable_u(cv_i: ArrayLike, *, factor: float = 0.5) -> FloatArray:
    """Return the allowable standard uncertainty by within-subject variation.

    Parameters
    ----------
    cv_i : a number, or an array; percent
        Within-subject biological coefficient of variation.
    factor : float
        0.5 is the desirable goal, 0.25 the optimal, 0.75 the minimum one.

    Returns
    -------
    array of the shape of `cv_i`, percent
        nan where `cv_i` is nan.

    Raises
    ------
    ValueError
        If `cv_i` is negative or `factor` not above 0.

    Notes
    -----
    factor·CV_I.

    References
    ----------
    C. G. Fraser, P. Hyltoft Petersen, J. C. Libeer, C. Ricos, "Proposals for setting generally applicable quality goals
    solely based on biology", Ann. Clin. Biochem. 34 (1997) 8–12. Data: https://biologicalvariation.eu

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> float(uncertainty.allowable_u(5.0))
    2.5
    """
    goal: FloatArray = positive("factor", factor) * not_negative("cv_i", cv_i)
    return goal


def is_within_allowable(u: ArrayLike, allowable: ArrayLike) -> BoolArray:
    """Return whether an uncertainty is no larger than allowed.

    Parameters
    ----------
    u, allowable : numbers, or arrays that broadcast; both in one unit, or both in percent
        Both standard or both expanded uncertainties.

    Returns
    -------
    booleans of the broadcast shape
        False where either is nan: what is unknown doesn't meet a goal.

    Raises
    ------
    ValueError
        If `u` is negative or `allowable` not above 0.

    Notes
    -----
    u ≤ u_allowable.

    References
    ----------
    ISO/TS 20914:2019 (comparison with the maximum allowable uncertainty). ISO 15189:2022, 7.3.4.

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> uncertainty.is_within_allowable([2.4, 2.5, 2.6], 2.5).tolist()
    [True, True, False]
    """
    met: BoolArray = not_negative("u", u) <= positive("allowable", allowable)
    return met


def guard_band(u: ArrayLike, *, k: float = GUARD) -> FloatArray:
    """Return the width of the guard band at a decision limit.

    Parameters
    ----------
    u : a number, or an array
        Standard uncertainty of results near the limit.
    k : float
        One-sided coverage factor; 1.65 for 95 %.

    Returns
    -------
    array of the shape of `u`, in its unit

    Raises
    ------
    ValueError
        If `u` is negative or `k` not above 0.

    Notes
    -----
    g = k·u: a result of at least L + g is above the limit L with 95 % confidence, one of at most L − g below it.

    References
    ----------
    JCGM 106:2012, 8.3 (guard bands). https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> round(float(uncertainty.guard_band(0.10)), 10)
    0.165
    """
    width: FloatArray = positive("k", k) * not_negative("u", u)
    return width


def side_of_limit(values: ArrayLike, *, limit: ArrayLike, u: ArrayLike, k: float = GUARD) -> NDArray[np.str_]:
    """Return on which side of a decision limit results are, or that their uncertainty leaves it undecided.

    Parameters
    ----------
    values, limit, u : numbers, or arrays that broadcast; one unit
        Results, decision limit, standard uncertainty of results near it.
    k : float
        One-sided coverage factor; 1.65 for 95 %.

    Returns
    -------
    array of the broadcast shape, of values of Side
        ``undecided`` also where an argument is nan.

    Raises
    ------
    ValueError
        If `u` is negative or `k` not above 0.

    Notes
    -----
    Above if x − L ≥ g, below if x − L ≤ −g, with g = k·u; a result on the limit is undecided whatever `u`.

    References
    ----------
    JCGM 106:2012, 8.3. https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    Fasting glucose at 7.0 mmol/L with u = 0.1 mmol/L.

    >>> from lienthong.metrology import uncertainty
    >>> uncertainty.side_of_limit([6.8, 7.1, 7.2], limit=7.0, u=0.1).tolist()
    ['below', 'undecided', 'above']
    """
    off, width = floats("values", values) - floats("limit", limit), guard_band(u, k=k)
    above, below = (off > 0) & (off >= width), (off < 0) & (-off >= width)
    side: NDArray[np.str_] = np.select([above, below], [Side.ABOVE.value, Side.BELOW.value], Side.UNDECIDED.value)
    return side
