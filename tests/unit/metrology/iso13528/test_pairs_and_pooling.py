"""Q method, Hampel estimator and Algorithm S against plain loops, a peer, R, and what the standard prints."""

from __future__ import annotations

import json
import math
import statistics
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pt13528
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import iso13528

SHARED = Path(__file__).parents[5] / "shared" / "data" / "eqa"
shared = pytest.mark.shared
skip_if_absent = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/eqa is not there")

tenths = st.integers(-300, 300)
results = st.lists(tenths, min_size=2, max_size=14)


def read(name: str) -> Any:
    return json.loads((SHARED / name).read_text(encoding="utf-8"))


def plain_q(tenths: list[int], participants: list[int]) -> float:
    """Follow C.5.2.2 over all pairs, in whole tenths."""
    sizes = {who: participants.count(who) for who in participants}
    pairs = [
        (abs(a - b), Fraction(1, sizes[i] * sizes[j]))
        for (a, i), (b, j) in combinations(zip(tenths, participants, strict=True), 2)
        if i != j
    ]
    whole = sum((weight for _, weight in pairs), Fraction(0))
    if not whole:
        return math.nan
    share = {step: sum((w for d, w in pairs if d <= step), Fraction(0)) / whole for step in {d for d, _ in pairs}}
    at_zero = share.get(0, Fraction(0))
    if at_zero == 1:
        return 0.0
    nodes = [(0, Fraction(0))]
    before = at_zero
    for step in sorted(share):
        if step > 0:
            nodes.append((step, (before + share[step]) / 2))
            before = share[step]
    wanted = Fraction(1, 4) + Fraction(3, 4) * at_zero
    upper = next(k for k, (_, height) in enumerate(nodes) if height >= wanted)
    (x0, g0), (x1, g1) = nodes[upper - 1], nodes[upper]
    read_off = float(x0 + (x1 - x0) * (wanted - g0) / (g1 - g0)) / 10
    return read_off / (math.sqrt(2) * NormalDist().inv_cdf(float(Fraction(5, 8) + Fraction(3, 8) * at_zero)))


def psi(q: float) -> float:
    size = abs(q)
    return math.copysign(size if size <= 1.5 else 1.5 if size <= 3 else max(4.5 - size, 0.0), q)


@settings(max_examples=150, deadline=None)
@given(given_tenths=results)
def test_q_method_any_results_equals_all_pairs(given_tenths: list[int]) -> None:
    found = iso13528.q_method([value / 10 for value in given_tenths])

    assert found.s_star == pytest.approx(plain_q(given_tenths, list(range(len(given_tenths)))), rel=1e-11, abs=1e-11)


@settings(max_examples=150, deadline=None)
@given(replicates=st.lists(st.tuples(tenths, st.integers(0, 4)), min_size=2, max_size=14))
def test_q_method_several_results_of_a_participant_equals_all_pairs(replicates: list[tuple[int, int]]) -> None:
    values, who = [value for value, _ in replicates], [one for _, one in replicates]

    found = iso13528.q_method([value / 10 for value in values], participants=who)

    assert found.s_star == pytest.approx(plain_q(values, who), rel=1e-11, abs=1e-11, nan_ok=True)


def test_q_method_differences_equal_in_decimals_are_one_step() -> None:
    assert 12.3 - 12.2 != 5.1 - 5.0

    found = iso13528.q_method([12.3, 12.2, 5.1, 5.0])

    assert found.s_star == pytest.approx(plain_q([123, 122, 51, 50], [1, 2, 3, 4]), rel=1e-12)


def test_q_method_nearly_half_wrong_bears_it() -> None:
    rng = np.random.default_rng(5)
    good = rng.normal(100, 5, 60)

    spoiled = np.concatenate((good, [1e9 * (k + 1) for k in range(50)]))

    assert iso13528.q_method(spoiled).s_star < 6 * iso13528.q_method(good).s_star


@pytest.mark.parametrize("p", [7, 50, 200])
def test_q_method_equals_its_peer(p: int) -> None:
    values = np.round(np.random.default_rng(p).normal(100, 5, p), 1)

    assert iso13528.q_method(values).s_star == pytest.approx(float(pt13528.robust.q_method(values)), rel=1e-12)


def test_estimators_by_group_in_any_order_equal_one_by_one() -> None:
    rng = np.random.default_rng(8)
    groups = rng.choice(["a", "b", "c", "d"], 90)
    values = np.round(rng.normal(10, 2, 90), 1)
    values[::17] = np.nan

    q = iso13528.q_method(values, groups=groups)
    hampel = iso13528.hampel(values, q.s_star, groups=groups)
    pooled = iso13528.algorithm_s(np.abs(values), 2, groups=groups)

    assert q.groups.tolist() == ["a", "b", "c", "d"]
    for at, group in enumerate(q.groups):
        own = values[groups == group]
        alone = iso13528.q_method(own)
        assert q.s_star[at] == alone.s_star
        assert hampel.x_star[at] == iso13528.hampel(own, alone.s_star).x_star
        assert pooled.w_star[at] == iso13528.algorithm_s(np.abs(own), 2).w_star
        assert (q.p[at], pooled.p[at]) == (alone.p, alone.p)


@settings(max_examples=150, deadline=None)
@given(given_tenths=results, spread=st.sampled_from([0.05, 0.7, 3.0, 40.0]))
def test_hampel_any_results_solves_its_equation_nearest_to_the_median(given_tenths: list[int], spread: float) -> None:
    values = [value / 10 for value in given_tenths]
    median = statistics.median(values)

    found = iso13528.hampel(values, spread).x_star

    assert sum(psi((value - found) / spread) for value in values) == pytest.approx(0, abs=1e-9 * len(values))
    nearer = np.linspace(median, found, 50)[1:-1]
    start = sum(psi((value - median) / spread) for value in values)
    assert all(sum(psi((value - x) / spread) for value in values) * start > -1e-9 for x in nearer), (
        "the sum has a root nearer to the median"
    )


def test_hampel_two_solutions_equally_near_gives_the_median() -> None:
    assert iso13528.hampel([0.0, 0.0, 10.0, 10.0], 1.0).x_star == 5.0


@pytest.mark.parametrize("spread", [0.0, math.nan])
def test_hampel_without_a_spread_gives_the_median(spread: float) -> None:
    assert iso13528.hampel([1.0, 2.0, 9.0], spread).x_star == 2.0


@pytest.mark.parametrize(
    ("nu", "eta", "xi"),
    [
        *((1, 1.645, 1.097), (2, 1.517, 1.054), (3, 1.444, 1.039), (4, 1.395, 1.032), (5, 1.359, 1.027)),
        *((6, 1.332, 1.024), (7, 1.310, 1.021), (8, 1.292, 1.019), (9, 1.277, 1.018), (10, 1.264, 1.017)),
    ],
)
def test_algorithm_s_factors_equal_those_that_the_standard_prints(nu: int, eta: float, xi: float) -> None:
    rng = np.random.default_rng(nu)
    w = np.sqrt(rng.chisquare(nu, 40) / nu)

    exact, printed = iso13528.algorithm_s(w, nu), iso13528.algorithm_s(w, nu, eta=eta, xi=xi)

    assert exact.w_star == pytest.approx(printed.w_star, rel=2e-3)
    assert printed.w_star == pytest.approx(float(pt13528.robust.algorithm_s(w, nu).scale), rel=1e-9)


def test_algorithm_s_normal_values_gives_their_sd() -> None:
    replicates = np.random.default_rng(11).normal(50, 3, (200_000, 3))

    assert iso13528.algorithm_s(replicates.std(axis=1, ddof=1), 2).w_star == pytest.approx(3, rel=0.005)


@pytest.mark.parametrize(
    ("w", "expected"),
    [([0.0] * 9 + [1.0], 0.0), ([0.3] * 5, 0.3 * 1.097), ([], math.nan)],
    ids=["nearly all 0", "all equal", "none"],
)
def test_algorithm_s_without_a_spread(w: list[float], expected: float) -> None:
    assert iso13528.algorithm_s(w, 1).w_star == pytest.approx(expected, rel=5e-4, nan_ok=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.algorithm_s([1.0, -1.0], 1), "w must not be negative, but got -1.0 at position 1"),
        (lambda: iso13528.algorithm_s([1.0], 0), "nu must be greater than 0"),
        (lambda: iso13528.hampel([1.0], -2.0), "s_star must not be negative"),
        (lambda: iso13528.hampel([1.0, 2.0], [1.0, 2.0]), "s_star must be one number or one per group"),
        (lambda: iso13528.q_method([1.0, math.inf]), "values must be finite or nan"),
        (lambda: iso13528.q_method([1.0], participants=[1, 2]), "participants must have one entry per value"),
    ],
    ids=["negative SD", "no degrees", "negative spread", "spreads", "infinite", "lengths"],
)
def test_estimators_impossible_input_raises_naming_the_argument(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@shared
@skip_if_absent
@pytest.mark.parametrize("at", range(12))
def test_hampel_published_data_equals_that_of_r(at: int) -> None:
    record = read("robust_statistics.json")[at]

    found = iso13528.hampel(record["values"], record["Qn_finite_corrected"]).x_star

    assert found == pytest.approx(record["hampel_1.5_3_4.5_with_Qn"], rel=1e-9)


@shared
@skip_if_absent
def test_q_method_and_hampel_example_e3_of_the_standard() -> None:
    example = read("iso13528_printed_examples.json")["E.3"]

    q = iso13528.q_method(example["x"])

    assert round(q.s_star, 4) == example["Q_Hampel"]["s_star"]
    assert round(iso13528.hampel(example["x"], q.s_star).x_star, 3) == example["Q_Hampel"]["x_star"]
    assert round(float(iso13528.u_x_pt(q.s_star, q.p)), 4) == example["Q_Hampel"]["u"]
