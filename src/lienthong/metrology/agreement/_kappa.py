"""Cohen's kappa, plain and weighted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from lienthong.metrology._arrays import FloatArray, fraction
from lienthong.metrology.agreement._tables import CrossTable, square


class Weights(StrEnum):
    """How much a disagreement counts by its distance in categories."""

    NONE = "none"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


@dataclass(frozen=True, slots=True)
class Kappa:
    """Kappa, its standard error and confidence interval; p-value of the test that there is only chance agreement."""

    n: int
    kappa: float
    u_kappa: float
    lower: float
    upper: float
    p_value: float
    observed: float
    expected: float


def kappa(table: ArrayLike | CrossTable, *, weights: Weights | str = Weights.NONE, confidence: float = 0.95) -> Kappa:
    """Return Cohen's kappa, agreement beyond that of chance, plain or weighted.

    Parameters
    ----------
    table : shape (k, k), counts, or a CrossTable
        First classification by row, second by column, categories in the same order; for weights, in their natural one.
    weights : ``none``, ``linear`` or ``quadratic``
        A disagreement by d categories keeps 1 − d/(k − 1) or 1 − (d/(k − 1))² of an agreement; with ``none``, nothing.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    Kappa
        All but ``observed`` and ``expected`` nan if chance agreement is complete: both put all into one category. The
        interval is cut at −1 and 1.

    Raises
    ------
    ValueError
        If `table` isn't square or smaller than 2 × 2, holds what is no count, or is empty.

    Notes
    -----
    κ = (p_o − p_e)/(1 − p_e). Standard error by the large-sample formula
    n·(1 − p_e)²·u² = Σp_ij·[w_ij − (w̄_i· + w̄_·j)(1 − κ)]² − [κ − p_e·(1 − κ)]²; the test uses that under κ = 0.

    References
    ----------
    J. Cohen, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20 (1960) 37–46; "Weighted kappa",
    Psychol. Bull. 70 (1968) 213–220. J. L. Fleiss, J. Cohen, B. S. Everitt, "Large sample standard errors of kappa and
    weighted kappa", Psychol. Bull. 72 (1969) 323–327.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> found = agreement.kappa([[20, 5], [10, 15]])
    >>> round(found.kappa, 4), round(found.u_kappa, 4)
    (0.4, 0.127)
    """
    counts, level = square(table), fraction("confidence", confidence)
    n, p, w = int(counts.sum()), counts / counts.sum(), _weights(counts.shape[0], Weights(weights))
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float(np.sum(w * p)), float(rows @ w @ columns)
    if 1 - expected <= 1e-15:
        nan = float("nan")
        return Kappa(n, nan, nan, nan, nan, p_value=nan, observed=observed, expected=expected)
    found = (observed - expected) / (1 - expected)
    marginal = (w @ columns)[:, None] + (rows @ w)[None, :]
    spread = np.sum(p * (w - marginal * (1 - found)) ** 2) - (found - expected * (1 - found)) ** 2
    by_chance = np.sum(np.outer(rows, columns) * (w - marginal) ** 2) - expected**2
    u, u_null = (float(np.sqrt(max(v, 0.0) / n)) / (1 - expected) for v in (spread, by_chance))
    reach = float(ndtri((1 + level) / 2)) * u
    return Kappa(
        n=n,
        kappa=found,
        u_kappa=u,
        lower=max(found - reach, -1.0),
        upper=min(found + reach, 1.0),
        p_value=float(2 * ndtr(-abs(found) / u_null)) if u_null else float("nan"),
        observed=observed,
        expected=expected,
    )


def _weights(k: int, kind: Weights) -> FloatArray:
    if kind is Weights.NONE:
        return np.eye(k)
    distance = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    weights: FloatArray = 1 - (distance if kind is Weights.LINEAR else distance**2)
    return weights
