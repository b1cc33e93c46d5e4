"""Assigned values: for each round, analyte, sample and peer group what its results are judged against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.eqa.consensus import Consensus, consensus_of
from lienthong.cli.eqa.modes import several_modes
from lienthong.cli.eqa.reading import FloatArray, IntArray, Results
from lienthong.cli.eqa.settings import FEWEST_FOR_CONSENSUS, MINIMUM, Assignment, Settings, Sigma
from lienthong.metrology import iso13528

BoolArray = NDArray[np.bool_]
FEWEST_WITHOUT_CAUTION = 6  # below, the value should come from elsewhere: formulation, reference laboratory
NEGLIGIBLE = 0.3  # of σ_pt (ISO 13528, 9.2.1): a smaller u(x_pt) is left out of account


class Note(StrEnum):
    """What a reader has to know of an assigned value."""

    ALL_METHODS = "all-methods"
    FEW = "few"
    VERY_FEW = "very-few"
    TOO_FEW = "too-few"
    NO_VALUE = "no-value"
    NO_SIGMA = "no-sigma"
    NOT_NEGLIGIBLE = "not-negligible"
    U_UNKNOWN = "u-unknown"
    NOT_CONVERGED = "not-converged"
    SEVERAL_MODES = "several-modes"
    CENSORED = "censored"


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """Arrays of one entry a cell: a round, analyte, sample and peer group.

    `n` are the cell's results that are numbers, `p` those behind its consensus: its own, or all methods' where
    `by_all`. `u_x_pt` is nan where it isn't known, `x_pt` and `sigma_pt` where there is nothing to score by.
    """

    n: IntArray
    p: IntArray
    by_all: BoolArray
    x_pt: FloatArray
    u_x_pt: FloatArray
    s_star: FloatArray
    sigma_pt: FloatArray
    delta_e: FloatArray
    is_negligible: BoolArray
    iterations: IntArray
    converged: BoolArray
    notes: Mapping[Note, BoolArray]

    def of(self, cell: int) -> list[Note]:
        return [note for note, holds in self.notes.items() if holds[cell]]


def assign(results: Results, settings: Settings) -> Assigned:
    """Assign a value to each cell by its own results, or by all methods' where its peer group is too small."""
    n = np.bincount(results.cell[~np.isnan(results.values)], minlength=results.first.size)
    by_all = _by_all(results, n, settings) & _uses_consensus(settings)
    consensus = _consensus(results, by_all, settings)
    enough = consensus.p >= FEWEST_FOR_CONSENSUS
    s_star = np.where(enough, consensus.s_star, np.nan)
    if settings.assigned is Assignment.FIXED:
        x_pt = _of_cells(results, "x_pt")
        u_x_pt = _of_cells(results, "u_x_pt")
    else:
        x_pt = np.where(enough, consensus.x_star, np.nan)
        u_x_pt = iso13528.u_x_pt(s_star, np.where(enough, consensus.p, 0))
    delta_e = _delta_e(results, x_pt, settings)
    sigma_pt = _sigma_pt(results, x_pt, s_star, delta_e, settings)
    negligible = iso13528.is_negligible(u_x_pt, sigma_pt, fraction=NEGLIGIBLE)
    return Assigned(
        n=n,
        p=consensus.p,
        by_all=by_all,
        x_pt=x_pt,
        u_x_pt=u_x_pt,
        s_star=s_star,
        sigma_pt=sigma_pt,
        delta_e=delta_e,
        is_negligible=negligible,
        iterations=consensus.iterations,
        converged=consensus.converged,
        notes=_notes(results, consensus, by_all, {"x_pt": x_pt, "u_x_pt": u_x_pt, "sigma_pt": sigma_pt}, settings),
    )


def _uses_consensus(settings: Settings) -> bool:
    return settings.assigned is not Assignment.FIXED or settings.sigma is Sigma.S_STAR


def _by_all(results: Results, n: IntArray, settings: Settings) -> BoolArray:
    """Return which cells have too few results, or name no peer group, while others of their sample do."""
    whole = results.whole[results.first]
    others = np.bincount(whole)[whole] > 1
    groups = results.table.labels("peer_group")
    unnamed = np.zeros(n.size, dtype=np.bool_) if groups is None else groups.texts(results.first) == ""
    small: BoolArray = others & ((n < settings.minimum) | unnamed)
    return small


def _consensus(results: Results, by_all: BoolArray, settings: Settings) -> Consensus:
    """Return the consensus behind each cell; all methods' is only worked out for samples that need it."""
    own = consensus_of(results.values, results.cell, settings.assigned)
    if not by_all.any():
        return own
    whole = results.whole[results.first]
    needed = np.unique(whole[by_all])
    rows = np.isin(results.whole, needed)
    every = consensus_of(results.values[rows], np.searchsorted(needed, results.whole[rows]), settings.assigned)
    at = np.minimum(np.searchsorted(needed, whole), needed.size - 1)
    return own.replaced(by_all, every, at)


def _of_cells(results: Results, key: str) -> FloatArray:
    """Return what the file gives for each cell; nan where it gives nothing."""
    given = results.given(key)
    return np.full(results.first.size, np.nan) if given is None else given[results.first]


def _delta_e(results: Results, x_pt: FloatArray, settings: Settings) -> FloatArray:
    given = _of_cells(results, "delta_e")
    if settings.limit is None:
        return given
    limit = np.full(x_pt.size, settings.limit.number)
    if settings.limit.is_percent:
        limit = _above_0(np.abs(x_pt) * settings.limit.number / 100)
    return np.where(np.isnan(given), limit, given)


def _sigma_pt(
    results: Results, x_pt: FloatArray, s_star: FloatArray, delta_e: FloatArray, settings: Settings
) -> FloatArray:
    if settings.sigma is Sigma.FIXED:
        return _of_cells(results, "sigma_pt")
    if settings.sigma is Sigma.S_STAR:
        return _above_0(s_star)
    if settings.sigma is Sigma.PERCENT:
        return _above_0(np.abs(x_pt) * (settings.percent or np.nan) / 100)
    return iso13528.sigma_pt_from_limit(delta_e, settings.divisor)


def _above_0(numbers: FloatArray) -> FloatArray:
    """Return the numbers, nan for a 0: nothing can be scored by it."""
    return np.where(numbers > 0, numbers, np.nan)


def _notes(
    results: Results, consensus: Consensus, by_all: BoolArray, found: Mapping[str, FloatArray], settings: Settings
) -> dict[Note, BoolArray]:
    uses_consensus = np.full(by_all.size, _uses_consensus(settings))
    p, x_pt, sigma_pt, u_x_pt = consensus.p, found["x_pt"], found["sigma_pt"], found["u_x_pt"]
    scored = ~np.isnan(x_pt) & ~np.isnan(sigma_pt)
    too_few = uses_consensus & (p < FEWEST_FOR_CONSENSUS)
    very_few = uses_consensus & ~too_few & (p < FEWEST_WITHOUT_CAUTION)
    texts = np.fromiter(results.texts, dtype=np.intp, count=len(results.texts))
    censored = np.bincount(results.cell[texts], minlength=by_all.size) > 0
    return {
        Note.ALL_METHODS: by_all,
        Note.TOO_FEW: too_few,
        Note.VERY_FEW: very_few,
        Note.FEW: uses_consensus & ~too_few & ~very_few & (p < MINIMUM),
        Note.NO_VALUE: np.isnan(x_pt) & ~too_few,
        Note.NO_SIGMA: ~np.isnan(x_pt) & np.isnan(sigma_pt) & ~too_few,
        Note.NOT_NEGLIGIBLE: scored & (u_x_pt >= NEGLIGIBLE * sigma_pt),
        Note.U_UNKNOWN: scored & np.isnan(u_x_pt),
        Note.NOT_CONVERGED: uses_consensus & ~consensus.converged & ~too_few,
        Note.SEVERAL_MODES: scored & several_modes(results, by_all, consensus, sigma_pt),
        Note.CENSORED: censored,
    }
