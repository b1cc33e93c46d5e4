"""Precision experiments and outlier tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lienthong.metrology import iso13528

GOLDEN = Path(__file__).parents[3] / "golden" / "iso13528_rounds.json"
DIXON = {"r10": 1, "r11": 1, "r21": 2, "r22": 2}


@pytest.fixture(scope="module")
def golden() -> Any:
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.shared
def test_precision_and_mandel_equal_r_for_both_materials_in_one_call(shared_data: Path) -> None:
    materials = json.loads((shared_data / "eqa" / "precision_glucose_serum.json").read_text(encoding="utf-8"))
    values = np.concatenate([np.ravel(material["replicates"]) for material in materials])
    laboratories = np.tile(np.repeat(materials[0]["labs"], 3), 2)
    groups = np.repeat([material["material"] for material in materials], 24)

    found = iso13528.precision(values, laboratories=laboratories, groups=groups)
    consistency = iso13528.mandel(values, laboratories=laboratories, groups=groups)
    outlying = iso13528.cochran(consistency.s**2, n=consistency.n, groups=consistency.groups)

    for place, material in enumerate(materials):
        for name in ("mean", "s_r", "s_L", "s_R", "p_value"):
            assert getattr(found, name)[place] == pytest.approx(material[name], rel=1e-9), name
        assert found.f[place] == pytest.approx(material["F"], rel=1e-9)
        own = consistency.groups == material["material"]
        assert consistency.h[own] == pytest.approx(np.array(material["mandel_h"]), rel=1e-9)
        assert consistency.k[own] == pytest.approx(np.array(material["mandel_k"]), rel=1e-9)
        assert outlying.statistic[place] == pytest.approx(material["cochran_C"], rel=1e-9)


def test_precision_different_numbers_of_replicates_equal_r(golden: Any) -> None:
    r = golden["precision"]
    order = np.random.default_rng(1).permutation(len(r["values"]))

    found = iso13528.precision(np.array(r["values"])[order], laboratories=np.array(r["laboratories"])[order])

    for name in ("n_mean", "mean", "s_r", "s_L", "f", "p_value"):
        assert getattr(found, name)[0] == pytest.approx(r[name], rel=1e-9), name
    assert found.s_R[0] == pytest.approx(np.hypot(r["s_r"], r["s_L"]), rel=1e-9)


def test_precision_too_little_is_nan() -> None:
    one_laboratory = iso13528.precision([1.0, 2.0, np.nan], laboratories=[1, 1, 2])
    no_replicates = iso13528.precision([1.0, 2.0, 3.0], laboratories=[1, 2, 3])

    assert one_laboratory.laboratories.tolist() == [1]
    assert one_laboratory.s_r[0] == pytest.approx(0.5**0.5)
    assert np.isnan([one_laboratory.s_L[0], one_laboratory.s_R[0], one_laboratory.f[0]]).all()
    assert np.isnan([no_replicates.s_r[0], no_replicates.s_R[0]]).all()
    assert np.isnan(iso13528.mandel([1.0, 2.0], laboratories=[1, 2]).k).all()


@pytest.mark.parametrize("p", [4, 8, 25])
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_critical_values_follow_from_t_and_f(p: int, alpha: float) -> None:
    t = stats.t.ppf(1 - alpha / 2, p - 2)
    t_grubbs = stats.t.ppf(1 - alpha / (2 * p), p - 2)
    f = stats.f.ppf(1 - alpha, 2, (p - 1) * 2)
    f_cochran = stats.f.ppf(1 - alpha / p, 2, (p - 1) * 2)

    assert iso13528.mandel_h_critical(p, alpha) == pytest.approx((p - 1) * t / np.sqrt(p * (t**2 + p - 2)), rel=1e-9)
    assert iso13528.mandel_k_critical(p, 3, alpha) == pytest.approx(np.sqrt(p / (1 + (p - 1) / f)), rel=1e-9)
    assert iso13528.grubbs_critical(p, alpha) == pytest.approx(
        (p - 1) / np.sqrt(p) * np.sqrt(t_grubbs**2 / (p - 2 + t_grubbs**2)), rel=1e-9
    )
    assert iso13528.cochran_critical(p, 3, alpha) == pytest.approx(1 / (1 + (p - 1) / f_cochran), rel=1e-9)


@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_critical_values_have_the_p_value_alpha(alpha: float) -> None:
    """An outlier placed so that the statistic is the critical value."""
    n, critical = 9, float(iso13528.grubbs_critical(9, alpha))
    low, high = 0.0, 50.0
    rest = np.linspace(-1, 1, n - 1)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if iso13528.grubbs([*rest, middle]).statistic[0] < critical else (low, middle)

    assert iso13528.grubbs([*rest, low]).p_value[0] == pytest.approx(alpha, rel=1e-6)
    c = float(iso13528.cochran_critical(6, 2, alpha))
    assert iso13528.cochran([(1 - c) / 5] * 5 + [c], n=2).p_value[0] == pytest.approx(alpha, rel=1e-9)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(-30, 30), st.integers(0, 2)), min_size=1, max_size=30))
def test_outlier_tests_by_group_equal_one_by_one(rows: list[tuple[int, int]]) -> None:
    values, groups = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    groups = groups.astype(np.intp)

    for test in (iso13528.grubbs, iso13528.dixon):
        found = test(values, groups=groups)
        for place, group in enumerate(found.groups):
            own = np.flatnonzero(groups == group)
            alone = test(values[own])
            same = [alone.statistic[0], alone.p_value[0]]
            assert same == pytest.approx([found.statistic[place], found.p_value[place]], nan_ok=True, rel=1e-12)
            assert found.position[place] == (own[alone.position[0]] if alone.position[0] >= 0 else -1)


def test_outlier_tests_name_the_value_at_either_end() -> None:
    values = [np.nan, 5.1, 5.0, -9.0, 4.9, 5.2, 5.0]

    assert iso13528.grubbs(values).position.tolist() == [3]
    assert iso13528.dixon(values).position.tolist() == [3]
    assert iso13528.dixon([-x for x in values]).position.tolist() == [3]
    assert iso13528.cochran([0.1, np.nan, 9.0], n=[2, 5, 2]).position.tolist() == [2]


def test_outlier_tests_nothing_to_test_is_nan() -> None:
    for found in (iso13528.grubbs([5.0, 5.0, 5.0]), iso13528.dixon([5.0] * 4), iso13528.cochran([0.0, 0.0], n=2)):
        assert np.isnan([found.statistic[0], found.p_value[0]]).all()
        assert found.position.tolist() == [-1]
    assert iso13528.grubbs([1.0, 2.0]).position.tolist() == [-1]
    assert iso13528.dixon([1.0, 2.0]).position.tolist() == [-1]


def test_grubbs_p_value_keeps_its_promise_in_simulation() -> None:
    rng = np.random.default_rng(29)
    runs = 40_000

    found = iso13528.grubbs(rng.normal(size=runs * 8), groups=np.repeat(np.arange(runs), 8))

    assert np.mean(found.p_value < 0.05) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / runs))


def test_dixon_probability_equals_simulation_in_r(golden: Any) -> None:
    for case in golden["dixon"]:
        j, n, r = DIXON[case["form"]], case["n"], case["r"]
        values = [0.0] * (n - j - 1) + [1 - r] + [1.0] * j

        found = iso13528.dixon(values, form=case["form"])

        assert found.statistic[0] == pytest.approx(r)
        assert found.p_value[0] / 2 == pytest.approx(case["one_sided"], abs=4 * case["error"])


def test_dixon_three_values_have_a_closed_form() -> None:
    """P(R > r) = ½ − 3/π·arctan((2r − 1)/√3) for three normal values."""
    for r in (0.55, 0.7, 0.9, 0.99):
        exact = 0.5 - 3 / np.pi * np.arctan((2 * r - 1) / np.sqrt(3))
        assert iso13528.dixon([0.0, 1 - r, 1.0]).p_value[0] == pytest.approx(2 * exact, abs=1e-9)


PRINTED = {
    3: 0.941, 4: 0.765, 5: 0.642, 6: 0.560, 7: 0.507, 8: 0.554, 9: 0.512, 10: 0.477, 11: 0.576, 12: 0.546, 13: 0.521,
    14: 0.546, 15: 0.525, 20: 0.450, 25: 0.406,
}  # fmt: skip
"""One-sided 5 % points as they are commonly quoted; not compared with the printed original."""


@pytest.mark.parametrize("n", PRINTED)
def test_dixon_critical_is_near_the_table_commonly_quoted(n: int) -> None:
    assert iso13528.dixon_critical(n, 0.10) == pytest.approx(PRINTED[n], abs=0.0025)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.precision([1.0], laboratories=[1, 2]), "laboratories must have one entry per value"),
        (lambda: iso13528.mandel_h_critical(2), "p must be a whole number of at least 3"),
        (lambda: iso13528.mandel_k_critical(8, 1), "n must be a whole number of at least 2"),
        (lambda: iso13528.grubbs_critical(8, 1.0), "alpha must be above 0 and below 1"),
        (lambda: iso13528.cochran([-1.0], n=2), "variances must not be negative"),
        (lambda: iso13528.cochran([1.0, 2.0], n=[2, 3]), "n must be the same for all variances of a group"),
        (lambda: iso13528.dixon([1.0, 2.0], form="r20"), "form must be one of r10"),
        (lambda: iso13528.dixon(np.arange(31.0)), "values must be at most 30 in a group, but there are 31"),
        (lambda: iso13528.dixon_critical(4, form="r22"), "p must be from 6 to 30 for r22"),
        (lambda: iso13528.dixon_critical(2), "p must be from 3 to 30 for r10, but got 2"),
    ],
)
def test_precision_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
