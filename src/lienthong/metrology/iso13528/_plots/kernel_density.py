"""Kernel density of results, and how many modes it shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, known, like, positive, whole
from lienthong.metrology._compiled import compiled, in_parts
from lienthong.metrology.iso13528._robust.groups import Grouped, split

REACH = 4.0
"""How many bandwidths the grid extends beyond the outermost values: 99.99 % of their kernels lie within."""
COARSEST = 0.5
"""Bandwidths between two points of the grid beyond which modes could be overlooked."""
VALUES_PER_PART = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class KernelDensity:
    """Density of each group on a grid of its own, and the modes of all groups below each other.

    `groups` has shape (g,), in sorted order, [0] where none were given; `grid`, in the unit of the results, and
    `density`, in its inverse, have shape (g, points) and are nan for a group without values. The modes have shape (m,):
    `mode_group` is the place of the group in `groups`, `mode` where the mode is, `mode_density` how high, and
    `mode_share` the share of the group's area between the minima at its sides.
    """

    groups: NDArray[np.generic]
    grid: FloatArray
    density: FloatArray
    mode_group: IntArray
    mode: FloatArray
    mode_density: FloatArray
    mode_share: FloatArray

    def modes(self, *, least_share: float = 0.0) -> IntArray:
        """Return, for each group, shape (g,), how many modes hold at least `least_share` of its area."""
        counted = self.mode_group[self.mode_share >= least_share]
        counts: IntArray = np.bincount(counted, minlength=self.groups.size)
        return counts


def kernel_bandwidth(s_star: ArrayLike, p: ArrayLike) -> FloatArray:
    """Return the bandwidth for a kernel density that is to show the form of a round's results.

    Parameters
    ----------
    s_star, p : numbers, or arrays that broadcast
        Robust standard deviation of the results, and how many they are.

    Returns
    -------
    array of the broadcast shape, in the unit of `s_star`
        nan where `s_star` is nan.

    Raises
    ------
    ValueError
        If `s_star` is not above 0, or `p` is below 1 or not whole.

    Notes
    -----
    0.9·s*/p^0.2. To see whether the round splits into modes that matter for its scores, take 0.75·σ_pt instead (or
    0.25·δ_E where results are judged by an allowable limit).

    References
    ----------
    ISO 13528:2022, 10.3.2. B. W. Silverman, "Density estimation for statistics and data analysis", Chapman & Hall 1986,
    3.4.2. Analytical Methods Committee, "Representing data distributions with kernel density estimates", AMC Technical
    Brief 4 (2001), open at https://www.rsc.org/amc

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(float(iso13528.kernel_bandwidth(1.0, 32)), 3)
    0.45
    """
    bandwidth: FloatArray = 0.9 * positive("s_star", s_star) / whole("p", p, at_least=1) ** 0.2
    return bandwidth


def kernel_density(
    values: ArrayLike, *, bandwidth: ArrayLike, groups: ArrayLike | None = None, points: int = 512
) -> KernelDensity:
    """Return the density of results with a Gaussian kernel, and its modes.

    Parameters
    ----------
    values : shape (n,)
        Results; nan is left out.
    bandwidth : one number, or one per group, shape (g,), in the unit of `values`
        Standard deviation of the kernel; see `kernel_bandwidth`.
    groups : shape (n,), integers or strings
        Round and analyte of each value; all belong to one if None.
    points : int
        Points of the grid, at least 16; they reach 4 bandwidths beyond the outermost values.

    Returns
    -------
    KernelDensity

    Raises
    ------
    ValueError
        If a bandwidth is nan or not above 0, the lengths differ, or the values of a group lie so far apart that the
        points would stand more than half a bandwidth from each other: remove blunders first, or ask for more points.

    Notes
    -----
    f(x) = 1/(p·h)·Σφ((x − xᵢ)/h). A mode is a point of the grid that is higher than its neighbours, placed by the
    parabola through the three. With a small bandwidth every outlier is a mode of its own: count those with a share
    that matters, ``found.modes(least_share=0.1)``.

    References
    ----------
    ISO 13528:2022, 10.3 and example E.6. P. J. Lowthian, M. Thompson, "Bump-hunting for the proficiency tester –
    searching for multimodality", Analyst 127 (2002) 1359–1364.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.kernel_density([5.0, 5.1, 4.9, 5.0, 7.0, 7.1, 6.9], bandwidth=0.3)
    >>> found.mode.round(2).tolist(), found.mode_share.round(2).tolist(), found.modes().tolist()
    ([5.0, 7.0], [0.57, 0.43], [2])
    """
    if points < 16:
        raise ValueError(f"points must be at least 16, but got {points}")
    by = split(values, groups)
    h = like("bandwidth", positive("bandwidth", known("bandwidth", bandwidth)), by.filled.shape)[by.filled]
    begin, step = _grid(by.grouped, h, points)
    filled_density = _density(by.grouped, h, begin, step, points)
    grid, density = (np.full((by.filled.size, points), np.nan) for _ in range(2))
    grid[by.filled] = begin[:, None] + step[:, None] * np.arange(points)
    density[by.filled] = filled_density
    return KernelDensity(by.labels, grid, density, *_modes(filled_density, begin, step, np.flatnonzero(by.filled)))


def _grid(grouped: Grouped, h: FloatArray, points: int) -> tuple[FloatArray, FloatArray]:
    """Return the first point and the distance of points for each group."""
    lowest, highest = grouped.values[grouped.begin], grouped.values[grouped.begin + grouped.p - 1]
    step = (highest - lowest + 2 * REACH * h) / (points - 1)
    coarse = step > COARSEST * h
    if np.any(coarse):
        at = np.flatnonzero(coarse)[0]
        needed = int(np.ceil((highest[at] - lowest[at] + 2 * REACH * h[at]) / (COARSEST * h[at]))) + 1
        raise ValueError(
            f"points must be at least {needed} for values from {lowest[at]:g} to {highest[at]:g} with bandwidth "
            f"{h[at]:g}, but got {points}"
        )
    return lowest - REACH * h, step


def _density(grouped: Grouped, h: FloatArray, begin: FloatArray, step: FloatArray, points: int) -> FloatArray:
    density = np.zeros((h.size, points))
    if h.size:
        groups_at_least = max(1, VALUES_PER_PART * h.size // max(grouped.values.size, 1))
        arguments = (grouped.values, grouped.begin, grouped.p, h, begin, step, density)
        in_parts(_add_kernels, h.size, *arguments, at_least=groups_at_least)
    return density


@compiled
def _add_kernels(
    first: int,
    last: int,
    values: FloatArray,
    begins: IntArray,
    p: IntArray,
    h: FloatArray,
    begin: FloatArray,
    step: FloatArray,
    density: FloatArray,
) -> None:
    """Add up the kernels of groups first … last − 1.

    On evenly spaced points a Gaussian is a product: each ratio of neighbours is the one before times a constant. So two
    exponentials are computed for a value and the rest multiplied, outwards from the point nearest to it.
    """
    points = density.shape[1]
    for group in range(first, last):
        d = step[group] / h[group]
        shrink = np.exp(-d * d)
        row = density[group]
        for place in range(begins[group], begins[group] + p[group]):
            offset = (values[place] - begin[group]) / step[group]
            nearest = min(max(int(offset + 0.5), 0), points - 1)
            t = (nearest - offset) * d
            top = np.exp(-t * t / 2)
            height, change = top, np.exp(-t * d - d * d / 2)
            for point in range(nearest, points):
                row[point] += height
                height *= change
                change *= shrink
            height, change = top * np.exp(t * d - d * d / 2), np.exp(t * d - d * d / 2) * shrink
            for point in range(nearest - 1, -1, -1):
                row[point] += height
                height *= change
                change *= shrink
        row /= p[group] * h[group] * np.sqrt(2 * np.pi)


def _modes(
    density: FloatArray, begin: FloatArray, step: FloatArray, place: IntArray
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
    """Return group, place, height and share of area of each mode, group by group and from low to high."""
    inner = density[:, 1:-1]
    row, column = np.nonzero((inner > density[:, :-2]) & (inner >= density[:, 2:]))
    column = column + 1
    left, top, right = density[row, column - 1], density[row, column], density[row, column + 1]
    shift = (left - right) / (2 * (left - 2 * top + right))
    mode = begin[row] + step[row] * (column + shift)
    height = top - (left - right) * shift / 4
    return place[row], mode, height, _shares(density, row, column)


def _shares(density: FloatArray, row: IntArray, column: IntArray) -> FloatArray:
    """Return the share of its row's area that lies between the lowest points at the sides of each mode."""
    points = density.shape[1]
    area = np.cumsum(density, axis=1)
    place = row * points + column
    same = row[1:] == row[:-1]
    valley = _lowest_between(density.ravel(), place[:-1][same], place[1:][same]) % points
    lower = np.zeros(row.size)
    upper = area[row, -1].copy()
    between = area[row[1:][same], valley] - density[row[1:][same], valley] / 2
    lower[1:][same], upper[:-1][same] = between, between
    share: FloatArray = (upper - lower) / area[row, -1]
    return share


def _lowest_between(heights: FloatArray, starts: IntArray, ends: IntArray) -> IntArray:
    """Return the first place of the lowest of the heights from each start to its end."""
    if not starts.size:
        return np.empty(0, dtype=np.intp)
    borders = np.column_stack([starts, ends]).ravel()
    lowest = np.minimum.reduceat(heights, borders)[::2]
    length = ends - starts
    run = np.repeat(np.arange(starts.size), length)
    place = np.arange(run.size) - np.repeat(np.cumsum(length) - length, length) + starts[run]
    hit = np.flatnonzero(heights[place] == lowest[run])
    _, once = np.unique(run[hit], return_index=True)
    found: IntArray = place[hit[once]]
    return found
