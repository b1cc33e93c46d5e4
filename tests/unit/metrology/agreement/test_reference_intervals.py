"""Reference intervals, their screens and checks against R, binomial sums and simulation."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import agreement

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "agreement.json").read_text("utf-8"))
REFERENCE, FEW = np.array(GOLDEN["reference"]), np.array(GOLDEN["few"])


def test_reference_interval_equals_the_type_6_quantiles_of_r() -> None:
    found = agreement.reference_interval(np.append(REFERENCE, np.nan))

    assert [found.lower, found.upper] == pytest.approx(GOLDEN["quantiles"], rel=1e-12)
    assert (found.n, found.is_enough) == (131, True)


@pytest.mark.parametrize(("n", "low", "high"), GOLDEN["ranks"])
def test_reference_interval_ranks_of_the_limits_equal_r(n: int, low: int, high: int) -> None:
    found = agreement.reference_interval(np.arange(1.0, n + 1))

    assert found.lower_interval == (low, high)
    assert found.upper_interval == (n + 1 - high, n + 1 - low)


@settings(max_examples=25)
@given(n=st.integers(119, 400))
def test_reference_interval_ranks_are_the_tightest_by_exact_binomial_sums(n: int) -> None:
    p = Fraction(1, 40)
    below = [Fraction(0)]
    for k in range(30):
        below.append(below[-1] + math.comb(n, k) * p**k * (1 - p) ** (n - k))

    low, high = (int(rank) for rank in agreement.reference_interval(np.arange(1.0, n + 1)).lower_interval)

    assert below[low] <= Fraction(1, 20) < below[low + 1]
    assert below[high - 1] < Fraction(19, 20) <= below[high]


def test_reference_interval_of_whole_ranks_takes_the_values_there() -> None:
    values = np.random.default_rng(1).permutation(np.arange(1.0, 120))

    for ranks in agreement.Ranks:
        found = agreement.reference_interval(values, ranks=ranks)
        assert (found.lower, found.upper, found.is_enough) == (pytest.approx(3), pytest.approx(117), False)


def test_reference_interval_nearest_ranks_round() -> None:
    found = agreement.reference_interval(np.arange(1.0, 131), ranks="nearest")  # 0.025·131 = 3.275

    assert (found.lower, found.upper) == (3, 128)


def test_reference_interval_below_119_has_no_outer_ends() -> None:
    found = agreement.reference_interval(np.arange(1.0, 119))

    assert math.isnan(found.lower_interval[0])
    assert math.isnan(found.upper_interval[1])
    assert found.lower_interval[1] == 7


def test_reference_interval_too_few_raises() -> None:
    agreement.reference_interval(np.arange(39.0))
    with pytest.raises(ValueError, match="values must hold at least 39 results, but hold 38"):
        agreement.reference_interval(np.arange(38.0))


def test_robust_interval_equals_r_and_its_bootstrap() -> None:
    found = agreement.reference_interval_robust(FEW, seed=1)

    assert [found.lower, found.upper] == pytest.approx(GOLDEN["horn"], rel=1e-11)
    for interval, expected in zip((found.lower_interval, found.upper_interval), GOLDEN["horn_boot"], strict=True):
        assert interval == pytest.approx(expected, abs=0.15)  # two bootstraps of 2000 and 4000, SD of the limit 0.67


def test_robust_interval_same_seed_same_intervals() -> None:
    found = agreement.reference_interval_robust(FEW, seed=9, resamples=200)

    assert found == agreement.reference_interval_robust(FEW, seed=9, resamples=200)
    assert found != agreement.reference_interval_robust(FEW, seed=10, resamples=200)


@settings(max_examples=15)
@given(scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_robust_interval_is_equivariant(scale: float, shift: float) -> None:
    found = agreement.reference_interval_robust(FEW, seed=2, resamples=100)

    moved = agreement.reference_interval_robust(scale * FEW + shift, seed=2, resamples=100)

    expected = [scale * end + shift for end in (found.lower, *found.lower_interval, found.upper)]
    assert [moved.lower, *moved.lower_interval, moved.upper] == pytest.approx(expected, rel=1e-9, abs=1e-7)


def test_robust_interval_one_wild_value_moves_it_little() -> None:
    found = agreement.reference_interval_robust(FEW, seed=2, resamples=100)

    wild = agreement.reference_interval_robust(np.append(FEW, 1e6), seed=2, resamples=100)

    assert abs(wild.upper - found.upper) < 0.2 * (found.upper - found.lower)


@pytest.mark.parametrize(
    ("values", "resamples", "message"),
    [
        ([1.0] * 9, 200, "values must hold at least 10 results, but hold 9"),
        ([1.0] * 6 + [2.0, 3.0, 4.0, 5.0], 200, "values must not be equal by half or more"),
        ([1.0] * 5 + [2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 200, "too many resamples"),
        (list(range(20)), 10, "resamples must be a whole number of at least 100"),
    ],
)
def test_robust_interval_impossible_input_raises(values: list[float], resamples: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement.reference_interval_robust(values, seed=1, resamples=resamples)


def test_box_cox_equals_r() -> None:
    found = agreement.box_cox(REFERENCE)

    expected = GOLDEN["box_cox"]
    assert found.exponent == pytest.approx(expected["exponent"], abs=1e-6)  # R's search stops at √ε
    assert [found.lower, found.upper] == pytest.approx(expected["interval"], rel=1e-8)
    assert found.exponent == pytest.approx(scipy.stats.boxcox_normmax(REFERENCE, method="mle"), abs=1e-6)


@settings(max_examples=40)
@given(unit=st.floats(1e-3, 1e3), power=st.sampled_from([-2.0, 0.5, 3.0]))
def test_box_cox_exponent_doesnt_depend_on_the_unit_and_follows_powers(unit: float, power: float) -> None:
    found = agreement.box_cox(REFERENCE)

    assert agreement.box_cox(unit * REFERENCE).exponent == pytest.approx(found.exponent, abs=1e-9)
    assert agreement.box_cox(REFERENCE**power).exponent == pytest.approx(found.exponent / power, abs=1e-9)


def test_box_cox_interval_of_logarithms_equals_r() -> None:
    found = agreement.reference_interval_box_cox(REFERENCE, exponent=0)

    expected = GOLDEN["log_interval"]
    assert [found.lower, found.upper] == pytest.approx(expected["limits"], rel=1e-12)
    assert found.lower_interval == pytest.approx(expected["lower"], rel=1e-6)
    assert found.upper_interval == pytest.approx(expected["upper"], rel=1e-6)


def test_box_cox_interval_of_exponent_one_is_mean_and_sd() -> None:
    found = agreement.reference_interval_box_cox(FEW, exponent=1, method="approximate")

    z = 1.959963984540054
    assert [found.lower, found.upper] == pytest.approx(
        [FEW.mean() - z * FEW.std(ddof=1), FEW.mean() + z * FEW.std(ddof=1)]
    )
    assert found.lower_interval[0] < found.lower < found.lower_interval[1] < found.upper_interval[0] < found.upper


def test_box_cox_interval_near_exponent_zero_is_continuous() -> None:
    at_zero, near = (agreement.reference_interval_box_cox(REFERENCE, exponent=power) for power in (0.0, 1e-9))

    assert [near.lower, near.upper] == pytest.approx([at_zero.lower, at_zero.upper], rel=1e-6)


def test_box_cox_interval_beyond_the_transformation_ends_at_its_edge() -> None:
    values = [0.01, 0.02, 0.03, 5.0, 9.0, 20.0]

    assert agreement.reference_interval_box_cox(values, exponent=1).lower == 0.0
    assert agreement.reference_interval_box_cox(values, exponent=-1).upper == math.inf


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 2.0], "values must hold at least 3 results, but hold 2"),
        ([1.0, 0.0, 2.0], "values must be greater than 0, but got 0.0 at position 1"),
        ([2.0, 2.0, 2.0], "values must not be all equal"),
    ],
)
def test_box_cox_impossible_input_raises(values: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement.box_cox(values)


@pytest.mark.parametrize(
    ("values", "at_most", "outliers"),
    [
        ([0, 1, 2, 3], 1, [0, 3]),  # a gap of a third is enough, at either end
        ([0, 1, 2, 3.5], 1, [3]),
        ([0, 2, 3, 4], 1, [0]),
        ([1, 2, 3, 9, 9.5], 1, []),  # they hide one another
        ([1, 2, 3, 9, 9.5], 2, [3, 4]),
        ([5, 5, 5, 5], 1, []),
        ([0, 1, np.nan, 2, 9], 1, [4]),
    ],
)
def test_dixon_reed_by_hand(values: list[float], at_most: int, outliers: list[int]) -> None:
    values = [*values]

    assert np.flatnonzero(agreement.dixon_reed(values, at_most=at_most)).tolist() == outliers


def test_tukey_fences_equal_r() -> None:
    assert agreement.tukey_fences(FEW) == pytest.approx(GOLDEN["tukey"], rel=1e-13)


@pytest.mark.parametrize(("n", "outside", "verified"), [(20, 2, True), (20, 3, False), (39, 3, True), (40, 5, False)])
def test_verify_reference_interval_allows_a_tenth_outside(n: int, outside: int, verified: bool) -> None:
    values = np.r_[np.full(outside, 6.0), np.full(n - outside, 5.0)]

    found = agreement.verify_reference_interval(values, lower=-np.inf, upper=5.0)

    assert (found.n, found.outside, found.is_verified) == (n, outside, verified)


def test_verify_reference_interval_impossible_input_raises() -> None:
    with pytest.raises(ValueError, match="values must hold at least 20 results, but hold 19"):
        agreement.verify_reference_interval(np.ones(19), lower=0, upper=2)
    with pytest.raises(ValueError, match="lower must be below upper"):
        agreement.verify_reference_interval(np.ones(20), lower=2, upper=2)


def test_harris_boyd_equals_welchs_statistic_of_r() -> None:
    found = agreement.harris_boyd(GOLDEN["men"], GOLDEN["women"])

    assert found.z == pytest.approx(GOLDEN["harris_boyd"], rel=1e-11)
    assert found.critical == pytest.approx(3 * math.sqrt(67 / 120), rel=1e-14)
    assert found.is_needed


def test_harris_boyd_great_ratio_of_sds_needs_own_intervals() -> None:
    narrow = np.array([-1.0, 0.0, 1.0])

    assert agreement.harris_boyd(narrow, 1.6 * narrow).is_needed
    assert not agreement.harris_boyd(narrow, 1.4 * narrow).is_needed
    with pytest.raises(ValueError, match="second must hold at least 2 results that differ"):
        agreement.harris_boyd(narrow, [1.0, 1.0])
