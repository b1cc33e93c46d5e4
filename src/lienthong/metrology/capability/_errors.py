"""Total error, the critical systematic error, and the quality goal index."""

from __future__ import annotations

from enum import StrEnum
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chndtrix

from lienthong.metrology._arrays import FloatArray, floats, fraction, known, not_negative, positive
from lienthong.metrology.capability._sigma import ON_LIMIT, sigma_metric


class GoalReading(StrEnum):
    """What a quality goal index says is to be improved."""

    IMPRECISION = "imprecision"
    BOTH = "both"
    BIAS = "bias"
    NOT_EVALUATED = "not_evaluated"


def total_error(bias: ArrayLike, cv: ArrayLike, *, z: float = 1.65) -> FloatArray:
    """Return the total error, bias and imprecision added up.

    Parameters
    ----------
    bias, cv : numbers, or arrays that broadcast; both percent, or bias and SD in one unit
        Bias of either sign, coefficient of variation.
    z : float
        Multiple of the imprecision; 1.65 leaves 5 % of the results beyond it on the side of a large bias.

    Returns
    -------
    array of the broadcast shape, percent or unit as given

    Raises
    ------
    ValueError
        If `cv` is negative or `z` not above 0.

    Notes
    -----
    TE = |bias| + z·CV. Without bias 1.65 covers 90 % of the results only, since both sides count: `error_limit` covers
    the share that it states whatever the bias.

    References
    ----------
    J. O. Westgard, R. N. Carey, S. Wold, "Criteria for judging precision and accuracy in method development and
    evaluation", Clin. Chem. 20 (1974) 825–833.

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.total_error([2.0, -2.0], 3.0).round(2).tolist()
    [6.95, 6.95]
    """
    error: FloatArray = np.abs(floats("bias", bias)) + positive("z", known("z", z)) * not_negative("cv", cv)
    return error


def error_limit(bias: ArrayLike, cv: ArrayLike, *, coverage: float = 0.95) -> FloatArray:
    """Return the limit within which the errors of a stated share of results lie.

    Parameters
    ----------
    bias, cv : numbers, or arrays that broadcast; both percent, or bias and SD in one unit
        Bias of either sign, coefficient of variation.
    coverage : float
        Share of the results.

    Returns
    -------
    array of the broadcast shape, percent or unit as given

    Raises
    ------
    ValueError
        If `cv` is not above 0 or `coverage` not between 0 and 1.

    Notes
    -----
    The TE with Φ((TE − bias)/CV) − Φ((−TE − bias)/CV) = coverage, for normal errors: 1.96·CV without bias,
    |bias| + 1.645·CV with a large one. (Error/CV)² is non-central χ² with 1 degree of freedom.

    References
    ----------
    The distribution: N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions", vol. 2, Wiley,
    1995, chapter 29.

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.error_limit([0.0, 2.0, 9.0], 3.0).round(2).tolist()
    [5.88, 6.98, 13.93]
    """
    spread = positive("cv", cv)
    limit: FloatArray = spread * np.sqrt(
        chndtrix(fraction("coverage", coverage), 1, (floats("bias", bias) / spread) ** 2)
    )
    return limit


def critical_systematic_error(tea: ArrayLike, bias: ArrayLike, cv: ArrayLike, *, z: float = 1.65) -> FloatArray:
    """Return the shift, in SD, from which on too many results exceed the allowable total error.

    Parameters
    ----------
    tea, bias, cv : numbers, or arrays that broadcast; percent, at the same concentration
        Allowable total error, bias of either sign, coefficient of variation.
    z : float
        1.65 for 5 % of the results beyond the limit.

    Returns
    -------
    array of the broadcast shape, SD
        nan where any of the three is nan; 0 or less where the limit isn't kept without any shift.

    Raises
    ------
    ValueError
        If `tea`, `cv` or `z` is not above 0.

    Notes
    -----
    ΔSE_crit = (TEa − |bias|)/CV − 1.65. A control procedure should find it with a probability of 0.90 and more.

    References
    ----------
    J. O. Westgard, P. L. Barry, "Cost-Effective Quality Control: Managing the Quality and Productivity of Analytical
    Processes", AACC Press, 1986. https://westgard.com

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.critical_systematic_error(10.0, 1.0, [1.5, 3.0]).round(2).tolist()
    [4.35, 1.35]
    """
    shift: FloatArray = sigma_metric(tea, bias, cv) - positive("z", known("z", z))
    return shift


def quality_goal_index(bias: ArrayLike, cv: ArrayLike, *, factor: float = 1.5) -> FloatArray:
    """Return the quality goal index, the bias beside the imprecision.

    Parameters
    ----------
    bias, cv : numbers, or arrays that broadcast; percent
        Bias of either sign, coefficient of variation.
    factor : float
        How many CVs of bias weigh as much as the imprecision.

    Returns
    -------
    array of the broadcast shape
        nan where one of them is nan.

    Raises
    ------
    ValueError
        If `cv` or `factor` is not above 0.

    Notes
    -----
    QGI = |bias|/(1.5·CV).

    References
    ----------
    D. Parry, guest essay on the quality goal index at https://westgard.com; its limits of 0.8 and 1.2 are quoted
    widely and not checked against a printed text.

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.quality_goal_index([3.0, -1.5], 2.0).tolist()
    [1.0, 0.5]
    """
    index: FloatArray = np.abs(floats("bias", bias)) / (positive("factor", factor) * positive("cv", cv))
    return index


@overload
def goal_reading(index: float, *, imprecision_below: float = 0.8, bias_above: float = 1.2) -> GoalReading: ...
@overload
def goal_reading(
    index: ArrayLike, *, imprecision_below: float = 0.8, bias_above: float = 1.2
) -> GoalReading | NDArray[np.str_]: ...
def goal_reading(
    index: ArrayLike, *, imprecision_below: float = 0.8, bias_above: float = 1.2
) -> GoalReading | NDArray[np.str_]:
    """Return what a quality goal index says is to be improved.

    Parameters
    ----------
    index : a number, or an array of any shape
        Quality goal indices.
    imprecision_below, bias_above : float
        Below the one it is the imprecision, above the other the bias, and from the one to the other both.

    Returns
    -------
    GoalReading, or an array of their values like `index`
        ``not_evaluated`` where the index is nan.

    Raises
    ------
    ValueError
        If an index is negative, or not 0 < `imprecision_below` ≤ `bias_above`.

    Notes
    -----
    < 0.8 imprecision, 0.8 to 1.2 both (limits included, to within 1e-9), > 1.2 bias. It is asked for where the sigma
    metric is too low.

    References
    ----------
    As for `quality_goal_index`.

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.goal_reading([0.5, 0.8, 1.3]).tolist()
    ['imprecision', 'both', 'bias']
    """
    if not 0 < imprecision_below <= bias_above:
        raise ValueError(
            f"imprecision_below must be above 0 and at most bias_above, but got {imprecision_below} and {bias_above}"
        )
    given = not_negative("index", index)
    read = np.select(
        [np.isnan(given), given < imprecision_below - ON_LIMIT, given <= bias_above + ON_LIMIT],
        [GoalReading.NOT_EVALUATED.value, GoalReading.IMPRECISION.value, GoalReading.BOTH.value],
        default=GoalReading.BIAS.value,
    )
    return read if read.ndim else GoalReading(str(read))
