"""Two samples of one round beside each other: Youden's plot, its ellipse, and what it says of errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtri

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, flat
from lienthong.metrology._arrays import fraction as between_0_and_1
from lienthong.metrology._cells import cells, ratio


@dataclass(frozen=True, slots=True, eq=False)
class Youden:
    """Statistics of pairs of results for each group, in the unit of the results (or of z scores).

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given. `p`
    counts pairs; `mean_x`, `mean_y`, `s_x`, `s_y` and the correlation `r` are of the two samples. `s_total` is
    the scatter of the sums over √2; `s_within` is what differs from sample to sample, `s_between` what a laboratory has
    in common to both.
    """

    groups: NDArray[np.generic]
    p: IntArray
    mean_x: FloatArray
    mean_y: FloatArray
    s_x: FloatArray
    s_y: FloatArray
    r: FloatArray
    s_total: FloatArray
    s_within: FloatArray
    s_between: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class YoudenEllipse:
    """Outline of the confidence ellipse of each group: `x` and `y` have shape (g, points); `t2` shape (g,)."""

    x: FloatArray
    y: FloatArray
    t2: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class YoudenPairs:
    """Pairs of z scores turned by 45°, shape (n,): `systematic` along the diagonal, `random` across it, `distance` from
    the centre."""

    systematic: FloatArray
    random: FloatArray
    distance: FloatArray


def youden(x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None) -> Youden:
    """Return the statistics of Youden's plot: two similar samples, measured once by each laboratory.

    Parameters
    ----------
    x, y : shape (n,)
        Results (or z scores) of the two samples; a pair is left out where either is nan.
    groups : shape (n,), integers or strings
        Round and analyte of each pair; all belong to one if None.

    Returns
    -------
    Youden
        Standard deviations are nan with fewer than two pairs, `r` too where one of the samples has no scatter.

    Raises
    ------
    ValueError
        If a result is infinite or the lengths differ.

    Notes
    -----
    With D = x − y and T = x + y: s_within = SD(D)/√2, s_total = SD(T)/√2 and
    s_between = √max(0, (s_total² − s_within²)/2): what a laboratory has in common to both counts twice in a sum of two.
    A single result scatters by √(s_within² + s_between²). It asks that the two samples are alike in level and scatter;
    standard deviations aren't robust, so remove blunders first.

    References
    ----------
    W. J. Youden, "Graphical diagnosis of interlaboratory test results", Ind. Qual. Control 15 (1959) 24–28. W. J.
    Youden, E. H. Steiner, "Statistical manual of the AOAC", 1975. ISO 13528:2022, 10.5.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.youden([5.0, 5.4, 5.2, 4.8], [5.1, 5.3, 5.3, 4.7])
    >>> found.r.round(3).tolist(), found.s_within.round(3).tolist(), found.s_between.round(3).tolist()
    ([0.913], [0.082], [0.258])
    """
    first, second = _pairs(x, y)
    there = ~(np.isnan(first) | np.isnan(second))
    by = cells(first.size, groups).only(there)
    first, second = first[there], second[there]
    p = by.count()
    off_x, off_y = by.deviations(first), by.deviations(second)
    freedom = np.maximum(p - 1, 0)
    s_x, s_y = by.sds(first), by.sds(second)
    within, total = ratio(by.sums((off_x - off_y) ** 2), 2 * freedom), ratio(by.sums((off_x + off_y) ** 2), 2 * freedom)
    return Youden(
        groups=by.labels,
        p=p,
        mean_x=by.means(first),
        mean_y=by.means(second),
        s_x=s_x,
        s_y=s_y,
        r=np.clip(ratio(ratio(by.sums(off_x * off_y), freedom), s_x * s_y), -1, 1),
        s_total=np.sqrt(total),
        s_within=np.sqrt(within),
        s_between=np.sqrt(np.maximum(0, (total - within) / 2)),
    )


def youden_ellipse(found: Youden, *, confidence: float = 0.95, points: int = 181) -> YoudenEllipse:
    """Return the outline of the ellipse in which a share of laboratories is expected.

    Parameters
    ----------
    found : Youden
        Of g groups.
    confidence : float
        That share.
    points : int
        Points of the outline, at least 4; the last is the first again.

    Returns
    -------
    YoudenEllipse
        nan for a group with fewer than three pairs.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1 or `points` below 4.

    Notes
    -----
    With a = (x − x̄)/s_x and b = (y − ȳ)/s_y: a² − 2·r·a·b + b² = (1 − r²)·T², T² = 2·(p − 1)/(p − 2)·F with F the
    quantile of F with 2 and p − 2 degrees of freedom.

    References
    ----------
    ISO 13528:2005, 8.5; J. E. Jackson, "Quality control methods for two related variables", Ind. Qual. Control 12
    (1956) 4–8. ISO 13528:2022, 10.5.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> outline = iso13528.youden_ellipse(iso13528.youden([5.0, 5.4, 5.2, 4.8], [5.1, 5.3, 5.3, 4.7]))
    >>> outline.x.shape, outline.t2.round(1).tolist()
    ((1, 181), [57.0])
    """
    if points < 4:
        raise ValueError(f"points must be at least 4, but got {points}")
    t2 = _t2(found.p, between_0_and_1("confidence", confidence))
    angle = np.linspace(0, 2 * np.pi, points)
    a = np.sqrt(t2)[:, None] * np.cos(angle)
    b = np.sqrt(t2)[:, None] * (found.r[:, None] * np.cos(angle) + np.sqrt(1 - found.r[:, None] ** 2) * np.sin(angle))
    return YoudenEllipse(
        x=found.mean_x[:, None] + found.s_x[:, None] * a, y=found.mean_y[:, None] + found.s_y[:, None] * b, t2=t2
    )


def outside_ellipse(
    x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, confidence: float = 0.95
) -> BoolArray:
    """Return which pairs lie outside the confidence ellipse of their group.

    Parameters
    ----------
    x, y, groups
        As for `youden`.
    confidence : float
        As for `youden_ellipse`.

    Returns
    -------
    booleans, shape (n,)
        False where the pair or the ellipse is unknown.

    Raises
    ------
    ValueError
        As for `youden` and `youden_ellipse`.

    Notes
    -----
    (a² − 2·r·a·b + b²)/(1 − r²) > T². A group whose pairs lie on one line has no ellipse.

    References
    ----------
    As for `youden_ellipse`.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> x, y = [1, 2, 3, 4, 5, 6, 7, 8, 9, 5.0], [2, 1, 4, 3, 6, 5, 8, 7, 9, 30.0]
    >>> iso13528.outside_ellipse(x, y, confidence=0.8).tolist().index(True)
    9
    """
    found = youden(x, y, groups=groups)
    first, second = _pairs(x, y)
    code = cells(first.size, groups).code
    a = ratio(first - found.mean_x[code], found.s_x[code])
    b = ratio(second - found.mean_y[code], found.s_y[code])
    r = found.r[code]
    distance = ratio(a**2 - 2 * r * a * b + b**2, 1 - r**2)
    outside: BoolArray = distance > _t2(found.p, between_0_and_1("confidence", confidence))[code]
    return outside


def youden_pairs(z_x: ArrayLike, z_y: ArrayLike) -> YoudenPairs:
    """Return pairs of z scores along and across the diagonal of Youden's plot.

    Parameters
    ----------
    z_x, z_y : shape (n,)
        z scores of the two samples; nan gives nan.

    Returns
    -------
    YoudenPairs

    Raises
    ------
    ValueError
        If a score is infinite or the lengths differ.

    Notes
    -----
    (z_x + z_y)/√2 is what both samples share, (z_x − z_y)/√2 what they don't. A pair far out along the diagonal has a
    systematic error, one far out across it a large random one.

    References
    ----------
    ISO 13528:2022, 10.5.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.youden_pairs([3.0, 2.0], [3.0, -2.0])
    >>> found.systematic.round(2).tolist(), found.random.round(2).tolist()
    ([4.24, 0.0], [0.0, 2.83])
    """
    first, second = _pairs(z_x, z_y)
    root = np.sqrt(2)
    return YoudenPairs((first + second) / root, (first - second) / root, np.hypot(first, second))


def _pairs(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    first, second = flat("x", x), flat("y", y)
    if first.size != second.size:
        raise ValueError(f"x and y must have the same length, but have {first.size} and {second.size}")
    return first, second


def _t2(p: IntArray, confidence: float) -> FloatArray:
    enough = p > 2
    freedom = np.where(enough, p - 2, 1)
    t2: FloatArray = np.where(enough, 2 * (p - 1) / freedom * fdtri(2, freedom, confidence), np.nan)
    return t2
