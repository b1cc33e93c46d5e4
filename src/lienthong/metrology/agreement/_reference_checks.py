"""Screens of reference values, verification of a reference interval, and whether a group needs one of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, count, flat, known, positive, present

FEWEST_TO_VERIFY = 20
SD_RATIO = 1.5


@dataclass(frozen=True, slots=True)
class Verification:
    """How many of n results fall outside a reference interval, how many may, and whether it is verified."""

    n: int
    outside: int
    allowed: int
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Partition:
    """Harris and Boyd's z of two groups, its critical value, the ratio of SDs, and whether each needs an interval."""

    z: float
    critical: float
    sd_ratio: float
    is_needed: bool


def dixon_reed(values: ArrayLike, *, at_most: int = 1, share: float = 1 / 3) -> BoolArray:
    """Return which values are outliers by the one-third rule of Dixon and Reed.

    Parameters
    ----------
    values : shape (n,)
        Three or more; nan is a missing result and never an outlier.
    at_most : int
        How many outliers may hide one another at either end.
    share : float
        Of the range, from which on a gap makes an outlier.

    Returns
    -------
    booleans of shape (n,)

    Raises
    ------
    ValueError
        If fewer than `at_most` + 2 are there, `at_most` is below 1 or `share` not above 0.

    Notes
    -----
    The extreme value is an outlier if its distance D to the next is at least a third of the range R. Of several at one
    end, the least extreme is tested as if it were the only one, and takes the others with it.

    References
    ----------
    CLSI EP28-A3c, 3rd edition, 2010. A. H. Reed, R. J. Henry, W. B. Mason, "Influence of statistical method used on the
    resulting estimate of normal range", Clin. Chem. 17 (1971) 275–284.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> agreement.dixon_reed([4.0, 4.2, 4.4, 4.6, 4.8, 9.0]).tolist()
    [False, False, False, False, False, True]
    """
    array = flat("values", values)
    ordered = np.sort(present("values", array, at_least=count("at_most", at_most, at_least=1) + 2))
    limit = float(positive("share", share))
    low, high = _gap(-ordered[::-1], at_most, limit), _gap(ordered, at_most, limit)
    outlier: BoolArray = (array < -low) | (array > high)
    return outlier


def tukey_fences(values: ArrayLike, *, k: float = 1.5) -> tuple[float, float]:
    """Return Tukey's fences, outside which values are outliers.

    Parameters
    ----------
    values : shape (n,)
        Four or more, about symmetric (transform them first where they aren't); nan is missing and is left out.
    k : float
        Interquartile ranges from the quartiles to the fences; 3 for far outliers.

    Returns
    -------
    tuple of two floats, in the unit of `values`

    Raises
    ------
    ValueError
        If fewer than four are there or `k` isn't above 0.

    Notes
    -----
    Q₁ − k·IQR and Q₃ + k·IQR, quartiles of type 7 (linear between ranks (n − 1)·p + 1).

    References
    ----------
    J. W. Tukey, "Exploratory Data Analysis", Addison-Wesley, 1977. P. S. Horn, L. Feng, Y. Li, A. J. Pesce, "Effect of
    outliers and nonhealthy individuals on reference interval estimation", Clin. Chem. 47 (2001) 2137–2145.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> agreement.tukey_fences([1.0, 2.0, 3.0, 4.0, 5.0])
    (-1.0, 7.0)
    """
    there, width = present("values", values, at_least=4), float(positive("k", k))
    q1, q3 = (float(q) for q in np.quantile(there, [0.25, 0.75]))
    return q1 - width * (q3 - q1), q3 + width * (q3 - q1)


def verify_reference_interval(values: ArrayLike, *, lower: float, upper: float) -> Verification:
    """Return whether a reference interval holds for a laboratory's own population.

    Parameters
    ----------
    values : shape (n,)
        Results of own reference subjects, outliers removed, 20 or more; nan is a missing result and is left out.
    lower, upper : float, in the unit of `values`
        Limits that are to be verified; −∞ or ∞ where there is none on that side.

    Returns
    -------
    Verification

    Raises
    ------
    ValueError
        If fewer than 20 are there or `lower` isn't below `upper`.

    Notes
    -----
    Verified if no more than a tenth fall outside: 2 of 20. A result on a limit is inside.

    References
    ----------
    CLSI EP28-A3c, 3rd edition, 2010 (validation with 20 reference subjects: at most 2 outside). That more than 20 are
    judged by the same share is this library's reading.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import agreement
    >>> agreement.verify_reference_interval(np.linspace(3.4, 5.3, 20), lower=3.5, upper=5.1)
    Verification(n=20, outside=3, allowed=2, is_verified=False)
    """
    there = present("values", values, at_least=FEWEST_TO_VERIFY)
    if not lower < upper:
        raise ValueError(f"lower must be below upper, but got {lower} and {upper}")
    outside, allowed = int(np.sum((there < lower) | (there > upper))), there.size // 10
    return Verification(n=there.size, outside=outside, allowed=allowed, is_verified=outside <= allowed)


def harris_boyd(first: ArrayLike, second: ArrayLike) -> Partition:
    """Return whether two groups of reference subjects, such as men and women, need reference intervals of their own.

    Parameters
    ----------
    first, second : shapes (n₁,), (n₂,), one unit, about normal
        Results of each, two or more, without nan.

    Returns
    -------
    Partition

    Raises
    ------
    ValueError
        If a group has fewer than two, holds nan, or its values are all equal.

    Notes
    -----
    z = |x̄₁ − x̄₂|/√(s₁²/n₁ + s₂²/n₂), critical 3·√(n̄/120) with n̄ = (n₁ + n₂)/2; they need own ones if z exceeds that or
    the larger SD exceeds 1.5 times the smaller.

    References
    ----------
    E. K. Harris, J. C. Boyd, "On dividing reference data into subgroups to produce separate reference ranges",
    Clin. Chem. 36 (1990) 265–270. CLSI EP28-A3c, 3rd edition, 2010.

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> found = agreement.harris_boyd([4.0, 5.0, 6.0], [4.5, 5.5, 6.5])
    >>> round(found.z, 4), round(found.critical, 4), found.is_needed
    (0.6124, 0.4743, True)
    """
    groups = [_group("first", first), _group("second", second)]
    means, sds = [float(g.mean()) for g in groups], [float(g.std(ddof=1)) for g in groups]
    error = float(np.sqrt(sds[0] ** 2 / groups[0].size + sds[1] ** 2 / groups[1].size))
    z = abs(means[0] - means[1]) / error
    critical = 3 * float(np.sqrt((groups[0].size + groups[1].size) / 240))
    ratio = max(sds) / min(sds)
    return Partition(z=z, critical=critical, sd_ratio=ratio, is_needed=z > critical or ratio > SD_RATIO)


def _gap(ordered: FloatArray, at_most: int, share: float) -> float:
    """Return the value above which `ordered` values are outliers."""
    for many in range(at_most, 0, -1):
        extreme, next_one = float(ordered[-many]), float(ordered[-many - 1])
        if extreme > next_one and extreme - next_one >= share * (extreme - float(ordered[0])):
            return next_one
    return float(ordered[-1])


def _group(name: str, given: ArrayLike) -> FloatArray:
    values = known(name, flat(name, given))
    if values.size < 2 or np.ptp(values) == 0:
        raise ValueError(f"{name} must hold at least 2 results that differ, but holds {values.size}")
    return values
