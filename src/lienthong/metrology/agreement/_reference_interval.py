"""Reference intervals by ranks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

from lienthong.metrology._arrays import FloatArray, fraction, present

FEWEST = 120
"""Reference subjects that EP28 asks for in each partition."""


class Ranks(StrEnum):
    """What is done with a rank that isn't whole: interpolated between its neighbours, or rounded to the nearest."""

    INTERPOLATED = "interpolated"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class ReferenceInterval:
    """A reference interval with the confidence intervals of its two limits, in the unit of the values.

    `is_enough` says whether `n` is 120 or more.
    """

    n: int
    lower: float
    upper: float
    lower_interval: tuple[float, float]
    upper_interval: tuple[float, float]
    coverage: float
    confidence: float
    is_enough: bool


def reference_interval(
    values: ArrayLike,
    *,
    coverage: float = 0.95,
    confidence: float = 0.90,
    ranks: Ranks | str = Ranks.INTERPOLATED,
) -> ReferenceInterval:
    """Return the non-parametric reference interval.

    Parameters
    ----------
    values : shape (n,)
        Results of reference subjects; nan is a missing result and is left out. EP28 asks for 120 or more.
    coverage : float
        Share of the reference population within the interval, between 0 and 1.
    confidence : float
        Of the limits' intervals, between 0 and 1.
    ranks : ``interpolated`` or ``nearest``
        What is done with a rank that isn't whole; at n = 119, 159, 199 … both agree.

    Returns
    -------
    ReferenceInterval
        A limit's interval has an end nan where no rank is extreme enough, for 90 % at n below 119.

    Raises
    ------
    ValueError
        If a value is infinite or so few are there that a rank is below 1: fewer than 39 for 95 %.

    Notes
    -----
    With p = (1 − coverage)/2 the limits have ranks p·(n + 1) and (1 − p)·(n + 1). The interval of the lower one ends at
    the greatest rank l with P(X < l) ≤ α/2 and the least rank u with P(X < u) ≥ 1 − α/2, X binomial with n and p; ranks
    1 and 7 at n = 120. The upper limit's is its mirror image.

    References
    ----------
    CLSI EP28-A3c, "Defining, Establishing, and Verifying Reference Intervals in the Clinical Laboratory", 3rd edition,
    2010. H. E. Solberg, "Approved recommendation (1987) on the theory of reference values. Part 5", J. Clin. Chem.
    Clin. Biochem. 25 (1987) 645–656.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import agreement
    >>> found = agreement.reference_interval(np.arange(1.0, 121.0))
    >>> round(found.lower, 3), round(found.upper, 3), found.lower_interval, found.upper_interval
    (3.025, 117.975, (1.0, 7.0), (114.0, 120.0))
    """
    there = present("values", values, at_least=1)
    ordered, n = np.sort(there), there.size
    tail, level = (1 - fraction("coverage", coverage)) / 2, fraction("confidence", confidence)
    if tail * (n + 1) < 1 - 1e-12:
        raise ValueError(f"values must hold at least {int(np.ceil(1 / tail - 1e-9)) - 1} results, but hold {n}")
    low, high = interval_ranks(n, tail, level)
    return ReferenceInterval(
        n=n,
        lower=_at_rank(ordered, tail * (n + 1), Ranks(ranks)),
        upper=-_at_rank(-ordered[::-1], tail * (n + 1), Ranks(ranks)),
        lower_interval=(_order(ordered, low), _order(ordered, high)),
        upper_interval=(-_order(-ordered[::-1], high), -_order(-ordered[::-1], low)),
        coverage=coverage,
        confidence=level,
        is_enough=n >= FEWEST,
    )


def interval_ranks(n: int, p: float, confidence: float) -> tuple[int, int]:
    """Return the ranks between which the p-quantile lies; 0 for the lower, n + 1 for the upper, where there is none."""
    alpha = (1 - confidence) / 2
    below = bdtr(np.arange(n, dtype=np.float64), n, p)  # P(X < rank) for ranks 1 … n
    low = int(np.searchsorted(below, alpha, side="right"))
    high = int(np.searchsorted(below, 1 - alpha, side="left")) + 1
    return low, high


def _at_rank(ordered: FloatArray, rank: float, ranks: Ranks) -> float:
    if ranks is Ranks.NEAREST:
        return float(ordered[int(np.floor(rank + 0.5)) - 1])
    return float(np.interp(rank, np.arange(1, ordered.size + 1), ordered))


def _order(ordered: FloatArray, rank: int) -> float:
    return float(ordered[rank - 1]) if 1 <= rank <= ordered.size else float("nan")
