"""Control limits of the statistics of patients' results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, codes, flat, floats, fraction, labels, positive

Side = Literal["both", "lower", "upper"]


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Control limits of a statistic, in its scale.

    Parameters
    ----------
    lower, upper : float, or arrays of shape (channels,)
        A statistic below `lower` or above `upper` is flagged; one exactly on a limit is not. −inf or inf where there
        is no limit on that side.

    Raises
    ------
    ValueError
        If a limit is nan, or `lower` is not below `upper`.

    Examples
    --------
    >>> from lienthong.metrology import pbrtqc
    >>> pbrtqc.Limits(138.0, 142.0).beyond([137.9, 138.0, 142.1, float("nan")]).tolist()
    [True, False, True, False]
    """

    lower: float | FloatArray = -math.inf
    upper: float | FloatArray = math.inf

    def __post_init__(self) -> None:
        if not np.all(np.asarray(self.lower) < np.asarray(self.upper)):
            raise ValueError(f"lower must be below upper, but got {self.lower} and {self.upper}")

    def beyond(self, statistics: ArrayLike) -> BoolArray:
        """Return where `statistics`, of any shape that the limits broadcast to, are beyond; False where nan."""
        given = np.asarray(statistics, dtype=np.float64)
        found: BoolArray = (given < self.lower) | (given > self.upper)
        return found


@dataclass(frozen=True, slots=True)
class FalseAlarmLimits:
    """Limits found for a rate of false alarms, and what they do to the results they were found on.

    Attributes
    ----------
    limits : Limits
    rate : share of the periods with at least one flag
    periods : number of periods with at least one statistic
    """

    limits: Limits
    rate: float
    periods: int


def limits_by_sd(statistics: ArrayLike, *, k: float = 3.0) -> Limits:
    """Return mean ± k standard deviations of a statistic while all was in control.

    Parameters
    ----------
    statistics : shape (n,) or (channels, n)
        Of in-control results, as `pbrtqc.statistics` gives them; nan is left out. Limits of each row for two
        dimensions.
    k : float
        Above 0.

    Returns
    -------
    Limits

    Raises
    ------
    ValueError
        If fewer than two statistics stand in a row, if they are all equal, if `k` is not above 0.

    Notes
    -----
    m ± k·s, s with n − 1. Statistics of sliding windows depend on one another and are seldom normal: k = 3 does not
    give 0.27 % of false alarms. `limits_by_false_alarms` fixes them.

    References
    ----------
    T. Badrick et al., "Patient-based real-time quality control: review and recommendations", Clin. Chem. 65 (2019)
    962–971.

    Examples
    --------
    >>> from lienthong.metrology import pbrtqc
    >>> found = pbrtqc.limits_by_sd([139.0, 140.0, 141.0, float("nan")], k=2)
    >>> found.lower, found.upper
    (138.0, 142.0)
    """
    given = floats("statistics", statistics)
    if given.ndim not in (1, 2):
        raise ValueError(f"statistics must have one or two dimensions, but has {given.ndim}")
    n = np.count_nonzero(~np.isnan(given), axis=-1, keepdims=True)
    if np.any(n < 2):
        raise ValueError(f"statistics must hold at least 2 that are known, but got {int(n.min())}")
    mean = np.nansum(given, axis=-1, keepdims=True) / n
    sd = np.sqrt(np.nansum((given - mean) ** 2, axis=-1, keepdims=True) / (n - 1))
    half = float(positive("k", k)) * sd
    lower, upper = (mean - half)[..., 0], (mean + half)[..., 0]
    return Limits(lower, upper) if given.ndim == 2 else Limits(float(lower), float(upper))


def limits_by_false_alarms(
    statistics: ArrayLike, *, rate: float, period: int | ArrayLike = 1_000, side: Side = "both"
) -> FalseAlarmLimits:
    """Return the narrowest limits that no more than a share `rate` of the periods exceeds.

    Parameters
    ----------
    statistics : shape (n,)
        Of one channel's in-control results in time order, as `pbrtqc.statistics` gives them; nan is skipped.
    rate : float, above 0 and below 1
        Share of periods that may hold a false alarm: 0.01 of days, say.
    period : int, or shape (n,) of integers, strings or dates
        So many results in a row make a period (an incomplete last one is left out); or the period (the day) of each.
        A period without any statistic is not counted.
    side : ``both``, ``lower`` or ``upper``
        Which limits are wanted. For both, each is exceeded in half of the share.

    Returns
    -------
    FalseAlarmLimits
        With the share that the limits do have, at most `rate`.

    Raises
    ------
    ValueError
        If there are too few periods for the rate (fewer than 1/rate, or 2/rate for both sides).

    Notes
    -----
    The upper limit is the order statistic of the periods' maxima that floor(rate·periods) of them exceed (rate/2 for
    both sides; fewer where maxima are equal), the lower likewise of their minima. A statistic that stands often
    exceeds its mean ± 3 SD many times as often as single independent results would; the extreme of a period is what
    a laboratory meets.

    References
    ----------
    T. Badrick et al., "Patient-based real-time quality control: review and recommendations", Clin. Chem. 65 (2019)
    962–971.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import pbrtqc
    >>> found = pbrtqc.limits_by_false_alarms(np.arange(100.0), rate=0.2, period=10)
    >>> found.limits.lower, found.limits.upper, found.rate, found.periods
    (10.0, 89.0, 0.2, 10)
    """
    given = flat("statistics", statistics)
    if side not in ("both", "lower", "upper"):
        raise ValueError(f"side must be one of both, lower, upper, but got {side!r}")
    share = fraction("rate", rate) / (2 if side == "both" else 1)
    low, high = _extremes(given, period)
    exceed = math.floor(share * low.size * (1 + 1e-12))
    if not exceed:
        raise ValueError(
            f"statistics must span at least {math.ceil(1 / share)} periods for the rate {rate}, but span {low.size}"
        )
    lower = -math.inf if side == "upper" else float(np.sort(low)[exceed])
    upper = math.inf if side == "lower" else float(np.sort(high)[-1 - exceed])
    alarmed = int(np.count_nonzero((low < lower) | (high > upper)))
    return FalseAlarmLimits(limits=Limits(lower, upper), rate=alarmed / low.size, periods=low.size)


def ewma_limits(*, target: float, sd: float, weight: float, k: float = 3.0, t: ArrayLike | None = None) -> Limits:
    """Return the control limits of an EWMA of independent results.

    Parameters
    ----------
    target, sd : float, in the unit of the results
        Mean and standard deviation of the results while all is in control.
    weight : float, above 0 and at most 1
        Of the newest result, λ.
    k : float
        Width in standard deviations of the EWMA.
    t : shape (m,), integers
        Numbers of results since the start at the target: limits for each. Without it those of long after the start.

    Returns
    -------
    Limits
        Arrays of shape (m,) if `t` is given.

    Raises
    ------
    ValueError
        If `sd`, `k`, `weight` or `t` is not above 0, or `weight` above 1.

    Notes
    -----
    target ± k·sd·√(λ/(2 − λ)·(1 − (1 − λ)^(2t))).

    References
    ----------
    NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4,
    https://www.itl.nist.gov/div898/handbook/pmc/section3/pmc324.htm

    Examples
    --------
    >>> from lienthong.metrology import pbrtqc
    >>> found = pbrtqc.ewma_limits(target=50, sd=2.0539, weight=0.3)
    >>> round(found.lower, 4), round(found.upper, 4)
    (47.4116, 52.5884)
    """
    if not 0 < weight <= 1:
        raise ValueError(f"weight must be above 0 and at most 1, but got {weight}")
    steps = np.array(np.inf) if t is None else positive("t", t)
    share = weight / (2 - weight) * (1 - (1 - weight) ** (2 * steps))
    half = positive("k", k) * positive("sd", sd) * np.sqrt(share)
    lower, upper = target - half, target + half
    return Limits(lower, upper) if lower.ndim else Limits(float(lower), float(upper))


def _extremes(statistics: FloatArray, period: int | ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return least and greatest statistic of each period that has any."""
    there = ~np.isnan(statistics)
    of_each: NDArray[np.generic]
    if isinstance(period, int | np.integer):
        if period < 1:
            raise ValueError(f"period must be 1 or more, but got {period}")
        of_each = np.arange(statistics.size) // period
        there &= of_each < statistics.size // period
    else:
        of_each = labels("period", period, statistics.size)
    known = statistics[there]
    code, first = codes(of_each[there])
    low, high = np.full(first.size, np.inf), np.full(first.size, -np.inf)
    np.minimum.at(low, code, known)
    np.maximum.at(high, code, known)
    return low, high
