"""Exact probabilities of rejection, from all ways in which the results of some runs can fall into zones.

Most rules ask only between which limits each result lies. So the runs that a rule looks at have finitely many
outcomes: each is put before the rules once, and its probability is the product of those of its zones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from lienthong.metrology import westgard
from lienthong.metrology._arrays import BoolArray, FloatArray
from lienthong.metrology.capability._runs import Design, rejected_runs

BY_ZONES = frozenset({"beyond", "some_beyond", "one_side", "opposite"})
MOST_RESULTS = 20_000_000
AT_A_TIME = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Which outcomes the rules accept, shape (zones of each place, …), and the borders of each place's zones."""

    accepted: BoolArray
    borders: tuple[FloatArray, ...]

    def rejection(self, shift: float, sd_ratio: float) -> float:
        """Return the probability of an outcome that isn't accepted, for results from N(shift, sd_ratio²)."""
        left = self.accepted.astype(np.float64)
        for borders in reversed(self.borders):
            left = left @ _probabilities(borders, shift, sd_ratio)
        return float(1.0 - left)


def outcomes(asked: Design, *, runs: int, before: int) -> Outcomes | None:
    """Return the outcomes of `runs` runs after `before` others; None if they are too many or not told by zones.

    Accepted are those in which none of the `runs` is rejected, whatever is said of the runs before.
    """
    if not all(rule.form in BY_ZONES for rule in asked.rules):
        return None
    places = asked.n * (runs + before)
    rules = [rule for rule in asked.rules if rule.n <= places]
    history = _borders([rule for rule in rules if asked.runs_before(rule)], least=math.inf)
    single = min((rule.k for rule in rules if rule.form == "beyond" and rule.n == 1), default=math.inf)
    judged = _borders(rules, least=single)
    borders = (history,) * (asked.n * before) + (judged,) * (asked.n * runs)
    shape = tuple(one.size - 1 for one in borders)
    if math.prod(shape) * places > MOST_RESULTS:
        return None
    return Outcomes(accepted=_accepted(asked, borders, shape, before), borders=borders)


def _accepted(asked: Design, borders: tuple[FloatArray, ...], shape: tuple[int, ...], before: int) -> BoolArray:
    """Put each outcome before the rules, some at a time."""
    inside = [_inside(one) for one in borders]
    accepted = np.empty(math.prod(shape), dtype=np.bool_)
    step = max(1, AT_A_TIME // len(shape))
    for begin in range(0, accepted.size, step):
        outcome = np.arange(begin, min(begin + step, accepted.size))
        places = np.unravel_index(outcome, shape)
        z = np.stack([one[zone] for one, zone in zip(inside, places, strict=True)], axis=1)
        accepted[outcome] = ~rejected_runs(asked, z)[:, before:].any(axis=1)
    return accepted.reshape(shape)


def _borders(rules: list[westgard.Rule], *, least: float) -> FloatArray:
    """Return the limits of the rules between ±`least`, and these: beyond them a result is rejected by itself."""
    limits = {side * rule.k for rule in rules if rule.form != "one_side" for side in (-1.0, 1.0)}
    if any(rule.form == "one_side" for rule in rules):
        limits.add(0.0)
    return np.array([-least, *sorted(limit for limit in limits if abs(limit) < least), least])


def _inside(borders: FloatArray) -> FloatArray:
    """Return a z inside each zone."""
    reach = float(np.max(np.abs(borders[np.isfinite(borders)]), initial=0.0)) + 2.0
    ends = np.clip(borders, -reach, reach)
    middle: FloatArray = (ends[1:] + ends[:-1]) / 2
    return middle


def _probabilities(borders: FloatArray, shift: float, sd_ratio: float) -> FloatArray:
    """Return the probability of each zone; above the mean from the upper tail, which keeps its digits."""
    z = (borders - shift) / sd_ratio
    below = np.diff(ndtr(z))
    above = -np.diff(ndtr(-z))
    probabilities: FloatArray = np.where(z[:-1] > 0, above, below)
    return probabilities
