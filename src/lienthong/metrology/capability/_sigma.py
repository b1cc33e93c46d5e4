"""Sigma metric, its classes, and the defects per million that it stands for."""

from __future__ import annotations

from enum import StrEnum
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from lienthong.metrology._arrays import FloatArray, floats, positive

# (10 − 1.3)/1.45 is 6, but not in binary floating point: a number this near a limit is on it.
ON_LIMIT = 1e-9


class SigmaClass(StrEnum):
    """How a sigma metric is read."""

    WORLD_CLASS = "world_class"
    EXCELLENT = "excellent"
    GOOD = "good"
    MARGINAL = "marginal"
    UNACCEPTABLE = "unacceptable"
    NOT_EVALUATED = "not_evaluated"


def sigma_metric(tea: ArrayLike, bias: ArrayLike, cv: ArrayLike) -> FloatArray:
    """Return the sigma metric, how many CVs lie between the bias and the allowable total error.

    Parameters
    ----------
    tea, bias, cv : numbers, or arrays that broadcast; percent, at the same concentration
        Allowable total error, bias of either sign, coefficient of variation.

    Returns
    -------
    array of the broadcast shape
        nan where any of the three is nan; negative where the bias alone exceeds the allowable total error.

    Raises
    ------
    ValueError
        If `tea` or `cv` is not above 0.

    Notes
    -----
    σ = (TEa − |bias|)/CV.

    References
    ----------
    J. O. Westgard, S. A. Westgard, "The quality of laboratory testing today", Am. J. Clin. Pathol. 125 (2006)
    343–354. https://westgard.com

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.sigma_metric([10.0, 10.0], [1.0, -1.0], [1.5, 3.0]).tolist()
    [6.0, 3.0]
    """
    sigma: FloatArray = (positive("tea", tea) - np.abs(floats("bias", bias))) / positive("cv", cv)
    return sigma


@overload
def sigma_class(sigma_metric: float, *, limits: tuple[float, float, float, float] = ...) -> SigmaClass: ...
@overload
def sigma_class(
    sigma_metric: ArrayLike, *, limits: tuple[float, float, float, float] = ...
) -> SigmaClass | NDArray[np.str_]: ...
def sigma_class(
    sigma_metric: ArrayLike, *, limits: tuple[float, float, float, float] = (6.0, 5.0, 4.0, 3.0)
) -> SigmaClass | NDArray[np.str_]:
    """Return how sigma metrics are read.

    Parameters
    ----------
    sigma_metric : a number, or an array of any shape
        Sigma metrics.
    limits : four numbers, falling
        Least sigma metric of world class, excellent, good and marginal performance.

    Returns
    -------
    SigmaClass, or an array of their values like `sigma_metric`
        ``not_evaluated`` where it is nan.

    Raises
    ------
    ValueError
        If `limits` are not four falling numbers.

    Notes
    -----
    ≥ 6 world class, 5 to 6 excellent, 4 to 5 good, 3 to 4 marginal, below 3 unacceptable; a metric on a limit, to
    within 1e-9, is of the better class.

    References
    ----------
    J. O. Westgard, S. A. Westgard, "The quality of laboratory testing today", Am. J. Clin. Pathol. 125 (2006)
    343–354. https://westgard.com

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.sigma_class([6.0, 5.9, 2.0, float("nan")]).tolist()
    ['world_class', 'excellent', 'unacceptable', 'not_evaluated']
    >>> capability.sigma_class(4.2)
    <SigmaClass.GOOD: 'good'>
    """
    least = floats("limits", limits)
    if least.shape != (4,) or not np.all(np.diff(least) < 0):
        raise ValueError(f"limits must be four falling numbers, but got {limits}")
    sigma = floats("sigma_metric", sigma_metric)
    names = (SigmaClass.WORLD_CLASS, SigmaClass.EXCELLENT, SigmaClass.GOOD, SigmaClass.MARGINAL)
    read = np.select(
        [np.isnan(sigma), *(sigma >= one - ON_LIMIT for one in least)],
        [SigmaClass.NOT_EVALUATED.value, *(name.value for name in names)],
        default=SigmaClass.UNACCEPTABLE.value,
    )
    return read if read.ndim else SigmaClass(str(read))


def defects_per_million(sigma_metric: ArrayLike, *, drift: float = 1.5) -> FloatArray:
    """Return how many of a million results a sigma metric lets exceed the allowable total error.

    Parameters
    ----------
    sigma_metric : a number, or an array of any shape
        Sigma metrics.
    drift : float
        Shift that is granted over a long time, in SD; 0 for the short term.

    Returns
    -------
    array like `sigma_metric`
        nan where it is nan.

    Raises
    ------
    ValueError
        If a number is infinite.

    Notes
    -----
    10⁶·(1 − Φ(σ − 1.5)), one-sided, the shift of 1.5 SD being the convention of Six Sigma: 3.4 for σ = 6.

    References
    ----------
    J. O. Westgard, S. A. Westgard, "The quality of laboratory testing today", Am. J. Clin. Pathol. 125 (2006)
    343–354. https://westgard.com

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.defects_per_million([6.0, 3.0]).round(1).tolist()
    [3.4, 66807.2]
    """
    defects: FloatArray = 1e6 * ndtr(floats("drift", drift) - floats("sigma_metric", sigma_metric))
    return defects
