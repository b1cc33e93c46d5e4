"""Works EQA-A and EQA-Q, and a national round: robust estimates of proficiency testing and all scores."""

from __future__ import annotations

import numpy as np
import pt13528
from numpy.typing import NDArray

from bench.timing import Peer, Table, compare
from bench.works import works
from lienthong.metrology import iso13528

CELLS_FOR_SLOW_PEER = 40


def measure(table: Table) -> None:
    """Print how the estimates compare, and how a national round compares with one pass over its values."""
    _algorithm_a(table)
    for p, target in ((50, None), (200, 600), (1_000, None), (2_000, 15_000)):
        _q_method(table, p, target)
    _national_round(table)


def _algorithm_a(table: Table) -> None:
    cells = works().eqa(1_000, 200)
    values, groups = cells.ravel(), np.repeat(np.arange(1_000), 200)
    found = iso13528.algorithm_a(values, groups=groups)
    peer = [pt13528.robust.algorithm_a(cell) for cell in cells[:CELLS_FOR_SLOW_PEER]]
    apart = max(abs(found.s_star[g] / one.scale - 1) for g, one in enumerate(peer))
    print(f"  EQA-A: s* of pt13528 and of this library are at most {apart:.1e} apart")

    def slow() -> None:
        for cell in cells[:CELLS_FOR_SLOW_PEER]:
            pt13528.robust.algorithm_a(cell)

    peers = {"pt13528": Peer(slow, target=100, share=CELLS_FOR_SLOW_PEER / 1_000)}
    compare(table, "EQA-A, 1,000 cells of 200", lambda: iso13528.algorithm_a(values, groups=groups), peers)


def _q_method(table: Table, p: int, target: float | None) -> None:
    values: NDArray[np.float64] = works().eqa(1, p)[0]
    apart = abs(iso13528.q_method(values).s_star / float(pt13528.robust.q_method(values)) - 1)
    print(f"  EQA-Q, {p:,} laboratories: s* of pt13528 and of this library are {apart:.1e} apart")
    peers = {"pt13528": Peer(lambda: pt13528.robust.q_method(values), target=target, repeats=1 if p > 500 else 3)}
    compare(table, f"EQA-Q, {p:,} laboratories", lambda: iso13528.q_method(values), peers, repeats=25)


def _national_round(table: Table) -> None:
    values = works().eqa(1_000, 1_000).ravel()
    groups, u = np.repeat(np.arange(1_000), 1_000), np.random.default_rng(1).uniform(1, 3, values.size)

    def whole_round() -> iso13528.ScoredRounds:
        return iso13528.score_rounds(values, groups=groups, sigma_pt=5.0, delta_e=15.0, u=u)

    # The limit is one pass over the values; the target says how much of it is allowed: 1/60.
    peers = {"values.sum()": Peer(lambda: values.sum(), target=1 / 60, repeats=25)}
    compare(table, "national round, 1,000 × 1,000", whole_round, peers, repeats=25)
