"""Delta check: a patient's result beside the one before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, labels, like, positive
from lienthong.metrology.control._results import results
from lienthong.metrology.control._times import times


@dataclass(frozen=True, slots=True, eq=False)
class Deltas:
    """Each result beside the one before it; all arrays have shape (n,).

    ``previous`` is the position of the result before, −1 where there is none; ``delta`` the difference from it, in
    the unit of the limits, nan where there is none; ``flagged`` where that is beyond its limit.
    """

    previous: IntArray
    delta: FloatArray
    flagged: BoolArray


def delta_check(
    values: ArrayLike,
    subjects: ArrayLike,
    *,
    limit: ArrayLike,
    in_percent: bool,
    at: ArrayLike | None = None,
    within: float | np.timedelta64 | None = None,
) -> Deltas:
    """Return each patient's result beside the one before it, and whether they differ by more than the limit.

    Parameters
    ----------
    values : shape (n,)
        Results of one analyte, in time order for each subject. nan is a missing result and is skipped.
    subjects : shape (n,), integers or strings
        Whose each result is (a code will do); for several analytes, subject and analyte in one label.
    limit : one number, or shape (n,); percent of the result before, or the unit of the values
        Largest difference that isn't flagged. nan: never flagged.
    in_percent : bool
        The limits are percent of the result before.
    at : shape (n,), numbers or datetime64
        When each specimen was taken.
    within : a number like `at`, or timedelta64
        The result before must not be older than this. None: however old.

    Returns
    -------
    Deltas
        A percentage of a result before that is 0 is nan, and not flagged.

    Raises
    ------
    ValueError
        If lengths differ, a limit is not above 0, only one of `at` and `within` is given, `within` is not above 0, or
        times go back within a subject.

    Notes
    -----
    Delta = x − x_before, or 100·(x − x_before)/|x_before|; flagged if |delta| > limit. It finds mixed-up specimens and
    changes of the patient alike; `uncertainty.reference_change_value` gives a limit that measurement and biology
    explain.

    References
    ----------
    CLSI EP33, 2016 (use of delta checks in the medical laboratory).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.delta_check([80, 120, 84, 60], ["P1", "P2", "P1", "P2"], limit=25, in_percent=True)
    >>> found.previous.tolist(), found.delta.tolist(), found.flagged.tolist()
    ([-1, -1, 0, 1], [nan, nan, 5.0, -50.0], [False, False, False, True])
    """
    if (at is None) != (within is None):
        raise ValueError("at and within must be given together")
    found = results(values, labels("subjects", subjects, np.size(values)))
    n = found.values.size
    allowed = like("limit", positive("limit", limit), (n,))
    order = found.order()
    order = order[found.counts[order]]
    follows = found.code[order[1:]] == found.code[order[:-1]]
    if at is not None and within is not None:
        follows &= _recent(at, within, order, follows, n)
    previous = np.full(n, -1, dtype=np.intp)
    previous[order[1:][follows]] = order[:-1][follows]
    has = previous >= 0
    before = np.where(has, found.values[previous] if n else 0.0, np.nan)
    delta = found.values - before
    if in_percent:
        delta = 100 * delta / np.where(before != 0, np.abs(before), np.nan)
    return Deltas(previous=previous, delta=delta, flagged=np.abs(delta) > allowed)


def _recent(at: ArrayLike, within: float | np.timedelta64, order: IntArray, follows: BoolArray, n: int) -> BoolArray:
    instants, longest = times(at, within, n)
    ages = np.diff(instants[order])
    if np.any((ages < 0) & follows):
        raise ValueError("at must not go back for a subject: results must be in time order")
    recent: BoolArray = ages <= longest
    return recent
