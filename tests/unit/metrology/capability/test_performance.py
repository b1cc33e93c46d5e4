"""Sigma metric, total error, quality goal index, bias and decision chart against R and numbers worked by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from lienthong.metrology import capability

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "control.json").read_text())


@pytest.mark.parametrize(
    ("tea", "bias", "cv", "sigma"),
    [(10, 2, 2, 4.0), (10, -2, 2, 4.0), (6, 7.5, 1.5, -1.0), (10, math.nan, 2, math.nan)],
)
def test_sigma_metric_by_hand(tea: float, bias: float, cv: float, sigma: float) -> None:
    assert float(capability.sigma_metric(tea, bias, cv)) == pytest.approx(sigma, nan_ok=True)


def test_sigma_class_limits_belong_to_the_better_class() -> None:
    found = capability.sigma_class([[7, 6, 5.99, 5, 4], [3.99, 3, 2.99, -1, math.nan]])

    assert found.tolist() == [
        ["world_class", "world_class", "excellent", "excellent", "good"],
        ["marginal", "marginal", "unacceptable", "unacceptable", "not_evaluated"],
    ]
    assert capability.sigma_class(float(capability.sigma_metric(10, 1.3, 1.45))) is capability.SigmaClass.WORLD_CLASS
    assert capability.sigma_class(math.nan) is capability.SigmaClass.NOT_EVALUATED


def test_defects_per_million_are_those_of_six_sigma() -> None:
    found = capability.defects_per_million([2, 3, 4, 5, 6])

    np.testing.assert_allclose(found, [308_537.5, 66_807.2, 6_209.7, 232.6, 3.4], atol=0.05)
    assert float(capability.defects_per_million(1.96, drift=0)) == pytest.approx(24_997.9, abs=0.05)


def test_error_limit_equals_r() -> None:
    golden = GOLDEN["error_limit"]

    found = capability.error_limit(golden["bias"], golden["cv"])

    np.testing.assert_allclose(found, golden["limit"], rtol=1e-9)


def test_total_error_covers_what_it_says_on_one_side() -> None:
    bias, cv = 3.0, 2.0

    found = float(capability.total_error(bias, cv))

    assert float(ndtr((found - bias) / cv)) == pytest.approx(0.95, abs=0.001)


def test_critical_systematic_error_leaves_five_percent_beyond_the_limit() -> None:
    shift = float(capability.critical_systematic_error(10.0, -2.0, 2.0))

    assert shift == pytest.approx(2.35)
    assert float(ndtr(shift - 4.0)) == pytest.approx(0.05, abs=0.001)


def test_goal_reading_between_the_limits_is_both() -> None:
    found = capability.goal_reading(capability.quality_goal_index([1.1, 1.2, -1.8, 1.9, np.nan], 1.0))

    assert found.tolist() == ["imprecision", "both", "both", "bias", "not_evaluated"]
    assert capability.goal_reading(2.0) is capability.GoalReading.BIAS


@pytest.mark.parametrize(
    "of", [capability.bias_from_eqa, capability.bias_from_peer_group, capability.bias_from_certified]
)
def test_bias_by_group_by_hand(of: Callable[..., capability.Bias]) -> None:
    values, reference = [11.0, 9.5, np.nan, 5.5, 7.0], [10.0, 10.0, 3.0, 5.0, np.nan]

    found = of(values, reference, groups=["A", "A", "A", "B", "C"])

    assert found.groups.tolist() == ["A", "B", "C"]
    np.testing.assert_allclose(found.bias, [2.5, 10.0, np.nan])
    np.testing.assert_allclose(found.sd, [15 / math.sqrt(2), np.nan, np.nan])
    np.testing.assert_allclose(found.rms, [math.sqrt(62.5), 10.0, np.nan])
    assert found.n.tolist() == [2, 1, 0]


def test_bias_without_groups_is_one_even_of_nothing() -> None:
    found = capability.bias_from_eqa([], 5.0)

    assert np.isnan(found.bias).tolist() == [True]
    assert found.n.tolist() == [0]


def test_decision_chart_point_lies_on_the_line_of_its_sigma() -> None:
    tea, bias, cv = 12.0, -3.0, 3.0
    sigma = float(capability.sigma_metric(tea, bias, cv))

    found = capability.decision_chart(tea, bias, cv, sigmas=[sigma])

    assert float(found.y) == pytest.approx(100 * (1 - float(found.x) / float(found.line_x[0])))


@pytest.mark.parametrize(
    ("sigma", "levels", "rules", "forms"),
    [
        (6.0, 2, ("1_3s",), [(2, 1)]),
        (5.0, 2, ("1_3s", "2_2s_across", "R_4s"), [(2, 1)]),
        (4.99, 2, ("1_3s", "2_2s_across", "R_4s", "4_1s_across"), [(4, 1), (2, 2)]),
        (-2, 2, ("1_3s", "2_2s_across", "R_4s", "4_1s_across", "8x_across"), [(4, 2), (2, 4)]),
        (7, 3, ("1_3s",), [(3, 1)]),
        (5.5, 3, ("1_3s", "2of3_2s_across", "R_4s"), [(3, 1)]),
        (4, 3, ("1_3s", "2of3_2s_across", "R_4s", "3_1s_across"), [(3, 1)]),
        (3.9, 3, ("1_3s", "2of3_2s_across", "R_4s", "3_1s_across", "6x_across"), [(6, 1), (3, 2)]),
    ],
)
def test_sigma_rules_are_those_of_the_table(
    sigma: float, levels: int, rules: tuple[str, ...], forms: list[tuple[int, int]]
) -> None:
    found = capability.sigma_rules(sigma, levels=levels)

    assert [(one.n, one.runs) for one in found] == forms
    assert all(one.rules == rules and one.levels == levels for one in found)
    for one in found:
        assert capability.power(one.rules, n=one.n, levels=one.levels, shift=9.0, seed=1).rejection > 0.99


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: capability.sigma_metric(0, 0, 1), "tea must be greater than 0"),
        (lambda: capability.sigma_metric(10, 0, 0), "cv must be greater than 0"),
        (lambda: capability.sigma_metric(10, 0, -1), "cv must be greater than 0"),
        (lambda: capability.sigma_class(4, limits=(6, 5, 5, 3)), "limits must be four falling numbers"),
        (lambda: capability.total_error(1, -1), "cv must not be negative"),
        (lambda: capability.error_limit(1, 1, coverage=1), "coverage must be above 0 and below 1"),
        (lambda: capability.critical_systematic_error(10, 0, 1, z=0), "z must be greater than 0"),
        (lambda: capability.quality_goal_index(1, 0), "cv must be greater than 0"),
        (lambda: capability.goal_reading(-1), "index must not be negative"),
        (lambda: capability.goal_reading(1, imprecision_below=2), "imprecision_below must be above 0 and at most"),
        (lambda: capability.bias_from_eqa([1], [0]), "x_pt must not be 0"),
        (lambda: capability.bias_from_peer_group([1], 0), "peer_means must not be 0"),
        (lambda: capability.bias_from_certified([1], [1, 2]), "certified must be one number or one per value"),
        (lambda: capability.decision_chart(10, 0, 1, sigmas=[0]), "sigmas must be greater than 0"),
        (lambda: capability.sigma_rules(math.nan, levels=2), "sigma_metric must be known"),
        (lambda: capability.sigma_rules(4, levels=4), "levels must be 2 or 3, but got 4"),
    ],
)
def test_performance_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
