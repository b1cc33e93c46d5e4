"""What an algorithm of patient-based quality control is: a statistic, and how results enter it."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from lienthong.metrology.pbrtqc._running import ABNORMAL, BOX_COX, EWMA, LOG, MEAN, MEDIAN, PLAIN, SD, Plan, transformed

Statistic = Literal["mean", "median", "ewma", "sd", "proportion"]
Outside = Literal["exclude", "winsorise"]
Transformation = Literal["none", "log", "box_cox"]

KINDS = {"mean": MEAN, "median": MEDIAN, "ewma": EWMA, "sd": SD, "proportion": MEAN}
TRANSFORMATIONS = {"none": PLAIN, "log": LOG, "box_cox": BOX_COX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """An algorithm of patient-based real-time quality control.

    Parameters
    ----------
    statistic : name
        ``mean``, ``median`` and ``sd`` (with n − 1) of the last `window` results; ``ewma``, the exponentially weighted
        moving average of all; ``proportion``, the share of the last `window` results that are abnormal.
    window : int, results
        How many results the statistic is of, 2 or more for ``sd``. For ``ewma`` the number of results after which the
        first statistic stands; there 1 if not given.
    weight : float, above 0 and at most 1
        Of the newest result in ``ewma``, usually called λ.
    start : float, in the unit of the results
        What ``ewma`` starts from before the first result, usually the target. If not given, from the first result.
    every : int, results
        A statistic stands at the first full window and then after each `every` further results: 1 slides, `window`
        makes blocks that share no result.
    truncation : (low, high), in the unit of the results
        Limits of the results that enter; a result exactly on a limit is within.
    outside : ``exclude`` or ``winsorise``
        Whether a result outside the truncation limits is left out, or counted as the limit.
    transformation : ``none``, ``log`` (natural) or ``box_cox``
        Of each result after truncation. The statistic and its limits stand in the transformed scale.
    power : float
        Of the Box–Cox transformation, usually called λ; 0 is the logarithm. `box_cox_power` estimates it.
    abnormal : (low, high), in the unit of the results
        For ``proportion``: a result is abnormal below `low` or above `high`.

    Raises
    ------
    ValueError
        If a parameter is impossible, missing where the statistic needs it, or given where it has no meaning.

    Notes
    -----
    A missing (nan) or excluded result is skipped: it enters nothing, and no statistic stands at it.

    References
    ----------
    T. Badrick et al., "Patient-based real-time quality control: review and recommendations", Clin. Chem. 65 (2019)
    962–971.

    Examples
    --------
    >>> from lienthong.metrology import pbrtqc
    >>> pbrtqc.Algorithm(statistic="mean", window=50, truncation=(130, 150)).outside
    'exclude'
    >>> pbrtqc.Algorithm(statistic="ewma", weight=2.0)
    Traceback (most recent call last):
    ValueError: weight must be above 0 and at most 1, but got 2.0
    """

    statistic: Statistic
    window: int | None = None
    weight: float | None = None
    start: float | None = None
    every: int = 1
    truncation: tuple[float, float] = (-math.inf, math.inf)
    outside: Outside = "exclude"
    transformation: Transformation = "none"
    power: float | None = None
    abnormal: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        _check_choice("statistic", self.statistic, KINDS)
        _check_choice("outside", self.outside, ("exclude", "winsorise"))
        _check_choice("transformation", self.transformation, TRANSFORMATIONS)
        _check_counts(self)
        _check_interval("truncation", self.truncation)
        _check_goes_with("ewma", self.statistic, weight=self.weight)
        _check_goes_with("proportion", self.statistic, abnormal=self.abnormal)
        _check_goes_with("box_cox", self.transformation, power=self.power)
        _check_ewma(self)
        _check_proportion(self)
        if self.power is not None and not math.isfinite(self.power):
            raise ValueError(f"power must be finite, but got {self.power}")


def plan_of(algorithm: Algorithm) -> Plan:
    """Return the algorithm in numbers."""
    first, second = algorithm.abnormal or (algorithm.power or 0.0, 0.0)
    code = ABNORMAL if algorithm.statistic == "proportion" else TRANSFORMATIONS[algorithm.transformation]
    plan = Plan(
        kind=KINDS[algorithm.statistic],
        window=int(algorithm.window or 1),
        every=int(algorithm.every),
        weight=float(algorithm.weight or 0.0),
        start=math.nan,
        low=float(algorithm.truncation[0]),
        high=float(algorithm.truncation[1]),
        exclude=algorithm.outside == "exclude",
        transformation=code,
        first=float(first),
        second=float(second),
        takes_logarithms=code in (LOG, BOX_COX),
    )
    return plan if algorithm.start is None else plan._replace(start=float(transformed(float(algorithm.start), plan)))


def _check_choice(name: str, given: str, allowed: Collection[str]) -> None:
    if given not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, but got {given!r}")


def _check_counts(algorithm: Algorithm) -> None:
    least = 2 if algorithm.statistic == "sd" else 1
    if algorithm.window is None and algorithm.statistic != "ewma":
        raise ValueError(f"window must be given for {algorithm.statistic}")
    for name, count, lowest in (("window", algorithm.window, least), ("every", algorithm.every, 1)):
        if count is not None and (count != int(count) or count < lowest):
            raise ValueError(f"{name} must be an integer not less than {lowest}, but got {count}")


def _check_interval(name: str, given: tuple[float, float]) -> None:
    low, high = given
    if not low < high:
        raise ValueError(f"{name} must be (low, high) with low below high, but got {given}")


def _check_goes_with(needs: str, chosen: str, **given: object) -> None:
    ((name, value),) = given.items()
    if (value is not None) != (chosen == needs):
        raise ValueError(f"{name} must be given for {needs} and for nothing else, but got {value} with {chosen}")


def _check_ewma(algorithm: Algorithm) -> None:
    if algorithm.weight is not None and not 0 < algorithm.weight <= 1:
        raise ValueError(f"weight must be above 0 and at most 1, but got {algorithm.weight}")
    if algorithm.start is None:
        return
    if algorithm.statistic != "ewma":
        raise ValueError(f"start has a meaning for ewma only, but was given with {algorithm.statistic}")
    if not math.isfinite(algorithm.start):
        raise ValueError(f"start must be finite, but got {algorithm.start}")
    if algorithm.transformation != "none" and algorithm.start <= 0:
        raise ValueError(f"start must be greater than 0 to be transformed, but got {algorithm.start}")


def _check_proportion(algorithm: Algorithm) -> None:
    if algorithm.abnormal is None:
        return
    _check_interval("abnormal", algorithm.abnormal)
    if algorithm.transformation != "none":
        raise ValueError(f"transformation must be none for proportion, but got {algorithm.transformation}")
