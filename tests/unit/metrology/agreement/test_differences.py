"""Bland–Altman, concordance, outliers and the whole comparison against R, scipy and simulation."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from lienthong.metrology import agreement

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "agreement.json").read_text("utf-8"))
X, Y = (np.array(GOLDEN[name], dtype=np.float64) for name in ("x", "y"))


@pytest.mark.parametrize("scale", ["difference", "percent", "ratio"])
def test_bland_altman_equals_r(scale: str) -> None:
    exact = agreement.bland_altman(X, Y, scale=scale)
    approximate = agreement.bland_altman(X, Y, scale=scale, method="approximate")

    expected = GOLDEN[scale]
    shown = np.exp if scale == "ratio" else np.array
    assert [exact.bias.estimate, exact.bias.lower, exact.bias.upper] == pytest.approx(
        shown([expected["mean"], *expected["interval"]]), rel=1e-10
    )
    assert exact.sd == pytest.approx(expected["sd"], rel=1e-11)
    assert [exact.lower_limit.estimate, exact.upper_limit.estimate] == pytest.approx(
        shown(expected["limits"]), rel=1e-10
    )
    # R's noncentral t quantile is found to about 1e-7.
    assert [exact.upper_limit.lower, exact.upper_limit.upper] == pytest.approx(shown(expected["exact"]), rel=1e-6)
    assert [approximate.upper_limit.lower, approximate.upper_limit.upper] == pytest.approx(
        shown(expected["approximate"]), rel=1e-10
    )
    assert (exact.trend, exact.trend_p_value) == pytest.approx((expected["trend"], expected["trend_p"]), rel=1e-8)


def test_bland_altman_intervals_of_the_two_limits_mirror_each_other() -> None:
    found, turned = agreement.bland_altman(X, Y), agreement.bland_altman(Y, X)

    assert turned.upper_limit.upper == pytest.approx(-found.lower_limit.lower, rel=1e-12)
    assert turned.upper_limit.lower == pytest.approx(-found.lower_limit.upper, rel=1e-12)


def test_bland_altman_exact_interval_holds_the_limit_as_often_as_it_says() -> None:
    differences = np.random.default_rng(6).normal(0, 1, (2_000, 8))

    found = [agreement.bland_altman(10 - d / 2, 10 + d / 2).upper_limit for d in differences]

    held = np.mean([one.lower < 1.959964 < one.upper for one in found])
    assert held == pytest.approx(0.95, abs=0.015)


def test_bland_altman_identical_procedures_have_no_spread() -> None:
    found = agreement.bland_altman([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])

    assert (found.bias.estimate, found.sd, found.upper_limit.upper, found.trend, found.trend_p_value) == (0, 0, 0, 0, 1)
    assert math.isnan(agreement.bland_altman([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]).trend)


def test_bland_altman_impossible_input_raises() -> None:
    with pytest.raises(ValueError, match="x must be greater than 0, but got"):
        agreement.bland_altman([0, 1, 2], [1, 2, 3], scale="ratio")
    with pytest.raises(ValueError, match="the mean of a pair must be greater than 0"):
        agreement.bland_altman([-1, 1, 2], [1, 2, 3], scale="percent")
    with pytest.raises(ValueError, match="not a valid Scale"):
        agreement.bland_altman(X, Y, scale="logarithm")


def test_concordance_equals_the_delta_method_of_r() -> None:
    found = agreement.concordance(X, Y)

    expected = GOLDEN["concordance"]
    assert (found.rho_c, found.r) == pytest.approx((expected["rho"], expected["r"]), rel=1e-12)
    assert [found.lower, found.upper] == pytest.approx(expected["interval"], rel=1e-8)
    assert found.c_b == pytest.approx(found.rho_c / found.r, rel=1e-13)


@given(shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_concordance_never_exceeds_correlation_and_doesnt_depend_on_the_unit(shift: float, scale: float) -> None:
    found = agreement.concordance(X, Y + shift)

    assert abs(found.rho_c) <= abs(found.r) + 1e-12
    assert agreement.concordance(scale * X, scale * (Y + shift)).rho_c == pytest.approx(found.rho_c, rel=1e-9)


def test_concordance_of_equal_results_is_one() -> None:
    found = agreement.concordance(X, X)

    assert (found.rho_c, found.lower, found.upper) == pytest.approx((1, 1, 1))
    with pytest.raises(ValueError, match="y must not be all equal"):
        agreement.concordance([1, 2, 3, 4], [1, 1, 1, 1])


def test_extreme_deviates_equal_r() -> None:
    found = agreement.extreme_deviates(Y - X, at_most=4)

    expected = GOLDEN["esd"]
    assert found.deviate == pytest.approx(expected["R"], rel=1e-11)
    assert found.critical == pytest.approx(expected["lambda"], rel=1e-11)
    assert found.position.tolist() == expected["at"]
    assert np.flatnonzero(found.is_outlier).tolist() == sorted(expected["at"][:2])


def test_extreme_deviates_critical_value_is_the_grubbs_one() -> None:
    t = scipy.stats.t.ppf(1 - 0.05 / 40, 18)

    found = agreement.extreme_deviates(np.arange(20.0), at_most=1)

    assert found.critical[0] == pytest.approx(19 / math.sqrt(20) * math.sqrt(t**2 / (18 + t**2)), rel=1e-12)


def test_extreme_deviates_equal_values_have_none() -> None:
    found = agreement.extreme_deviates([0.0] * 6, at_most=2)

    assert not found.is_outlier.any()
    assert found.deviate.size == 0


@pytest.mark.parametrize(
    ("values", "at_most", "message"),
    [
        ([1.0, 2.0, 3.0], 1, "values must hold at least at_most \\+ 3 = 4 values, but hold 3"),
        ([1.0, np.nan, 3.0, 4.0], 1, "values must be known"),
        ([1.0, 2.0, 3.0, 4.0], 0, "at_most must be a whole number of at least 1"),
    ],
)
def test_extreme_deviates_impossible_input_raises(values: list[float], at_most: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement.extreme_deviates(values, at_most=at_most)


@pytest.mark.parametrize("regression", list(agreement.Regression))
def test_compare_puts_the_parts_together(regression: agreement.Regression) -> None:
    x, y = np.append(X, np.nan), np.append(Y, 3.0)

    found = agreement.compare(
        x, y, levels=[4.0, 7.0, 11.1], allowable=[0.5, 0.3, 0.01], regression=regression, resamples=200
    )

    assert (found.n, found.regression) == (60, regression)
    assert found.x_range == (X.min(), X.max())
    assert found.r == pytest.approx(np.corrcoef(X, Y)[0, 1], rel=1e-12)
    assert found.differences == agreement.bland_altman(X, Y)
    assert np.flatnonzero(found.is_outlier).tolist() == [6, 42]
    assert found.is_outlier.shape == (61,)
    assert (found.linearity is not None) == (regression == "passing_bablok")
    assert found.bias.bias == pytest.approx(found.line.intercept + (found.line.slope - 1) * found.bias.levels, rel=1e-9)
    assert found.verdict[0] == "acceptable"
    assert found.verdict[2] == "not_acceptable"


def test_compare_allowable_in_percent_equals_the_absolute_one() -> None:
    percent = agreement.compare(X, Y, levels=[4.0, 10.0], allowable=5.0, allowable_in_percent=True)

    absolute = agreement.compare(X, Y, levels=[4.0, 10.0], allowable=[0.2, 0.5])
    assert percent.verdict.tolist() == absolute.verdict.tolist()


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [
        (-0.5, 0.5, "acceptable"),
        (-0.6, 0.5, "undecided"),
        (0.5, 0.9, "undecided"),
        (0.51, 0.9, "not_acceptable"),
        (-0.9, -0.51, "not_acceptable"),
        (-0.9, 0.9, "undecided"),
        (np.nan, np.nan, "undecided"),
    ],
)
def test_bias_verdict_by_hand(lower: float, upper: float, verdict: str) -> None:
    assert str(agreement.bias_verdict(lower, upper, allowable=0.5)) == verdict


def test_compare_impossible_input_raises() -> None:
    with pytest.raises(ValueError, match="allowable must be one number or one per level"):
        agreement.compare(X, Y, levels=[4.0, 7.0], allowable=[1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="levels must be known"):
        agreement.compare(X, Y, levels=[np.nan], allowable=1.0)
    with pytest.raises(ValueError, match="lower must not exceed upper"):
        agreement.bias_verdict(1.0, 0.0, allowable=1.0)
