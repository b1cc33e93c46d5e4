"""Mean and standard deviation of normal results of which some are only known to lie beyond a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, flat
from lienthong.metrology._cells import Cells, cells, ratio
from lienthong.metrology.iso13528._results.censored import checked_sides

MOST_ITERATIONS = 200
TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class CensoredNormal:
    """Maximum likelihood mean and standard deviation for each group, in the unit of the results.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given. `u_mean`
    is the standard uncertainty of the mean; `p` counts all results, `censored` those beyond a limit.
    """

    groups: NDArray[np.generic]
    mean: FloatArray
    s: FloatArray
    u_mean: FloatArray
    p: IntArray
    censored: IntArray


def censored_normal(values: ArrayLike, *, side: ArrayLike, groups: ArrayLike | None = None) -> CensoredNormal:
    """Return mean and standard deviation by maximum likelihood, where some results lie beyond limits.

    Parameters
    ----------
    values : shape (n,)
        Results, from a normal distribution, or the limits they are below or above; nan is left out.
    side : shape (n,)
        −1 below the limit, 0 a number, 1 above the limit.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value; all belong to one if None.

    Returns
    -------
    CensoredNormal
        nan for a group with fewer than two different uncensored results.

    Raises
    ------
    ValueError
        If `side` holds anything else, a value is infinite, the lengths differ, or the iteration doesn't end.

    Notes
    -----
    The largest of Σ ln φ((x − µ)/σ)/σ + Σ ln Φ((L − µ)/σ) over results below L + Σ ln Φ((µ − L)/σ) over those above.
    Without censored results s is the maximum likelihood √(Σ(x − x̄)²/p), not the one with p − 1. In 1/σ and µ/σ the
    likelihood is concave, and Newton's method with halved steps finds its only maximum; u(mean) is from the second
    derivatives there.

    It is not robust: use it where outliers have been removed; else `censored_median`.

    References
    ----------
    A. C. Cohen, "Simplified estimators for the normal distribution when samples are singly censored or truncated",
    Technometrics 1 (1959) 217–237. R. J. Olsen, "Note on the uniqueness of the maximum likelihood estimator for the
    Tobit model", Econometrica 46 (1978) 1211–1215.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.censored_normal([0.5, 0.5, 0.6, 0.8, 0.9, 1.2], side=[-1, -1, 0, 0, 0, 0])
    >>> found.mean.round(3).tolist(), found.s.round(3).tolist(), found.u_mean.round(3).tolist()
    ([0.676], [0.349], [0.154])
    """
    array = flat("values", values)
    sides = checked_sides(side, array.shape)
    there = ~np.isnan(array)
    everywhere = cells(array.size, groups)
    numbers = there & (sides == 0)
    inner = everywhere.only(numbers)
    n = inner.count()
    squares = inner.squares(array[numbers])
    centre, scale = inner.means(array[numbers]), np.sqrt(ratio(squares, n))
    solvable = scale > 8 * np.finfo(np.float64).eps * np.abs(centre)
    used = there & solvable[everywhere.code]
    by = everywhere.only(used)
    standard = (array[used] - centre[by.code]) / scale[by.code]
    a, b, variance = _maximum(_Likelihood(by, standard, sides[used], solvable))
    return CensoredNormal(
        groups=everywhere.labels,
        mean=np.where(solvable, centre + scale * a / b, np.nan),
        s=np.where(solvable, scale / b, np.nan),
        u_mean=np.where(solvable, scale * np.sqrt(variance), np.nan),
        p=everywhere.count(there),
        censored=everywhere.count(there & (sides != 0)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Likelihood:
    """The log likelihood in a = µ/σ and b = 1/σ, with its derivatives, for all groups at once."""

    by: Cells
    x: FloatArray
    side: IntArray
    solvable: BoolArray

    def height(self, a: FloatArray, b: FloatArray) -> FloatArray:
        off = self._off(a, b)
        log_b = np.log(b)[self.by.code]
        return self.by.sums(np.where(self.side == 0, log_b - off**2 / 2, log_ndtr(-self.side * off)))

    def derivatives(self, a: FloatArray, b: FloatArray) -> tuple[FloatArray, ...]:
        """Return the first derivatives by a and b, and the second by aa, ab and bb."""
        off, x, sums = self._off(a, b), self.x, self.by.sums
        inside = -self.side * off
        mills = np.exp(-(inside**2) / 2 - np.log(2 * np.pi) / 2 - log_ndtr(inside))
        slope = np.where(self.side == 0, -off, -self.side * mills)
        bend = np.where(self.side == 0, -1.0, -mills * (inside + mills))
        n = sums((self.side == 0) * 1.0)
        return sums(-slope), n / b + sums(slope * x), sums(bend), sums(-bend * x), sums(bend * x**2) - n / b**2

    def _off(self, a: FloatArray, b: FloatArray) -> FloatArray:
        off: FloatArray = b[self.by.code] * self.x - a[self.by.code]
        return off


def _maximum(likelihood: _Likelihood) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a = µ/σ, b = 1/σ and the variance of µ at the maximum; from the uncensored results, where µ 0 and σ 1."""
    g = likelihood.solvable.size
    a, b = np.zeros(g), np.ones(g)
    height = likelihood.height(a, b)
    for _ in range(MOST_ITERATIONS):
        da, db, aa, ab, bb = likelihood.derivatives(a, b)
        determinant = np.where(likelihood.solvable, aa * bb - ab**2, 1.0)
        step_a, step_b = (ab * db - bb * da) / determinant, (ab * da - aa * db) / determinant
        done = np.maximum(np.abs(step_a), np.abs(step_b)) <= TOLERANCE * np.maximum(b, np.abs(a))
        if np.all(done | ~likelihood.solvable):
            slope = -a / b**2
            variance = ratio(-(bb / b**2 - 2 * ab * slope / b + aa * slope**2), determinant)
            return a, b, variance
        a, b, height = _stepped(likelihood, (a, b, height), np.where(done, 0, step_a), np.where(done, 0, step_b))
    raise ValueError("values must let the likelihood reach its maximum, but it was not found in 200 steps")


def _stepped(
    likelihood: _Likelihood, here: tuple[FloatArray, FloatArray, FloatArray], step_a: FloatArray, step_b: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Take the step, halved where it would lead downhill or to a σ that isn't above 0."""
    a, b, height = here
    factor = np.ones(a.size)
    for _ in range(60):
        next_a, next_b = a + factor * step_a, b + factor * step_b
        reached = likelihood.height(next_a, np.where(next_b > 0, next_b, b))
        bad = (next_b <= 0) | (reached < height - 1e-9 * np.abs(height))
        if not np.any(bad & likelihood.solvable):
            return next_a, next_b, reached
        factor = np.where(bad, factor / 2, factor)
    return next_a, next_b, reached
