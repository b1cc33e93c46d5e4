"""Changes of lot: a target for a new lot of control material, and whether a new reagent lot gives the same results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    count,
    flat,
    floats,
    like,
    not_negative,
    positive,
)
from lienthong.metrology._intervals import mean_interval
from lienthong.metrology.control._results import results


@dataclass(frozen=True, slots=True, eq=False)
class LotTargets:
    """A target for each new lot; all arrays have shape (g,), in the sorted order of the labels `groups`.

    ``n`` results were there; ``is_enough`` says whether as many as asked for: until then the target is provisional.
    """

    groups: NDArray[np.generic]
    mean: FloatArray
    sd: FloatArray
    n: IntArray
    is_enough: BoolArray


def new_control_lot(
    values: ArrayLike,
    *,
    old_cv: ArrayLike,
    at_least: int,
    groups: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
) -> LotTargets:
    """Return the target of a new lot of control material that ran beside the old one.

    Parameters
    ----------
    values : shape (n,)
        Results of the new lot while the old lot was in control; nan is a missing result and is left out.
    old_cv : one number, or shape (n,); percent
        Coefficient of variation of the old lot, over a long time; the same for all results of a group.
    at_least : int
        How many results a target needs. Laboratories commonly ask for 10 to 20, one or two a day.
    groups : shape (n,), integers or strings
        Series, level and lot of each. Without it all are one.
    excluded : shape (n,), booleans
        Results excluded for a documented reason.

    Returns
    -------
    LotTargets
        A group without results that count has nan.

    Raises
    ------
    ValueError
        If lengths differ, a CV is negative or differs within a group, or `at_least` is below 1.

    Notes
    -----
    Mean = mean of the new lot's results; SD = CV of the old lot·|mean|/100. Few results tell the mean well enough,
    but not the SD, and their own SD has no change of reagent lot or calibration in it.

    References
    ----------
    CLSI C24-Ed4, 2016 (a new lot's mean from overlapping runs, the SD from the earlier coefficient of variation).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.new_control_lot([5.0, 5.2, 5.1, 5.1], old_cv=2.0, at_least=10)
    >>> found.mean.tolist(), found.sd.round(3).tolist(), found.is_enough.tolist()
    ([5.1], [0.102], [False])
    """
    found = results(values, groups, excluded)
    least = count("at_least", at_least, at_least=1)
    cv = not_negative("old_cv", like("old_cv", floats("old_cv", old_cv), found.values.shape))
    of_group = np.full(found.groups.size, np.nan)
    of_group[found.code] = cv
    if np.any((of_group[found.code] != cv) & ~(np.isnan(of_group[found.code]) & np.isnan(cv))):
        raise ValueError("old_cv must be the same for all results of a group")
    n = found.counted.count()
    mean = found.counted.means(found.values[found.counts])
    return LotTargets(groups=found.groups, mean=mean, sd=of_group * np.abs(mean) / 100, n=n, is_enough=n >= least)


@dataclass(frozen=True, slots=True, eq=False)
class ReagentLot:
    """Whether a new reagent lot gives the same results as the old one.

    Attributes
    ----------
    differences : new − old of each specimen, shape (n,), in the unit of the limits; nan where one is missing.
    within : which specimens are within their limit, shape (n,).
    n : specimens with both results.
    share : share of these within their limit, 0 … 1.
    mean : mean difference; lower, upper : ends of its confidence interval.
    share_met : the share is as large as asked for.
    mean_met : the mean difference is within its limit; None if it has none.
    differs : the confidence interval doesn't hold 0: the difference is no chance, be it large or small.
    accepted : `share_met`, and `mean_met` where the mean has a limit.
    """

    differences: FloatArray
    within: BoolArray
    n: int
    share: float
    mean: float
    lower: float
    upper: float
    share_met: bool
    mean_met: bool | None
    differs: bool
    accepted: bool


def verify_reagent_lot(
    old: ArrayLike,
    new: ArrayLike,
    *,
    limit: ArrayLike,
    in_percent: bool,
    share: float = 0.8,
    mean_limit: float | None = None,
    at_least: int = 5,
    confidence: float = 0.95,
) -> ReagentLot:
    """Return whether patients' specimens give the same results with a new reagent lot as with the old.

    Parameters
    ----------
    old, new : shape (n,), same unit
        Results of the same specimens with the old and with the new lot; a specimen with a nan is left out.
    limit : one number, or shape (n,); percent of the old result, or the unit of the results
        Largest allowable difference, often half the allowable total error.
    in_percent : bool
        The limits are percent of the old result.
    share : float
        Share of specimens that must be within the limit; 0.8 is four of five.
    mean_limit : float, like `limit`
        Largest allowable mean difference. None: the mean difference is reported, not judged.
    at_least : int
        How many specimens are needed, at least 2.
    confidence : float
        Of the interval for the mean difference.

    Returns
    -------
    ReagentLot

    Raises
    ------
    ValueError
        If there are fewer specimens than `at_least`, lengths differ, a limit is not above 0 or nan at a specimen with
        both results, a percentage is asked of an old result that is not above 0, or `share` or `confidence` is not
        between 0 and 1.

    Notes
    -----
    Difference = new − old, or 100·(new − old)/old. A difference on the limit, to within 1e-9 of it, is within it.
    Confidence interval d̄ ± t·s_d/√n, t with n − 1 degrees of freedom, for paired differences. With five specimens it
    is wide: that it holds 0 is no proof that the lots agree.

    References
    ----------
    WS/T 407-2012 (comparability of results: at least 80 % of the specimens within the limit, as laboratories quote
    it). CLSI EP26-A, 2013 (user evaluation of between-reagent lot variation), which finds limits and numbers of
    specimens by power; it isn't carried out here. Neither was compared with the printed text. ISO 15189:2022, 6.6.3
    (acceptance testing).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.verify_reagent_lot(
    ...     [4.0, 5.0, 8.0, 10.0, 20.0], [4.1, 5.1, 8.1, 10.2, 22.0], limit=5.0, in_percent=True)
    >>> found.differences.round(2).tolist(), found.share, found.accepted
    ([2.5, 2.0, 1.25, 2.0, 10.0], 0.8, True)
    >>> round(found.mean, 2), round(found.lower, 2), round(found.upper, 2), found.differs
    (3.55, -0.96, 8.06, False)
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, but got {share}")
    differences, allowed = _differences(old, new, limit, in_percent)
    there = ~np.isnan(differences)
    n = int(np.count_nonzero(there))
    if n < count("at_least", at_least, at_least=2):
        raise ValueError(f"old and new must have at least {at_least} specimens with both results, but have {n}")
    within = there & (np.abs(differences) <= allowed * (1 + 1e-9))
    found = mean_interval(differences[there], confidence)
    share_met = int(np.count_nonzero(within)) >= share * n * (1 - 1e-12)
    mean_met = None if mean_limit is None else abs(found.mean) <= float(positive("mean_limit", mean_limit)) * (1 + 1e-9)
    return ReagentLot(
        differences=differences,
        within=within,
        n=n,
        share=int(np.count_nonzero(within)) / n,
        mean=found.mean,
        lower=found.lower,
        upper=found.upper,
        share_met=share_met,
        mean_met=mean_met,
        differs=found.lower > 0 or found.upper < 0,
        accepted=share_met and mean_met is not False,
    )


def _differences(old: ArrayLike, new: ArrayLike, limit: ArrayLike, in_percent: bool) -> tuple[FloatArray, FloatArray]:
    before, after = flat("old", old), flat("new", new)
    if after.shape != before.shape:
        raise ValueError(f"new must have one result per specimen {before.shape}, but has shape {after.shape}")
    allowed = like("limit", positive("limit", limit), before.shape)
    differences = after - before
    if np.any(np.isnan(allowed) & ~np.isnan(differences)):
        raise ValueError("limit must be known for each specimen with both results")
    if not in_percent:
        return differences, allowed
    if np.any((before <= 0) & ~np.isnan(differences)):
        raise ValueError("old must be greater than 0, for a difference in percent of it")
    return 100 * differences / np.where(before > 0, before, np.nan), allowed
