"""The assigned value as a consensus of the participants, and whether there are enough of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, flat, known
from lienthong.metrology._cells import cells
from lienthong.metrology.iso13528._assigned.uncertainty import u_x_pt
from lienthong.metrology.iso13528._robust.algorithm_a import algorithm_a
from lienthong.metrology.iso13528._robust.simple import made, niqr


class Sufficiency(StrEnum):
    """Whether there are enough results for a statistic."""

    ENOUGH = "enough"
    CAUTION = "caution"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """Assigned value, standard deviation of the results and standard uncertainty for each group.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given;
    `sufficiency` holds the values of `Sufficiency`.
    """

    groups: NDArray[np.generic]
    x_pt: FloatArray
    s: FloatArray
    u_x_pt: FloatArray
    p: IntArray
    sufficiency: NDArray[np.str_]


def consensus(
    values: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    estimator: str = "algorithm_a",
    caution: int = 12,
    at_least: int = 6,
) -> Consensus:
    """Return the consensus of participants as assigned value, with its standard uncertainty.

    Parameters
    ----------
    values : shape (n,)
        Results of participants; nan is a missing result and is left out.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value; all belong to one if None.
    estimator : str
        ``algorithm_a``; ``median_niqr`` or ``median_made``, the median with that standard deviation; ``mean``, the
        arithmetic mean with the ordinary standard deviation, after outliers have been dealt with.
    caution, at_least : int
        Numbers of results for `sufficiency`.

    Returns
    -------
    Consensus
        A group without values has nan, a single value no `s` and no uncertainty. A group with too few results still
        gets its numbers: whether to use them is for the caller, who has `sufficiency`.

    Raises
    ------
    ValueError
        If a value is infinite, the lengths differ, `estimator` is unknown, or `at_least` exceeds `caution`.

    Notes
    -----
    u(x_pt) = 1.25·s/√p for the robust ones, s/√p for the mean. Where s is 0 so is u(x_pt), which then says nothing.

    References
    ----------
    ISO 13528:2022, 7.7 and example E.3 (which takes nIQR for the median).

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.consensus([4.0, 4.2, 4.1, 4.3, 9.9], estimator="median_niqr")
    >>> found.x_pt.tolist(), found.u_x_pt.round(4).tolist(), found.sufficiency.tolist()
    ([4.2], [0.0829], ['too_few'])
    """
    if estimator not in _WAYS:
        raise ValueError(f"estimator must be one of {', '.join(_WAYS)}, but got {estimator!r}")
    array = flat("values", values)
    way, factor = _WAYS[estimator]
    of = np.zeros(array.size, dtype=np.intp) if groups is None else groups
    names, x_pt, s, p = way(array, of) if array.size or groups is not None else _none()
    return Consensus(names, x_pt, s, u_x_pt(s, p, factor=factor), p, sufficiency(p, caution=caution, at_least=at_least))


def sufficiency(p: ArrayLike, *, caution: int = 12, at_least: int = 6) -> NDArray[np.str_]:
    """Return whether there are enough results for a statistic.

    Parameters
    ----------
    p : whole numbers, any shape
        How many results there are.
    caution, at_least : int
        Fewer than `caution` need caution; fewer than `at_least` are too few.

    Returns
    -------
    strings like `p`
        Values of `Sufficiency`: ``enough``, ``caution``, ``too_few``.

    Raises
    ------
    ValueError
        If `at_least` is below 1 or exceeds `caution`, or a number is nan.

    Notes
    -----
    The defaults are usual for robust consensus values; a scheme's plan should say its own.

    References
    ----------
    ISO 13528:2022, 5.4 (small numbers of participants).

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.sufficiency([3, 8, 40]).tolist()
    ['too_few', 'caution', 'enough']
    """
    if not 1 <= at_least <= caution:
        raise ValueError(f"at_least must be at least 1 and at most caution, but got {at_least} and {caution}")
    count = known("p", p)
    words = [Sufficiency.TOO_FEW.value, Sufficiency.CAUTION.value]
    read: NDArray[np.str_] = np.select([count < at_least, count < caution], words, default=Sufficiency.ENOUGH.value)
    return read


_Found = tuple[NDArray[np.generic], FloatArray, FloatArray, IntArray]


def _none() -> _Found:
    return np.zeros(1, dtype=np.intp), np.full(1, np.nan), np.full(1, np.nan), np.zeros(1, dtype=np.intp)


def _algorithm_a(values: FloatArray, groups: ArrayLike) -> _Found:
    found = algorithm_a(values, groups=groups)
    return found.groups, found.x_star, found.s_star, found.p


def _median_niqr(values: FloatArray, groups: ArrayLike) -> _Found:
    found = niqr(values, groups=groups)
    return found.groups, found.x_star, found.s_star, found.p


def _median_made(values: FloatArray, groups: ArrayLike) -> _Found:
    found = made(values, groups=groups)
    return found.groups, found.x_star, found.s_star, found.p


def _mean(values: FloatArray, groups: ArrayLike) -> _Found:
    there = ~np.isnan(values)
    by = cells(values.size, groups).only(there)
    return by.labels, by.means(values[there]), by.sds(values[there]), by.count()


_WAYS: dict[str, tuple[Callable[[FloatArray, ArrayLike], _Found], float]] = {
    "algorithm_a": (_algorithm_a, 1.25),
    "median_niqr": (_median_niqr, 1.25),
    "median_made": (_median_made, 1.25),
    "mean": (_mean, 1.0),
}
