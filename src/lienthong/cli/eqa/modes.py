"""Whether results gather around several values: the modes of their kernel density."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.eqa.consensus import Consensus
from lienthong.cli.eqa.reading import FloatArray, IntArray, Results
from lienthong.metrology import iso13528

BoolArray = NDArray[np.bool_]
FEWEST = 12
LEAST_SHARE = 0.1  # of the results; a single outlier is no mode
OF_SIGMA_PT = 0.75
REACH = 8.0  # robust SDs, beyond which a result is a blunder
FEWEST_POINTS = 256


def bandwidths(s_star: FloatArray, p: IntArray, sigma_pt: FloatArray) -> FloatArray:
    """Return kernel bandwidths that show modes which matter for scores, not chance; nan where nothing is known."""
    by_spread = np.full(p.size, np.nan)
    known = (s_star > 0) & (p > 0)
    by_spread[known] = iso13528.kernel_bandwidth(s_star[known], p[known])
    wider: FloatArray = np.fmax(OF_SIGMA_PT * sigma_pt, by_spread)
    return wider


def several_modes(results: Results, by_all: BoolArray, consensus: Consensus, sigma_pt: FloatArray) -> BoolArray:
    """Return for each cell whether the results behind its consensus have several modes."""
    found = _several(results.values, results.cell, consensus, sigma_pt, ~by_all)
    if by_all.any():
        whole = results.whole[results.first]
        cells = np.flatnonzero(by_all)
        needed, at = np.unique(whole[cells], return_index=True)
        rows = np.isin(results.whole, needed)
        place = np.searchsorted(needed, results.whole[rows])
        picked = cells[at]
        every = _several(
            results.values[rows], place, consensus.at(picked), sigma_pt[picked], np.ones(picked.size, dtype=np.bool_)
        )
        found[cells] = every[np.searchsorted(needed, whole[cells])]
    return found


def _several(
    values: FloatArray, groups: IntArray, consensus: Consensus, sigma_pt: FloatArray, asked: BoolArray
) -> BoolArray:
    h = bandwidths(consensus.s_star, consensus.p, sigma_pt)
    asked = asked & (consensus.p >= FEWEST) & (h > 0)
    several = np.zeros(h.size, dtype=np.bool_)
    if not asked.any():
        return several
    place = np.cumsum(asked) - 1
    rows = asked[groups]
    spread = np.fmax(consensus.s_star, sigma_pt)
    kept, group = values[rows], groups[rows]
    near = np.abs(kept - consensus.x_star[group]) <= REACH * spread[group]
    points = max(FEWEST_POINTS, int(np.ceil(2 * (2 * REACH * np.nanmax(spread[asked] / h[asked]) + 10))))
    density = iso13528.kernel_density(
        np.where(near, kept, np.nan), bandwidth=h[asked], groups=place[group], points=points
    )
    several[asked] = density.modes(least_share=LEAST_SHARE) > 1
    return several
