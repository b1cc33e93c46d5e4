"""Reference intervals on a Box–Cox scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtri, ndtri

from lienthong.metrology._arrays import FloatArray, fraction, positive, present
from lienthong.metrology._box_cox import back, likelihood, slope, transformed
from lienthong.metrology.agreement._bland_altman import LimitMethod, limit_bounds
from lienthong.metrology.agreement._reference_interval import FEWEST, ReferenceInterval

FARTHEST = 32.0
"""Largest |λ| that is searched."""


@dataclass(frozen=True, slots=True)
class BoxCox:
    """The exponent λ of a Box–Cox transformation by maximum likelihood, with its confidence interval."""

    n: int
    exponent: float
    lower: float
    upper: float


def box_cox(values: ArrayLike, *, confidence: float = 0.95) -> BoxCox:
    """Return the exponent λ that makes values most nearly normal.

    Parameters
    ----------
    values : shape (n,), above 0
        Three or more; nan is a missing result and is left out.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    BoxCox
        A limit beyond ±32 is ±∞.

    Raises
    ------
    ValueError
        If fewer than three are there, one isn't above 0, all are equal, or λ is beyond ±32.

    Notes
    -----
    y = (x^λ − 1)/λ, ln x for λ = 0. λ is where ℓ(λ) = −(n/2)·ln σ̂²(λ) + (λ − 1)·Σ ln x is greatest, and its interval is
    where ℓ is less by no more than half the χ² quantile of one degree of freedom.

    References
    ----------
    G. E. P. Box, D. R. Cox, "An analysis of transformations", J. R. Stat. Soc. B 26 (1964) 211–252.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import agreement
    >>> found = agreement.box_cox(np.exp(np.random.default_rng(6).normal(1, 0.5, 200)))
    >>> found.lower < 0 < found.upper
    True
    """
    there, level = _positive(values), fraction("confidence", confidence)
    logs = np.log(there)
    logs = logs - logs.mean()
    if slope(-FARTHEST, logs) <= 0 or slope(FARTHEST, logs) >= 0:
        raise ValueError("values must have a most likely exponent within ±32, but have none")
    best = float(brentq(slope, -FARTHEST, FARTHEST, args=(logs,), xtol=1e-13, rtol=1e-13))
    least = likelihood(best, logs) - float(chdtri(1, 1 - level)) / 2
    ends = [_crossing(best, end, logs, least) for end in (-FARTHEST, FARTHEST)]
    return BoxCox(n=there.size, exponent=best, lower=ends[0], upper=ends[1])


def reference_interval_box_cox(
    values: ArrayLike,
    *,
    exponent: float | None = None,
    coverage: float = 0.95,
    confidence: float = 0.90,
    method: LimitMethod | str = LimitMethod.EXACT,
) -> ReferenceInterval:
    """Return the parametric reference interval on a Box–Cox scale.

    Parameters
    ----------
    values : shape (n,), above 0
        Results of reference subjects, three or more; nan is a missing result and is left out.
    exponent : float, optional
        λ of the transformation, 1 for none and 0 for logarithms; without it that of `box_cox`.
    coverage : float
        Share of the reference population within the interval, between 0 and 1.
    confidence : float
        Of the limits' intervals, between 0 and 1.
    method : ``exact`` or ``approximate``
        Of the limits' intervals, as in `bland_altman`. That λ is an estimate isn't in them.

    Returns
    -------
    ReferenceInterval
        A limit that the transformation can't reach is 0 below (λ > 0) or ∞ above (λ < 0).

    Raises
    ------
    ValueError
        If fewer than three are there, one isn't above 0, or all are equal.

    Notes
    -----
    ȳ ± z·s of the transformed values, z the normal quantile of `coverage`, transformed back. Whether the transformed
    values are normal remains to be looked at.

    References
    ----------
    CLSI EP28-A3c, 3rd edition, 2010 (parametric method). G. E. P. Box, D. R. Cox, J. R. Stat. Soc. B 26 (1964) 211–252.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import agreement
    >>> values = np.exp(np.random.default_rng(5).normal(1, 0.25, 200))
    >>> found = agreement.reference_interval_box_cox(values, exponent=0)
    >>> round(found.lower, 2), round(found.upper, 2)
    (1.67, 4.29)
    """
    there, level = _positive(values), fraction("confidence", confidence)
    z = float(ndtri((1 + fraction("coverage", coverage)) / 2))
    power = box_cox(there).exponent if exponent is None else float(exponent)
    scaled = transformed(np.log(there), power)
    mean, sd = float(scaled.mean()), float(scaled.std(ddof=1))
    near, far = limit_bounds(there.size, z, level, LimitMethod(method))
    ends = [back(mean + c * sd, power) for c in (-z, z, -far, -near, near, far)]
    return ReferenceInterval(
        n=there.size,
        lower=ends[0],
        upper=ends[1],
        lower_interval=(ends[2], ends[3]),
        upper_interval=(ends[4], ends[5]),
        coverage=coverage,
        confidence=level,
        is_enough=there.size >= FEWEST,
    )


def _positive(values: ArrayLike) -> FloatArray:
    there = positive("values", present("values", values, at_least=3))
    if np.ptp(there) == 0:
        raise ValueError(f"values must not be all equal, but all {there.size} are {there[0]}")
    return there


def _crossing(best: float, end: float, logs: FloatArray, least: float) -> float:
    """Return where ℓ falls to `least` between the best λ and `end`; ±∞ where it doesn't."""
    if likelihood(end, logs) >= least:
        return float(np.copysign(np.inf, end))
    return float(brentq(lambda power: likelihood(power, logs) - least, best, end, xtol=1e-12, rtol=1e-13))
