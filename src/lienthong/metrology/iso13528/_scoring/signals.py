"""Signals over several rounds, and whether a claimed uncertainty is plausible."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, codes, flat, floats, labels, not_negative
from lienthong.metrology._cells import cells


class Plausibility(StrEnum):
    """How a claimed standard uncertainty compares with what is likely."""

    PLAUSIBLE = "plausible"
    LOW = "low"
    HIGH = "high"
    NOT_EVALUATED = "not_evaluated"


def action_signals(
    z: ArrayLike, *, rounds: ArrayLike, groups: ArrayLike | None = None, warning: float = 2.0, action: float = 3.0
) -> BoolArray:
    """Return which scores are action signals, alone or as the second warning signal in two successive rounds.

    Parameters
    ----------
    z : shape (n,)
        z, z′ or ζ scores, one for each round of a group; nan is a round without a score.
    rounds : shape (n,), integers, strings or dates
        The round of each score; sorted, they are in order of time.
    groups : shape (n,), integers or strings
        Participant and analyte of each score; all belong to one if None.
    warning, action : float
        A score above `warning`, whatever its sign, is a warning signal; one of `action` or more an action signal.

    Returns
    -------
    booleans, shape (n,)
        False where the score is nan.

    Raises
    ------
    ValueError
        If a group has a round twice, `warning` is not above 0 and below `action`, or the lengths differ.

    Notes
    -----
    The two warnings may be of either sign. A round with nan breaks the succession; a round that isn't given at all
    doesn't, as if the group had not been asked.

    References
    ----------
    ISO 13528:2022, 9.4.2.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.action_signals([2.1, -2.4, 0.3, 3.0], rounds=[1, 2, 3, 4]).tolist()
    [False, True, False, True]
    """
    if not 0 < warning < action:
        raise ValueError(f"warning must be above 0 and below action, but got {warning} and {action}")
    size = np.abs(flat("z", z))
    by = cells(size.size, groups)
    column = labels("rounds", rounds, size.size)
    place, first = codes(by.code, column)
    if first.size < size.size:
        twice = np.flatnonzero(np.bincount(place) > 1)[0]
        raise ValueError(
            f"rounds must hold each round once in a group, but round {column[first[twice]]} is there twice"
        )
    order = np.argsort(place)
    warned = size[order] > warning
    code = by.code[order]
    second = np.zeros(size.size, dtype=np.bool_)
    second[1:] = warned[1:] & warned[:-1] & (code[1:] == code[:-1])
    signals: BoolArray = size >= action
    signals[order] |= second
    return signals


def u_plausibility(u: ArrayLike, *, u_min: ArrayLike, u_max: ArrayLike) -> NDArray[np.str_]:
    """Return whether participants' claimed standard uncertainties are plausible.

    Parameters
    ----------
    u : a number, or an array
        Claimed standard uncertainties.
    u_min, u_max : numbers, or arrays that broadcast; in the unit of `u`
        What is unlikely to be undercut: u(x_pt). What is unlikely to be exceeded: 1.5·s* (or 1.5·σ_pt).

    Returns
    -------
    strings of the broadcast shape
        Values of `Plausibility`: ``low`` below `u_min`, ``high`` above `u_max`, ``plausible`` on them and between,
        ``not_evaluated`` where one of the three is nan.

    Raises
    ------
    ValueError
        If a number is negative or `u_min` exceeds `u_max`.

    Notes
    -----
    It informs and doesn't judge: a laboratory with an excellent procedure may rightly claim less than u(x_pt).

    References
    ----------
    ISO 13528:2022, 9.8.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.u_plausibility([0.01, 0.1, 0.9], u_min=0.05, u_max=0.6).tolist()
    ['low', 'plausible', 'high']
    """
    claimed, least, most = not_negative("u", u), not_negative("u_min", u_min), not_negative("u_max", u_max)
    if np.any(least > most):
        raise ValueError("u_min must not exceed u_max")
    unknown = np.isnan(floats("u", claimed + least + most))
    words = [Plausibility.NOT_EVALUATED.value, Plausibility.LOW.value, Plausibility.HIGH.value]
    read: NDArray[np.str_] = np.select(
        [unknown, claimed < least, claimed > most], words, default=Plausibility.PLAUSIBLE.value
    )
    return read
