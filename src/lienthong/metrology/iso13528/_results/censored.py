"""Results beyond a limit of the procedure, such as "<0.5": how they are read, scored, and counted in a consensus."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, flat, floats, known, like, not_negative
from lienthong.metrology._cells import cells
from lienthong.metrology.iso13528._robust.groups import split
from lienthong.metrology.iso13528._scoring.limits import roundings
from lienthong.metrology.iso13528._scoring.verdicts import Verdict

FORM = re.compile(r"\s*+([<>≤≥]?)\s*+([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*")
SIDES = {"<": -1, "≤": -1, "": 0, ">": 1, "≥": 1}


@dataclass(frozen=True, slots=True, eq=False)
class Reported:
    """Results as reported, shape (n,): number, and side: −1 below it, 0 the number itself, 1 above it."""

    values: FloatArray
    side: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CensoredMedians:
    """Median for each group where the censored results leave it certain, else nan.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given;
    `p` counts all results, `censored` those below or above a limit.
    """

    groups: NDArray[np.generic]
    median: FloatArray
    p: IntArray
    censored: IntArray


def read_reported(texts: Iterable[str]) -> Reported:
    """Return numbers and sides of results as they are written: ``0.7``, ``<0.5``, ``>100``.

    Parameters
    ----------
    texts : n strings
        A number with a decimal point, with or without one of < ≤ > ≥ before it; an empty string is a missing result.

    Returns
    -------
    Reported
        A missing result is nan with side 0. ≤ is read as <, ≥ as >: a continuous quantity makes no difference.

    Raises
    ------
    ValueError
        If a text is anything else, with its position.

    Notes
    -----
    Nothing is guessed: a decimal comma, a unit or a word is refused.

    References
    ----------
    ISO 13528:2022, 5.5 (reporting format, and results below a limit of detection).

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.read_reported(["0.7", "<0.5", ""])
    >>> found.values.tolist(), found.side.tolist()
    ([0.7, 0.5, nan], [0, -1, 0])
    """
    values, side = [], []
    for place, text in enumerate(texts):
        found = FORM.fullmatch(text)
        if found is None and text.strip():
            raise ValueError(f"texts must be numbers, with < or > before them or not, but position {place} is not")
        values.append(float(found[2]) if found else np.nan)
        side.append(SIDES[found[1]] if found else 0)
    return Reported(values=np.array(values, dtype=np.float64), side=np.array(side, dtype=np.intp))


def censored_verdicts(
    values: ArrayLike,
    *,
    side: ArrayLike,
    x_pt: ArrayLike,
    delta_e: ArrayLike,
    floor: float = 0.0,
    ceiling: float | None = None,
) -> NDArray[np.str_]:
    """Return whether results are acceptable, where those beyond a limit are judged only if that is conclusive.

    Parameters
    ----------
    values : shape (n,)
        Results, or the limits they are below or above; nan is a missing result.
    side : shape (n,)
        −1 below the limit, 0 a number, 1 above the limit; or one for all.
    x_pt, delta_e : one number, or shape (n,)
        Assigned value and allowable limit; nan where there is none.
    floor : float
        The least that the quantity can be.
    ceiling : float
        The most that it can be; no bound if None.

    Returns
    -------
    strings, shape (n,)
        Values of `Verdict`: ``satisfactory`` if every number the result stands for lies within x_pt ± δ_E,
        ``unsatisfactory`` if none does, else ``not_evaluated``; so too where something is nan.

    Raises
    ------
    ValueError
        If `side` holds anything else, `delta_e` is negative, or the lengths differ.

    Notes
    -----
    A number exactly on the limit x_pt ± δ_E counts as within; "<L" stands for `floor` to L, the latter excluded.

    References
    ----------
    ISO 13528:2022, 5.5 (results below a limit of detection). The reading of intervals is this library's.

    Examples
    --------
    Assigned value 1.0, acceptable from 0.6 to 1.4; and a blank, acceptable up to 0.2:

    >>> from lienthong.metrology import iso13528
    >>> iso13528.censored_verdicts([0.5, 2.0, 0.9], side=[-1, -1, 0], x_pt=1.0, delta_e=0.4).tolist()
    ['unsatisfactory', 'not_evaluated', 'satisfactory']
    >>> iso13528.censored_verdicts([0.1], side=[-1], x_pt=0.0, delta_e=0.2).tolist()
    ['satisfactory']
    """
    array, sides = flat("values", values), checked_sides(side, np.shape(values))
    assigned = like("x_pt", floats("x_pt", x_pt), array.shape)
    allowed = like("delta_e", not_negative("delta_e", delta_e), array.shape)
    rounding = roundings(array, assigned)
    lower, upper = assigned - allowed - rounding, assigned + allowed + rounding
    least = np.where(sides < 0, floor, array)
    most = np.where(sides > 0, np.inf if ceiling is None else ceiling, array)
    within = (least >= lower) & (most <= upper)
    outside = np.where(sides < 0, most <= lower + 2 * rounding, most < lower) | np.where(
        sides > 0, least >= upper - 2 * rounding, least > upper
    )
    unknown = np.isnan(array) | np.isnan(lower)
    words = [Verdict.NOT_EVALUATED.value, Verdict.SATISFACTORY.value, Verdict.UNSATISFACTORY.value]
    read: NDArray[np.str_] = np.select([unknown, within, outside], words, default=Verdict.NOT_EVALUATED.value)
    return read


def censored_median(values: ArrayLike, *, side: ArrayLike, groups: ArrayLike | None = None) -> CensoredMedians:
    """Return the median of results of which some are only known to lie below or above a limit.

    Parameters
    ----------
    values : shape (n,)
        Results, or the limits they are below or above; nan is left out.
    side : shape (n,)
        −1 below the limit, 0 a number, 1 above the limit.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value; all belong to one if None.

    Returns
    -------
    CensoredMedians

    Raises
    ------
    ValueError
        If `side` holds anything else, a value is infinite, or the lengths differ.

    Notes
    -----
    The median is given if it is the same whether the censored results are taken at their limits or as far beyond as
    can be. So it is wherever fewer than half are censored with limits on the outer side of the median; a "<5" among
    results around 2 counts as unknown on either side.

    References
    ----------
    ISO 13528:2022, 7.7 (consensus by the median).

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.censored_median([0.5, 0.7, 0.8, 0.9, 1.0], side=[-1, 0, 0, 0, 0]).median.tolist()
    [0.8]
    >>> iso13528.censored_median([0.5, 0.5, 0.5, 0.9, 1.0], side=[-1, -1, -1, 0, 0]).median.tolist()
    [nan]
    """
    array = flat("values", values)
    sides = checked_sides(side, array.shape)
    there = ~np.isnan(array)
    beyond = np.nanmax(np.abs(array)) * 2 + 1 if np.any(there) else 0.0
    lowest = split(np.where((sides < 0) & there, -beyond, array), groups)
    highest = split(np.where((sides > 0) & there, beyond, array), groups)
    low, high = lowest.grouped.medians(), highest.grouped.medians()
    median = np.full(lowest.filled.size, np.nan)
    median[lowest.filled] = np.where(low == high, low, np.nan)
    by = cells(array.size, groups)
    return CensoredMedians(by.labels, median, by.count(there), by.count(there & (sides != 0)))


def checked_sides(side: ArrayLike, shape: tuple[int, ...]) -> IntArray:
    sides = like("side", known("side", side), shape)
    if not np.all(np.isin(sides, (-1, 0, 1))):
        raise ValueError("side must be −1 (below), 0 (the number) or 1 (above)")
    return sides.astype(np.intp)
