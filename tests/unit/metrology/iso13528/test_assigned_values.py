"""Assigned values by every way, and their uncertainties."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import iso13528

WAYS = {
    "weighted_mean_fixed": iso13528.weighted_mean,
    "DerSimonian_Laird": iso13528.dersimonian_laird,
    "Paule_Mandel": iso13528.paule_mandel,
}
results = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 20), st.integers(0, 3)), min_size=1, max_size=25)


def read(shared_data: Path, name: str) -> Any:
    return json.loads((shared_data / "eqa" / name).read_text(encoding="utf-8"))


@pytest.mark.shared
@pytest.mark.parametrize("way", WAYS)
def test_consensus_with_uncertainty_equals_metafor(shared_data: Path, way: str) -> None:
    """Metafor ends Paule and Mandel's iteration early: its τ² leaves the sum 2.8e-6 below p − 1 (see the next test)."""
    lead = read(shared_data, "consensus_with_uncertainty_pb_wine.json")
    tolerance = 1e-6 if way == "Paule_Mandel" else 1e-9

    found = WAYS[way](lead["value"], lead["u"])

    assert found.x_pt[0] == pytest.approx(lead[way]["mu"], rel=tolerance)
    assert found.u_x_pt[0] == pytest.approx(lead[way]["u"], rel=tolerance)
    assert found.tau2[0] == pytest.approx(lead[way].get("tau2", 0.0), rel=tolerance)
    assert found.q[0] == pytest.approx(lead["weighted_mean_fixed"]["Q"], rel=1e-9)


@pytest.mark.shared
def test_paule_mandel_solves_its_equation_in_exact_arithmetic(shared_data: Path) -> None:
    lead = read(shared_data, "consensus_with_uncertainty_pb_wine.json")
    x, u = [Fraction(value) for value in lead["value"]], [Fraction(value) for value in lead["u"]]

    tau2 = Fraction(float(iso13528.paule_mandel(lead["value"], lead["u"]).tau2[0]))

    w = [1 / (of_each**2 + tau2) for of_each in u]
    mean = sum(weight * value for weight, value in zip(w, x, strict=True)) / sum(w)
    total = sum(weight * (value - mean) ** 2 for weight, value in zip(w, x, strict=True))
    assert abs(float(total) - (len(x) - 1)) < 1e-13


@settings(max_examples=40, derandomize=True, deadline=None)
@given(results)
def test_paule_mandel_any_groups_solves_its_equation_as_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    values, u, groups = (np.array(column) for column in zip(*rows, strict=True))

    found = iso13528.paule_mandel(values, u / 4, groups=groups)

    for place, group in enumerate(found.groups):
        own = groups == group
        alone = iso13528.paule_mandel(values[own], u[own] / 4)
        assert alone.tau2[0] == pytest.approx(found.tau2[place], rel=1e-9, abs=1e-12)
        q = np.sum((values[own] - found.x_pt[place]) ** 2 / (u[own] ** 2 / 16 + found.tau2[place]))
        if found.tau2[place] > 0:
            assert q == pytest.approx(own.sum() - 1, rel=1e-9)
        else:
            assert q <= (own.sum() - 1) * (1 + 1e-9)


def test_weighted_consensus_unknown_uncertainty_leaves_the_result_out() -> None:
    found = iso13528.dersimonian_laird([1.0, 5.0, 2.0, np.nan], [0.5, np.nan, 0.5, 1.0], groups=[1, 1, 2, 3])

    assert found.p.tolist() == [1, 1, 0]
    assert found.x_pt.tolist()[:2] == [1.0, 2.0]
    assert found.u_x_pt.tolist()[:2] == [0.5, 0.5]
    assert np.isnan([found.x_pt[2], found.u_x_pt[2], found.tau2[2], found.q[2]]).all()


@pytest.mark.shared
def test_x_pt_from_crm_example_e5(shared_data: Path) -> None:
    printed = read(shared_data, "iso13528_printed_examples.json")["E.5"]

    found = iso13528.x_pt_from_crm(printed["differences"], x_crm=printed["x_CRM"], u_crm=printed["u_CRM"])

    assert found.x_pt[0] == pytest.approx(printed["x_pt"], abs=0.005)
    assert found.u_x_pt[0] == pytest.approx(printed["u_x_pt"], abs=0.005)
    assert np.sqrt(found.u_x_pt[0] ** 2 - printed["u_CRM"] ** 2) == pytest.approx(printed["u_d"], abs=0.005)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("by", "x_pt", "u"),
    [
        ("mean", "mean", "u_mean"),
        ("median_niqr", "median", "u_median_from_nIQR"),
        ("algorithm_a", ("algorithm_A", "x_star"), ("algorithm_A", "u")),
    ],
)
def test_consensus_example_e3(shared_data: Path, by: str, x_pt: Any, u: Any) -> None:
    printed = read(shared_data, "iso13528_printed_examples.json")["E.3"]
    expected = [printed[key[0]][key[1]] if isinstance(key, tuple) else printed[key] for key in (x_pt, u)]

    found = iso13528.consensus(printed["x"], estimator=by)

    assert [found.x_pt[0], found.u_x_pt[0]] == pytest.approx(expected, abs=0.00051)
    assert found.sufficiency.tolist() == ["enough"]


@pytest.mark.parametrize("by", ["algorithm_a", "median_niqr", "median_made", "mean"])
def test_consensus_by_group_equals_one_by_one(by: str) -> None:
    rng = np.random.default_rng(5)
    values, groups = rng.normal(10, 1, 60), np.repeat([3, 1, 2], [30, 22, 8])
    values[4] = np.nan

    found = iso13528.consensus(values, groups=groups, estimator=by)

    assert found.p.tolist() == [22, 8, 29]
    assert found.sufficiency.tolist() == ["enough", "caution", "enough"]
    for place, group in enumerate(found.groups):
        alone = iso13528.consensus(values[groups == group], estimator=by)
        assert [alone.x_pt[0], alone.s[0], alone.u_x_pt[0]] == pytest.approx(
            [found.x_pt[place], found.s[place], found.u_x_pt[place]], rel=1e-12
        )


def test_consensus_too_few_values_is_said() -> None:
    found = iso13528.consensus([5.0, np.nan, np.nan], groups=[1, 1, 2], estimator="mean")

    assert found.x_pt[0] == 5.0
    assert np.isnan([found.x_pt[1], *found.s, *found.u_x_pt]).all()
    assert found.sufficiency.tolist() == ["too_few", "too_few"]
    assert np.isnan(iso13528.consensus([]).x_pt).tolist() == [True]


def test_x_pt_from_formulation_propagates_uncertainty_as_simulated() -> None:
    rng = np.random.default_rng(11)
    simulated = rng.normal(0.5, 0.01, 400_000) + rng.normal(9, 0.2, 400_000) / rng.normal(3, 0.05, 400_000)

    found = iso13528.x_pt_from_formulation(9, 3, u_added=0.2, u_quantity=0.05, base=0.5, u_base=0.01)

    assert float(found.x_pt) == 3.5
    assert float(found.u_x_pt) == pytest.approx(simulated.std(), rel=0.01)


def test_x_pt_from_experts_by_group() -> None:
    found = iso13528.x_pt_from_experts([5.0, 5.2, 7.0, np.nan], u=[0.06, 0.08, 0.5, 0.1], groups=[1, 1, 2, 3])

    assert found.x_pt.tolist()[:2] == [5.1, 7.0]
    assert found.u_x_pt[:2] == pytest.approx([0.05, 0.5])
    assert np.isnan(found.x_pt[2])
    assert found.p.tolist() == [2, 1, 0]


def test_total_u_x_pt_and_comparison_by_hand() -> None:
    assert float(iso13528.total_u_x_pt(2, u_hom=1, u_trans=2, u_stab=4)) == 5.0
    found = iso13528.compare_with_reference(10.0, [11.0, 11.1, np.nan], u_x_pt=0.3, u_ref=0.4)
    assert found.agrees.tolist() == [True, False, False]
    assert float(found.u) == 0.5


def test_u_x_pt_factor_of_the_mean() -> None:
    assert float(iso13528.u_x_pt(0.8, 16, factor=1)) == 0.2
    assert float(iso13528.u_x_pt(0.8, 16)) == 0.25


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.weighted_mean([1.0], [0.0]), "u must be greater than 0, but got 0.0"),
        (lambda: iso13528.paule_mandel([1.0, 2.0], [1.0, 2.0, 3.0]), "u must be one number or one per value"),
        (lambda: iso13528.x_pt_from_crm([1.0], x_crm=np.nan, u_crm=1), "x_crm must be known"),
        (lambda: iso13528.x_pt_from_crm([1.0], x_crm=1, u_crm=-1), "u_crm must not be negative"),
        (lambda: iso13528.x_pt_from_experts([1.0], u=-1), "u must not be negative"),
        (lambda: iso13528.x_pt_from_formulation(1, 0, u_added=0, u_quantity=0), "quantity must be greater than 0"),
        (lambda: iso13528.total_u_x_pt(1, u_hom=-1), "u_hom must not be negative"),
        (lambda: iso13528.consensus([1.0], estimator="mode"), "estimator must be one of algorithm_a"),
        (lambda: iso13528.sufficiency([1], caution=3, at_least=4), "at_least must be at least 1 and at most caution"),
        (lambda: iso13528.u_x_pt(1, 1, factor=0), "factor must be greater than 0"),
    ],
)
def test_assigned_values_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
