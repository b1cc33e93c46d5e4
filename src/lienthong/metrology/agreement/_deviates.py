"""Outliers among differences, by extreme studentized deviates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, count, flat, fraction, known
from lienthong.metrology._cells import cells
from lienthong.metrology._grubbs import critical, farthest


@dataclass(frozen=True, slots=True, eq=False)
class Deviates:
    """Which values are outliers, shape (n,); and for each step the value looked at, its R and the critical λ."""

    is_outlier: BoolArray
    position: IntArray
    deviate: FloatArray
    critical: FloatArray


def extreme_deviates(values: ArrayLike, *, at_most: int, alpha: float = 0.05) -> Deviates:
    """Return which values are outliers, by the generalized extreme studentized deviate (ESD) test.

    Parameters
    ----------
    values : shape (n,)
        Such as differences of paired results, at least `at_most` + 3 of them.
    at_most : int
        How many outliers are looked for, 1 or more; EP09 looks for up to 5 % of n.
    alpha : float
        Probability of finding any where there is none.

    Returns
    -------
    Deviates
        ``position``, ``deviate`` and ``critical`` have shape (at_most,), fewer where the rest is all equal.

    Raises
    ------
    ValueError
        If a value is nan, there are too few, or `at_most` is below 1.

    Notes
    -----
    R_i = max |x − x̄|/s, the value removed before R_{i+1}; λ_i = (n − i)·t/√((n − i − 1 + t²)(n − i + 1)), t the
    quantile 1 − α/(2(n − i + 1)) with n − i − 1 degrees of freedom. The outliers are those removed up to the last
    R_i > λ_i, so that two near each other don't hide one another. Of equally far values the first is removed. λ_i is
    `iso13528.grubbs_critical` of the n − i + 1 values that are left.

    References
    ----------
    B. Rosner, "Percentage points for a generalized ESD many-outlier procedure", Technometrics 25 (1983) 165–172.
    NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.17.3,
    https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h3.htm

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> found = agreement.extreme_deviates([0.1, -0.2, 0.0, 0.2, -0.1, 0.1, 4.0, 0.0, -0.1, 3.9], at_most=3)
    >>> found.is_outlier.nonzero()[0].tolist()
    [6, 9]
    """
    array = known("values", flat("values", values))
    if array.size < count("at_most", at_most, at_least=1) + 3:
        raise ValueError(f"values must hold at least at_most + 3 = {at_most + 3} values, but hold {array.size}")
    position, deviate = _removed(array, at_most)
    limit = critical(array.size - np.arange(deviate.size), fraction("alpha", alpha))
    beyond = np.flatnonzero(deviate > limit)
    is_outlier = np.zeros(array.size, dtype=np.bool_)
    is_outlier[position[: beyond[-1] + 1 if beyond.size else 0]] = True
    return Deviates(is_outlier=is_outlier, position=position, deviate=deviate, critical=limit)


def _removed(values: FloatArray, at_most: int) -> tuple[IntArray, FloatArray]:
    left = np.ones(values.size, dtype=np.bool_)
    one_group = cells(values.size, None)
    positions, deviates = [], []
    for _ in range(at_most):
        statistic, position = farthest(values, one_group, left)
        if position[0] < 0:
            break
        positions.append(position[0])
        deviates.append(statistic[0])
        left[position[0]] = False
    return np.array(positions, dtype=np.intp), np.array(deviates, dtype=np.float64)
