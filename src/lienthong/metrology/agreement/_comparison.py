"""The whole comparison of two procedures, as CLSI EP09 sets it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, flat, floats, known, pairs, positive
from lienthong.metrology.agreement._bland_altman import BlandAltman, LimitMethod, Scale, bland_altman, differences_on
from lienthong.metrology.agreement._deming import deming, weighted_deming
from lienthong.metrology.agreement._deviates import extreme_deviates
from lienthong.metrology.agreement._lines import Line, bias_at, least_squares, weighted_least_squares
from lienthong.metrology.agreement._passing_bablok import (
    Linearity,
    PassingBablok,
    cusum_linearity,
    passing_bablok,
    passing_bablok_bias_at,
)
from lienthong.metrology.uncertainty import RegressionBias

OUTLIER_SHARE = 0.05
FEWEST_FOR_OUTLIERS = 10


class Regression(StrEnum):
    """Which line is fitted."""

    LEAST_SQUARES = "least_squares"
    WEIGHTED_LEAST_SQUARES = "weighted_least_squares"
    DEMING = "deming"
    WEIGHTED_DEMING = "weighted_deming"
    PASSING_BABLOK = "passing_bablok"


class BiasVerdict(StrEnum):
    """How the confidence interval of a bias lies to what is allowed."""

    ACCEPTABLE = "acceptable"
    UNDECIDED = "undecided"
    NOT_ACCEPTABLE = "not_acceptable"


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A comparison of procedure y against procedure x.

    `is_outlier` has one entry per pair as given, False where a pair was left out; outliers are marked and stay in all
    other numbers. `linearity` is there for Passing–Bablok only. `verdict`, shape (m,), holds values of BiasVerdict.
    """

    n: int
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    r: float
    differences: BlandAltman
    is_outlier: BoolArray
    regression: Regression
    line: Line | PassingBablok
    linearity: Linearity | None
    bias: RegressionBias
    verdict: NDArray[np.str_]


def compare(
    x: ArrayLike,
    y: ArrayLike,
    *,
    levels: ArrayLike,
    allowable: ArrayLike,
    allowable_in_percent: bool = False,
    regression: Regression | str = Regression.DEMING,
    variance_ratio: float = 1.0,
    scale: Scale | str = Scale.DIFFERENCE,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = 999,
) -> Comparison:
    """Return the comparison of two procedures: differences, regression, bias at decision levels, and verdicts.

    Parameters
    ----------
    x, y : shape (n,), one unit
        Paired results of the comparative and the candidate procedure, at least four pairs (EP09 asks for 40, 100 by a
        manufacturer); a pair with a nan is left out.
    levels : shape (m,), in the unit of x
        Medical decision levels, within the range of `x` to be meaningful.
    allowable : a number, or shape (m,)
        Allowable bias at each level, in the unit of x or, with `allowable_in_percent`, in percent of the level.
    allowable_in_percent : bool
        Whether `allowable` is in percent.
    regression : ``deming``, ``weighted_deming``, ``passing_bablok``, ``least_squares``, ``weighted_least_squares``
        Which line gives the bias.
    variance_ratio : float
        λ of the two Deming regressions, error variance of y by that of x.
    scale : ``difference``, ``percent`` or ``ratio``
        Of the difference plot and its outlier screen.
    confidence : float
        Of all intervals, between 0 and 1.
    seed, resamples : int
        Of the bootstrap that Passing–Bablok's bias needs.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        As the chosen regression; if `allowable` isn't above 0 or has another length than `levels`; if a level is nan.

    Notes
    -----
    A bias is acceptable if its whole confidence interval lies within ± allowable, not acceptable if the whole lies
    outside, else undecided: more pairs are needed. Outliers of the differences by ESD, up to 5 % of the pairs at
    α = 0.05, from 10 pairs on. r is Pearson's correlation: it says how wide the range is for the spread, not whether
    the procedures agree.

    References
    ----------
    CLSI EP09c, "Measurement Procedure Comparison and Bias Estimation Using Patient Samples", 3rd edition, 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import agreement
    >>> x = np.linspace(3, 20, 40)
    >>> y = 1.02 * x + 0.1 * np.cos(7 * x)
    >>> found = agreement.compare(x, y, levels=[7.0, 11.1], allowable=[3.0, 1.0], allowable_in_percent=True)
    >>> found.verdict.tolist()
    ['acceptable', 'not_acceptable']
    """
    first, second = pairs(x, y, at_least=4)
    at = np.atleast_1d(known("levels", levels))
    allowed = np.broadcast_to(_allowed(allowable, at, allowable_in_percent), at.shape)
    which = Regression(regression)
    line, bias = _fitted(which, first, second, at, variance_ratio, confidence, seed, resamples)
    linearity = None
    if isinstance(line, PassingBablok) and line.slope > 0:
        linearity = cusum_linearity(first, second, intercept=line.intercept, slope=line.slope)
    return Comparison(
        n=first.size,
        x_range=(float(first.min()), float(first.max())),
        y_range=(float(second.min()), float(second.max())),
        r=_correlation(first, second),
        differences=bland_altman(first, second, scale=scale, confidence=confidence, method=LimitMethod.EXACT),
        is_outlier=_outliers(flat("x", x), flat("y", y), Scale(scale)),
        regression=which,
        line=line,
        linearity=linearity,
        bias=bias,
        verdict=bias_verdict(bias.lower, bias.upper, allowable=allowed),
    )


def bias_verdict(lower: ArrayLike, upper: ArrayLike, *, allowable: ArrayLike) -> NDArray[np.str_]:
    """Return whether biases are acceptable, by their confidence intervals.

    Parameters
    ----------
    lower, upper, allowable : numbers, or arrays that broadcast; one unit
        Limits of the confidence interval of a bias, and its allowable size, above 0.

    Returns
    -------
    array of the broadcast shape, of values of BiasVerdict
        ``undecided`` also where a limit is nan.

    Raises
    ------
    ValueError
        If `allowable` isn't above 0, or `lower` exceeds `upper`.

    Notes
    -----
    Acceptable if −δ ≤ lower and upper ≤ δ; not acceptable if lower > δ or upper < −δ.

    References
    ----------
    CLSI EP09c, 3rd edition, 2018 (bias against its criterion).

    Examples
    --------
    >>> from lienthong.metrology import agreement
    >>> agreement.bias_verdict([0.1, 0.2, 0.6], [0.3, 0.6, 0.9], allowable=0.5).tolist()
    ['acceptable', 'undecided', 'not_acceptable']
    """
    low, high, allowed = floats("lower", lower), floats("upper", upper), positive("allowable", allowable)
    if np.any(low > high):
        raise ValueError("lower must not exceed upper")
    within, outside = (low >= -allowed) & (high <= allowed), (low > allowed) | (high < -allowed)
    verdict: NDArray[np.str_] = np.select(
        [within, outside], [BiasVerdict.ACCEPTABLE.value, BiasVerdict.NOT_ACCEPTABLE.value], BiasVerdict.UNDECIDED.value
    )
    return verdict


def _allowed(allowable: ArrayLike, at: FloatArray, percent: bool) -> FloatArray:
    given = positive("allowable", known("allowable", allowable))
    if given.shape not in {(), at.shape}:
        raise ValueError(f"allowable must be one number or one per level {at.shape}, but has shape {given.shape}")
    return given * np.abs(at) / 100 if percent else given


def _fitted(
    which: Regression,
    x: FloatArray,
    y: FloatArray,
    at: FloatArray,
    variance_ratio: float,
    confidence: float,
    seed: int,
    resamples: int,
) -> tuple[Line | PassingBablok, RegressionBias]:
    if which is Regression.PASSING_BABLOK:
        bias = passing_bablok_bias_at(x, y, at, seed=seed, resamples=resamples, confidence=confidence)
        return passing_bablok(x, y, confidence=confidence), bias
    fits: dict[Regression, Callable[[], Line]] = {
        Regression.LEAST_SQUARES: lambda: least_squares(x, y, confidence=confidence),
        Regression.WEIGHTED_LEAST_SQUARES: lambda: weighted_least_squares(x, y, confidence=confidence),
        Regression.DEMING: lambda: deming(x, y, variance_ratio=variance_ratio, confidence=confidence),
        Regression.WEIGHTED_DEMING: lambda: weighted_deming(x, y, variance_ratio=variance_ratio, confidence=confidence),
    }
    line = fits[which]()
    return line, bias_at(line, at)


def _correlation(x: FloatArray, y: FloatArray) -> float:
    spread = float(x.std() * y.std())
    return float(np.mean((x - x.mean()) * (y - y.mean()))) / spread if spread else float("nan")


def _outliers(x: FloatArray, y: FloatArray, scale: Scale) -> BoolArray:
    """Return which pairs as given are outliers; a pair that was left out isn't one."""
    found = np.zeros(x.size, dtype=np.bool_)
    there = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    if there.size >= FEWEST_FOR_OUTLIERS:
        differences = differences_on(x[there], y[there], scale)
        at_most = max(1, int(OUTLIER_SHARE * there.size))
        found[there] = extreme_deviates(differences, at_most=at_most).is_outlier
    return found
