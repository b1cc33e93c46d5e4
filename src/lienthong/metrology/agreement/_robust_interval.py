"""Reference intervals by Horn's robust method, for few subjects."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from lienthong.metrology._arrays import BoolArray, FloatArray, fraction, present
from lienthong.metrology.agreement._bootstrap import drawn, is_enough, quantile_interval
from lienthong.metrology.agreement._reference_interval import FEWEST, ReferenceInterval

LOCATION, SPREAD = 3.7, 205.6
MAD_TO_SD = 0.6745
MOST_ITERATIONS = 1_000
SETTLED = 1e-12
"""Change of the location, in median absolute deviations, at which iteration ends."""


def reference_interval_robust(
    values: ArrayLike,
    *,
    seed: int | np.random.Generator,
    coverage: float = 0.95,
    confidence: float = 0.90,
    resamples: int = 1_999,
) -> ReferenceInterval:
    """Return the reference interval by Horn's robust method, with bootstrap intervals of its limits.

    Parameters
    ----------
    values : shape (n,)
        Results of reference subjects, about symmetric (transform them first where they are not), ten or more, EP28's
        use is from 20 to 120; nan is a missing result and is left out.
    seed : int or numpy Generator
        Of the resampling; the same seed gives the same intervals.
    coverage : float
        Share of the reference population within the interval, between 0 and 1.
    confidence : float
        Of the limits' intervals, between 0 and 1.
    resamples : int
        Bootstrap resamples, 100 or more.

    Returns
    -------
    ReferenceInterval

    Raises
    ------
    ValueError
        If a value is infinite, fewer than ten are there, half or more are equal, or `resamples` is below 100.

    Notes
    -----
    With MAD = median|x − median|/0.6745, T is the biweight location: weights (1 − u²)² for |u| < 1,
    u = (x − T)/(3.7·MAD), iterated from the median until it stands still. With D = Σ(1 − u²)(1 − 5u²) and
    Q = Σu²(1 − u²)⁴ over |u| < 1, s(c) = c·MAD·√(n·Q/(D·max(1, D − 1))) for u = (x − median)/(c·MAD), and
    s_T = 3.7·s(3.7)·√(Q/(D·max(1, D − 1))) for u = (x − T)/(3.7·s(3.7)). The limits are T ± t·√(s(205.6)² + s_T²), t
    the quantile of Student's distribution with n − 1 degrees of freedom. Their intervals are quantiles of the bootstrap
    (type 6, ranks p·(B + 1)).

    References
    ----------
    CLSI EP28-A3c, 3rd edition, 2010 (robust method). P. S. Horn, A. J. Pesce, B. E. Copeland, "A robust approach to
    reference interval estimation and evaluation", Clin. Chem. 44 (1998) 622–631.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import agreement
    >>> values = np.random.default_rng(7).normal(140, 2.5, 60)
    >>> found = agreement.reference_interval_robust(values, seed=1)
    >>> round(found.lower, 2), round(found.upper, 2), found.is_enough
    (134.97, 144.03, False)
    """
    there = present("values", values, at_least=10)
    draws = drawn(there.size, resamples=resamples, seed=seed)
    t = float(stdtrit(there.size - 1, (1 + fraction("coverage", coverage)) / 2))
    lower, upper, found = _limits(there[None, :], t)
    if not found[0]:
        raise ValueError("values must not be equal by half or more, for a median absolute deviation above 0")
    lowers, uppers, found = _limits(there[draws], t)
    if not is_enough(int(np.count_nonzero(found)), resamples):
        raise ValueError("values must differ more: too many resamples have half of their values equal")
    of_lower, of_upper = (quantile_interval(ends[found], confidence) for ends in (lowers, uppers))
    return ReferenceInterval(
        n=there.size,
        lower=float(lower[0]),
        upper=float(upper[0]),
        lower_interval=(float(of_lower[0]), float(of_lower[1])),
        upper_interval=(float(of_upper[0]), float(of_upper[1])),
        coverage=coverage,
        confidence=float(confidence),
        is_enough=there.size >= FEWEST,
    )


def _limits(samples: FloatArray, t: float) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the limits of each row of `samples`, and whether it has any; those of a row without are nan."""
    lower, upper = np.full(samples.shape[0], np.nan), np.full(samples.shape[0], np.nan)
    medians = np.median(samples, axis=1, keepdims=True)
    mads = np.median(np.abs(samples - medians), axis=1, keepdims=True) / MAD_TO_SD
    found: BoolArray = mads[:, 0] > 0
    x, median, mad = samples[found], medians[found], mads[found]
    location = _location(x, median, mad)
    n = samples.shape[1]
    spread = SPREAD * mad * np.sqrt(n * _biweight((x - median) / (SPREAD * mad)))
    narrow = LOCATION * mad * np.sqrt(n * _biweight((x - median) / (LOCATION * mad)))
    of_location = LOCATION * narrow * np.sqrt(_biweight((x - location) / (LOCATION * narrow)))
    reach = t * np.hypot(spread, of_location)
    lower[found], upper[found] = (location - reach)[:, 0], (location + reach)[:, 0]
    return lower, upper, found


def _location(x: FloatArray, start: FloatArray, mad: FloatArray) -> FloatArray:
    location = start.copy()
    for _ in range(MOST_ITERATIONS):
        weights = (1 - np.minimum(((x - location) / (LOCATION * mad)) ** 2, 1)) ** 2
        before = location
        location = before + np.sum(weights * (x - before), axis=1, keepdims=True) / np.sum(
            weights, axis=1, keepdims=True
        )
        if np.all(np.abs(location - before) <= SETTLED * mad):
            break
    return location


def _biweight(u: FloatArray) -> FloatArray:
    """Return Q/(D·max(1, D − 1)) of each row."""
    inside = np.minimum(u**2, 1)  # at 1 both sums gain nothing
    q = np.sum(inside * (1 - inside) ** 4, axis=1, keepdims=True)
    d = np.sum((1 - inside) * (1 - 5 * inside), axis=1, keepdims=True)
    scale: FloatArray = q / (d * np.maximum(1, d - 1))
    return scale
