"""The power of the Box–Cox transformation that makes results most nearly normal."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, flat, positive
from lienthong.metrology._box_cox import likelihood

GRID = 41
GOLDEN = (math.sqrt(5) - 1) / 2
TOLERANCE = 1e-8


def box_cox_power(values: ArrayLike, *, between: tuple[float, float] = (-2.0, 2.0)) -> float:
    """Return the power λ of the Box–Cox transformation with the greatest likelihood of a normal distribution.

    Parameters
    ----------
    values : shape (n,), above 0
        In-control patients' results, best after truncation; nan is left out.
    between : (low, high)
        Where λ is looked for; the answer is an end of it if the likelihood still grows there.

    Returns
    -------
    float
        To about 1e-7.

    Raises
    ------
    ValueError
        If a value is not above 0, fewer than 3 values or only equal ones are there, or `between` is not (low, high).

    Notes
    -----
    y = (x^λ − 1)/λ, log x for λ = 0. The log-likelihood but for a constant is −n/2·log Σ(y − ȳ)²/n + (λ − 1)·Σ log x.
    It is evaluated on a grid and narrowed around its greatest value by golden section. A round λ near it (0, 1/2, 1)
    serves as well.

    References
    ----------
    G. E. P. Box, D. R. Cox, "An analysis of transformations", J. R. Stat. Soc. B 26 (1964) 211–252.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import pbrtqc
    >>> skewed = np.exp(np.random.default_rng(1).normal(3.0, 0.4, 2_000))
    >>> abs(pbrtqc.box_cox_power(skewed)) < 0.1
    True
    """
    low, high = between
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"between must be (low, high) with low below high, but got {between}")
    given = positive("values", flat("values", values))
    logarithms = np.log(given[~np.isnan(given)])
    if logarithms.size < 3 or np.ptp(logarithms) == 0:
        raise ValueError(f"values must hold at least 3 that are known and not all equal, but got {logarithms.size}")
    # Divided by their geometric mean, values need no second term in the likelihood.
    centred = logarithms - logarithms.mean()
    grid = np.linspace(low, high, GRID)
    best = int(np.argmax([likelihood(power, centred) for power in grid]))
    return _narrowed(centred, float(grid[max(best - 1, 0)]), float(grid[min(best + 1, GRID - 1)]))


def _narrowed(logarithms: FloatArray, low: float, high: float) -> float:
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = likelihood(left, logarithms), likelihood(right, logarithms)
    while high - low > TOLERANCE:
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = likelihood(left, logarithms)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = likelihood(right, logarithms)
    return (low + high) / 2
