"""Algorithm A: robust mean and standard deviation by iterated winsorising."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, positive
from lienthong.metrology.iso13528._estimates import Estimate, Estimates, assembled
from lienthong.metrology.iso13528._groups import Grouped, split
from lienthong.metrology.iso13528._robust import IQR_FACTOR, MAD_FACTOR, iqr, mad

FACTOR = 1.134
WIDTH = 1.5
TOLERANCE = 1e-13
SETTLED = 1e-6
COLLAPSED = 1e-9
MOST_ITERATIONS = 10_000


@overload
def algorithm_a(values: ArrayLike, *, groups: None = None, factor: float = FACTOR) -> Estimate: ...
@overload
def algorithm_a(values: ArrayLike, *, groups: ArrayLike, factor: float = FACTOR) -> Estimates: ...
def algorithm_a(values: ArrayLike, *, groups: ArrayLike | None = None, factor: float = FACTOR) -> Estimate | Estimates:
    """Return the robust mean `x_star` and robust standard deviation `s_star` by Algorithm A.

    Parameters
    ----------
    values : shape (n,)
        Results of participants; nan is a missing result and is left out.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value: one estimate for each, in one call.
    factor : float
        Makes `s_star` right for normal values: 1.134 as the standard prints it; 1.1333926554624871 unrounded.

    Returns
    -------
    Estimate, or Estimates with arrays of shape (g,) if `groups` is given
        With `p`, the number of values, `iterations`, and `converged`. A group without any value has nan and has not
        converged; a single value has `s_star` nan.

    Raises
    ------
    ValueError
        If a value is infinite, the lengths differ or `factor` is not above 0.

    Notes
    -----
    Start: x* = median(x), s* = 1.483·median |xᵢ − x*|. Repeat: xᵢ* = xᵢ held within x* ± 1.5·s*; x* = mean(xᵢ*);
    s* = 1.134·√(Σ(xᵢ* − x*)²/(p − 1)). It ends where it stands still: once the same values are held, that point is
    solved for; or when neither changes by more than 1e-13·s*. (The standard allows an end when the third significant
    figure stands, which comes earlier: in its example E.1 it prints s* 7.23 where the iteration converges to 7.237.)

    If the start s* is 0 (at least half of the values are equal), it starts from nIQR, and if that is 0 too, from the
    ordinary standard deviation. Where s* then falls below 1e-9 of its start, the values decide nothing but their
    median: `x_star` is the median, `s_star` 0. So it is for values that are all equal.

    It bears about a quarter of the values being wrong on one side; use it for p of about 12 and more.

    References
    ----------
    ISO 13528:2022, C.3.1. Analytical Methods Committee, "Robust statistics", Analyst 114 (1989) 1693–1697.
    The same, "Robust statistics: a method of coping with outliers", AMC Technical Brief 6 (2001), open at
    https://www.rsc.org/amc

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.algorithm_a([5.1, 5.2, 4.9, 5.0, 5.3, 5.1, 5.0, 4.8, 5.2, 5.1, 5.0, 9.8])
    >>> round(found.x_star, 4), round(found.s_star, 4), found.converged
    (5.09, 0.1784, True)
    >>> by_round = iso13528.algorithm_a([1.0, 1.2, 1.1, 7.0, 7.4, 7.2], groups=[1, 1, 1, 2, 2, 2])
    >>> by_round.groups.tolist(), by_round.x_star.round(3).tolist()
    ([1, 2], [1.1, 7.2])
    """
    by = split(values, groups)
    end = _iterate(by.grouped, float(positive("factor", factor)))
    found = assembled(by, x_star=end.x, s_star=end.s, iterations=end.iterations, converged=end.converged)
    return found if groups is not None else found.single()


@dataclass(frozen=True, slots=True)
class _End:
    x: FloatArray
    s: FloatArray
    iterations: IntArray
    converged: BoolArray


def _iterate(grouped: Grouped, factor: float) -> _End:
    """Run all groups together, on values less their median, so that the level of the values costs no digits."""
    medians, start = grouped.medians(), _start(grouped)
    x, s = np.zeros(start.size), start.copy()
    iterations = np.zeros(start.size, dtype=np.intp)
    converged = start == 0
    centred = grouped.with_values(grouped.values - medians[grouped.code])
    running = np.flatnonzero(~converged)
    left = centred.only(~converged)
    for _ in range(MOST_ITERATIONS):
        if not running.size:
            break
        x_new, s_new = _step(left, x[running], s[running], factor)
        collapsed = s_new < COLLAPSED * start[running]
        moved = np.maximum(np.abs(x_new - x[running]), np.abs(s_new - s[running]))
        x[running], s[running] = np.where(collapsed, 0.0, x_new), np.where(collapsed, 0.0, s_new)
        iterations[running] += 1
        done = collapsed | (moved <= TOLERANCE * s_new)
        settled = ~done & (moved <= SETTLED * s_new)
        if np.any(settled):
            at = running[settled]
            x[at], s[at], done[settled] = _fixed_point(left.only(settled), x[at], s[at], factor)
        if np.any(done):
            converged[running[done]] = True
            running, left = running[~done], left.only(~done)
    return _End(x=medians + x, s=s, iterations=iterations, converged=converged)


def _start(grouped: Grouped) -> FloatArray:
    start = MAD_FACTOR * mad(grouped)
    start = np.where(start > 0, start, IQR_FACTOR * iqr(grouped))
    return np.where(start > 0, start, _standard_deviation(grouped.values, grouped))


def _step(grouped: Grouped, x: FloatArray, s: FloatArray, factor: float) -> tuple[FloatArray, FloatArray]:
    lower, upper = (x - WIDTH * s)[grouped.code], (x + WIDTH * s)[grouped.code]
    held = np.clip(grouped.values, lower, upper)
    return grouped.sums(held) / grouped.p, factor * _standard_deviation(held, grouped)


def _fixed_point(
    grouped: Grouped, x: FloatArray, s: FloatArray, factor: float
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return x* and s* at which the iteration stands still, and whether they were found; else `x` and `s` as given.

    Once the same values are held at the limits in every step, x* and s* solve a quadratic equation.
    """
    side = _side(grouped, x, s)
    free = side == 0
    middle, above, held = grouped.sums(free * 1.0), grouped.sums(side), grouped.sums(np.abs(side))
    mean = grouped.sums(grouped.values * free) / np.maximum(middle, 1)
    squares = grouped.sums(free * (grouped.values - mean[grouped.code]) ** 2)
    slope = WIDTH * above / np.maximum(middle, 1)
    left = (grouped.p - 1) / factor**2 - middle * slope**2 - WIDTH**2 * held
    solvable = (middle > 0) & (left > 0)
    s_end = np.sqrt(squares / np.where(solvable, left, np.inf))
    x_end = mean + slope * s_end
    found = solvable & (grouped.sums(np.abs(_side(grouped, x_end, s_end) - side)) == 0)
    return np.where(found, x_end, x), np.where(found, s_end, s), found


def _side(grouped: Grouped, x: FloatArray, s: FloatArray) -> FloatArray:
    """Return −1, 0 or 1 for each value below, within or above x* ± 1.5·s*."""
    off, width = grouped.values - x[grouped.code], (WIDTH * s)[grouped.code]
    return np.where(np.abs(off) > width, np.sign(off), 0.0)


def _standard_deviation(values: FloatArray, grouped: Grouped) -> FloatArray:
    deviations = values - (grouped.sums(values) / grouped.p)[grouped.code]
    spread: FloatArray = np.sqrt(grouped.sums(deviations**2) / np.maximum(grouped.p - 1, 1))
    return spread
