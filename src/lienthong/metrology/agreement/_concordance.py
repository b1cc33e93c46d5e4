"""Lin's concordance correlation coefficient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from lienthong.metrology._arrays import fraction, pairs


@dataclass(frozen=True, slots=True)
class Concordance:
    """Concordance coefficient ρ_c with its confidence interval, and its parts: `r` precision, `c_b` accuracy."""

    n: int
    rho_c: float
    lower: float
    upper: float
    r: float
    c_b: float


def concordance(x: ArrayLike, y: ArrayLike, *, confidence: float = 0.95) -> Concordance:
    """Return Lin's concordance correlation coefficient of paired results.

    Parameters
    ----------
    x, y : shape (n,), one unit
        Paired results, at least four pairs; a pair with a nan is left out.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    Concordance
        The interval is nan if r is 0, and the estimate itself if all pairs lie on one line.

    Raises
    ------
    ValueError
        If fewer than four pairs are there, the lengths differ, or `x` or `y` doesn't vary.

    Notes
    -----
    ρ_c = 2·s_xy/(s_x² + s_y² + (x̄ − ȳ)²), moments with divisor n; C_b = ρ_c/r. Interval by Fisher's z: with
    v² = (x̄ − ȳ)²/(s_x·s_y),
    var(z) = [(1 − r²)·ρ_c²/((1 − ρ_c²)·r²) + 2·ρ_c³·(1 − ρ_c)·v²/(r·(1 − ρ_c²)²)
    − ρ_c⁴·v⁴/(2·r²·(1 − ρ_c²)²)]/(n − 2).
    It measures agreement over the range at hand: the same procedures give a higher one over a wider range.

    References
    ----------
    L. I-K. Lin, "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45 (1989) 255–268;
    corrected in Biometrics 56 (2000) 324–325.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> found = agreement.concordance([1.0, 2.0, 3.0, 4.0, 5.0], [1.1, 2.0, 3.2, 4.1, 5.3])
    >>> round(found.rho_c, 4), round(found.c_b, 4)
    (0.9929, 0.9941)
    """
    first, second = pairs(x, y, at_least=4)
    level = fraction("confidence", confidence)
    for name, values in (("x", first), ("y", second)):
        if np.ptp(values) == 0:
            raise ValueError(f"{name} must not be all equal, but all {values.size} are {values[0]}")
    s_x, s_y, shift = float(first.std()), float(second.std()), float(first.mean() - second.mean())
    s_xy = float(np.mean((first - first.mean()) * (second - second.mean())))
    rho = 2 * s_xy / (s_x**2 + s_y**2 + shift**2)
    r = float(np.clip(s_xy / (s_x * s_y), -1, 1))
    accuracy = 2 * s_x * s_y / (s_x**2 + s_y**2 + shift**2)
    lower, upper = _interval(rho, r, shift**2 / (s_x * s_y), first.size, level)
    return Concordance(n=first.size, rho_c=rho, lower=lower, upper=upper, r=r, c_b=accuracy)


def _interval(rho: float, r: float, v2: float, n: int, confidence: float) -> tuple[float, float]:
    if r == 0:
        return float("nan"), float("nan")
    rest = 1 - rho**2
    if rest <= 1e-15:
        return rho, rho
    variance = (
        (1 - r**2) * rho**2 / (rest * r**2)
        + 2 * rho**3 * (1 - rho) * v2 / (r * rest**2)
        - rho**4 * v2**2 / (2 * r**2 * rest**2)
    ) / (n - 2)
    reach = float(ndtri((1 + confidence) / 2)) * float(np.sqrt(max(variance, 0.0)))
    z = float(np.arctanh(rho))
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))
