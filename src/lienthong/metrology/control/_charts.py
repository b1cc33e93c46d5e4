"""Charts that add up small shifts: cusum and EWMA."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, floats, like, not_negative, positive
from lienthong.metrology._compiled import compiled
from lienthong.metrology.control._results import Results, results, starts


@dataclass(frozen=True, slots=True, eq=False)
class Cusum:
    """Cumulative sums of each result, in SD, and where one of them is beyond the limit; all arrays have shape (n,)."""

    upper: FloatArray
    lower: FloatArray
    signal: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Ewma:
    """Weighted mean at each result with its limits, in the unit of the values, and where it is beyond them.

    All arrays have shape (n,).
    """

    ewma: FloatArray
    lower: FloatArray
    upper: FloatArray
    signal: BoolArray


def cusum(
    values: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    k: float = 0.5,
    h: float = 5.0,
    groups: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    restart: bool = False,
) -> Cusum:
    """Return the tabular cusum of control results.

    Parameters
    ----------
    values : shape (n,)
        Control results, in time order within a series; series may be mixed. nan is a missing result and is skipped.
    mean, sd : one number, or shape (n,), in the unit of the values
        Target mean and standard deviation; where one is nan, the result is skipped.
    k : float
        Slack, in SD: half the shift that is to be found soonest.
    h : float
        Limit, in SD.
    groups : shape (n,), integers or strings
        Series, level and lot of control material; sums begin at 0 in each. Without it all are one.
    excluded : shape (n,), booleans
        Results that don't count; they are skipped.
    restart : bool
        Begin at 0 again after a signal, as after a correction.

    Returns
    -------
    Cusum
        A result that is skipped keeps the sums before it and gives no signal.

    Raises
    ------
    ValueError
        If lengths differ, an SD or `h` is not above 0, or `k` is negative.

    Notes
    -----
    C⁺ = max(0, C⁺ + z − k), C⁻ = max(0, C⁻ − z − k) from 0, z = (x − mean)/SD; a signal where one is above h. With
    k = 0.5 and h = 5 a signal comes on average after 465 results in control, after 10.4 with a shift of 1 SD.

    References
    ----------
    E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954) 100–115. J. O. Westgard, T. Groth, T. Aronsson,
    C.-H. de Verdier, "Combined Shewhart–cusum control chart for improved quality control in clinical chemistry",
    Clin. Chem. 23 (1977) 1881–1887. https://www.itl.nist.gov/div898/handbook/pmc/section3/pmc323.htm

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.cusum([5.1, 5.3, 5.4, 5.4], 5.0, 0.1)
    >>> found.upper.round(1).tolist(), found.signal.tolist()
    ([0.5, 3.0, 6.5, 10.0], [False, False, True, True])
    """
    slack, limit = float(not_negative("k", k)), float(positive("h", h))
    found = results(values, groups, excluded)
    z, counts, order = _in_order(found, mean, sd)
    upper, lower = np.empty(order.size), np.empty(order.size)
    upper[order], lower[order], signal = _cusum(z, starts(found.code[order]), slack, limit, restart)
    beyond = np.zeros(order.size, dtype=np.bool_)
    beyond[order] = signal & counts
    return Cusum(upper=upper, lower=lower, signal=beyond)


def ewma(
    values: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    weight: float = 0.2,
    width: float = 3.0,
    groups: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    asymptotic: bool = False,
) -> Ewma:
    """Return the exponentially weighted moving average of control results, with its limits.

    Parameters
    ----------
    values : shape (n,)
        Control results, in time order within a series; series may be mixed. nan is a missing result and is skipped.
    mean, sd : one number, or shape (n,), in the unit of the values
        Target mean and standard deviation; where one is nan, the result is skipped.
    weight : float
        λ, the weight of the newest result, above 0 and at most 1.
    width : float
        L, half the distance of the limits in SD of the average.
    groups : shape (n,), integers or strings
        Series, level and lot of control material; the average begins at the mean in each. Without it all are one.
    excluded : shape (n,), booleans
        Results that don't count; they are skipped.
    asymptotic : bool
        Limits as after many results, from the first on; they are too wide for the first few.

    Returns
    -------
    Ewma
        A result that is skipped keeps the average before it and gives no signal; nan where its mean or SD is.

    Raises
    ------
    ValueError
        If lengths differ, an SD or `width` is not above 0, or `weight` is not above 0 and at most 1.

    Notes
    -----
    E_t = λ·z_t + (1 − λ)·E_{t−1} from E_0 = 0, z = (x − mean)/SD; drawn as mean + SD·E_t with limits
    mean ± L·SD·√(λ/(2 − λ)·(1 − (1 − λ)^{2t})). A signal where it is beyond a limit.

    References
    ----------
    S. W. Roberts, "Control chart tests based on geometric moving averages", Technometrics 1 (1959) 239–250.
    https://www.itl.nist.gov/div898/handbook/pmc/section3/pmc324.htm

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.ewma([52.0, 47.0, 53.0], 50.0, 2.0539, weight=0.3)
    >>> found.ewma.round(3).tolist(), found.upper.round(3).tolist()
    ([50.6, 49.52, 50.564], [51.849, 52.256, 52.431])
    """
    share, half = float(positive("weight", weight)), float(positive("width", width))
    if not share <= 1:
        raise ValueError(f"weight must be above 0 and at most 1, but got {weight}")
    found = results(values, groups, excluded)
    z, counts, order = _in_order(found, mean, sd)
    average, t = np.empty(order.size), np.empty(order.size)
    average[order], t[order] = _ewma(z, starts(found.code[order]), share)
    spread = np.sqrt(share / (2 - share) * (1.0 if asymptotic else 1 - (1 - share) ** (2 * t)))
    centre, unit = _targets(found, mean, sd)
    judged = np.zeros(order.size, dtype=np.bool_)
    judged[order] = counts
    return Ewma(
        ewma=centre + unit * average,
        lower=centre - half * unit * spread,
        upper=centre + half * unit * spread,
        signal=judged & (np.abs(average) > half * spread),
    )


def _targets(found: Results, mean: ArrayLike, sd: ArrayLike) -> tuple[FloatArray, FloatArray]:
    shape = found.values.shape
    return like("mean", floats("mean", mean), shape), like("sd", positive("sd", sd), shape)


def _in_order(found: Results, mean: ArrayLike, sd: ArrayLike) -> tuple[FloatArray, BoolArray, IntArray]:
    """Return z by series, nan where a result doesn't count; which do; and the order."""
    centre, unit = _targets(found, mean, sd)
    order = found.order()
    z = np.where(found.counts, (found.values - centre) / unit, np.nan)[order]
    return z, ~np.isnan(z), order


@compiled
def _cusum(z, first, k, h, restart):  # type: ignore[no-untyped-def]
    upper, lower, signal = np.empty(z.size), np.empty(z.size), np.zeros(z.size, np.bool_)
    high, low = 0.0, 0.0
    for i in range(z.size):
        if first[i] == i or (restart and i > 0 and signal[i - 1]):
            high, low = 0.0, 0.0
        if not np.isnan(z[i]):
            high, low = max(0.0, high + z[i] - k), max(0.0, low - z[i] - k)
            signal[i] = high > h or low > h
        upper[i], lower[i] = high, low
    return upper, lower, signal


@compiled
def _ewma(z, first, weight):  # type: ignore[no-untyped-def]
    average, t = np.empty(z.size), np.zeros(z.size)
    last, seen = 0.0, 0
    for i in range(z.size):
        if first[i] == i:
            last, seen = 0.0, 0
        if not np.isnan(z[i]):
            last, seen = weight * z[i] + (1 - weight) * last, seen + 1
        average[i], t[i] = last, seen
    return average, t
