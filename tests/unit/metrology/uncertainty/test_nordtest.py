"""Nordtest's components, and bias between procedures, against R and numbers worked by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from lienthong.metrology import uncertainty

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "uncertainty.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("m", "d2"), list(enumerate(GOLDEN["d2"], start=2)))
def test_repeatability_of_m_replicates_divides_by_the_expected_range(m: int, d2: float) -> None:
    table = np.zeros((3, m))
    table[:, 0] = [1.0, 2.0, 3.0]

    found = uncertainty.repeatability_from_ranges(table)

    assert found == pytest.approx(2 / d2, rel=1e-9)
    if m == 2:
        assert found == pytest.approx(2 * math.sqrt(math.pi) / 2, rel=1e-13)


def test_repeatability_in_percent_of_each_mean() -> None:
    found = uncertainty.repeatability_from_ranges([[9.0, 11.0], [90.0, 110.0]], in_percent=True)

    assert found == pytest.approx(20 * math.sqrt(math.pi) / 2, rel=1e-12)


@pytest.mark.parametrize("table", [[1.0, 2.0], [[1.0], [2.0]], [[1.0, np.nan]], []])
def test_repeatability_no_replicates_raises(table: list[float]) -> None:
    with pytest.raises(ValueError, match="replicates must"):
        uncertainty.repeatability_from_ranges(table)


def test_nordtest_bias_from_crm_by_hand() -> None:
    found = uncertainty.nordtest_bias_from_crm(-2.0, s=6.0, n=4, u_c_ref=6.0)

    assert (found.rms_bias, found.u_c_ref, found.u_bias) == (2.0, 6.0, 7.0)


def test_nordtest_bias_from_eqa_by_hand() -> None:
    found = uncertainty.nordtest_bias_from_eqa([3.0, -3.0, 3.0], s_r=[16.0, 8.0, 12.0], p=[25, 25, 9])

    assert found.rms_bias == 3.0
    assert found.u_c_ref == pytest.approx(1.25 * (3.2 + 1.6 + 4.0) / 3, rel=1e-14)
    assert found.u_bias == pytest.approx(math.hypot(found.rms_bias, found.u_c_ref), rel=1e-14)


def test_bias_components_absolute_and_percent_agree() -> None:
    at = 8.0
    absolute = uncertainty.nordtest_bias_from_crms([0.1, -0.2, 0.15], u_c_ref=[0.05, 0.04, 0.06])

    percent = uncertainty.nordtest_bias_from_crms(
        100 * np.array([0.1, -0.2, 0.15]) / at, u_c_ref=100 * np.array([0.05, 0.04, 0.06]) / at
    )

    assert percent.u_bias == pytest.approx(100 * absolute.u_bias / at, rel=1e-13)


@pytest.mark.parametrize(
    ("biases", "u_c_ref", "message"),
    [
        ([1.0], 1.0, "biases must hold at least 2, but hold 1"),
        ([1.0, np.nan], 1.0, "biases must be known"),
        ([1.0, 2.0], [1.0, 1.0, 1.0], "u_c_ref must be one number or one per bias"),
        ([1.0, 2.0], -1.0, "u_c_ref must not be negative"),
    ],
)
def test_nordtest_bias_from_crms_impossible_input_raises(biases: list[float], u_c_ref: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        uncertainty.nordtest_bias_from_crms(biases, u_c_ref=u_c_ref)


@pytest.mark.parametrize(("percent", "key"), [(False, "paired"), (True, "paired_percent")])
def test_paired_bias_equals_the_t_test_of_r(percent: bool, key: str) -> None:
    found = uncertainty.paired_bias(GOLDEN["x"], GOLDEN["y"], in_percent=percent)

    assert [found.bias, found.u_bias, found.lower, found.upper] == pytest.approx(GOLDEN[key], rel=1e-11)


def test_paired_bias_one_pair_raises() -> None:
    with pytest.raises(ValueError, match="x and y must have at least 2 pairs, but have 1"):
        uncertainty.paired_bias([1.0, np.nan], [1.0, 2.0])


@pytest.mark.parametrize(
    ("covariance", "df", "message"),
    [
        ([[1.0, 0.0]], 5, r"covariance must have shape \(2, 2\)"),
        ([[1.0, 0.1], [0.2, 1.0]], 5, "covariance must be symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], 5, "covariance must be symmetric"),
        ([[-1.0, 0.0], [0.0, 1.0]], 5, "covariance must be symmetric"),
        ([[1.0, 0.0], [0.0, 1.0]], 0, "df must be greater than 0"),
    ],
)
def test_regression_bias_impossible_input_raises(covariance: list[list[float]], df: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        uncertainty.regression_bias([1.0], intercept=0.0, slope=1.0, covariance=covariance, df=df)


def test_regression_bias_infinite_degrees_take_the_normal_quantile() -> None:
    found = uncertainty.regression_bias([2.0], intercept=1.0, slope=1.5, covariance=[[1.0, 0.0], [0.0, 2.0]])

    assert (found.bias[0], found.u_bias[0]) == (2.0, 3.0)
    assert found.upper[0] == pytest.approx(2 + 3 * 1.959963984540054, rel=1e-12)
