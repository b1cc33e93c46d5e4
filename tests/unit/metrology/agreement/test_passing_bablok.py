"""Passing–Bablok against all slopes as exact fractions, against R, and what must hold of it."""

from __future__ import annotations

import json
import math
import statistics
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lienthong.metrology import agreement
from lienthong.metrology.agreement import _slopes

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "agreement.json").read_text("utf-8"))

tenths = st.integers(0, 40).map(lambda tenth: tenth / 10)
points = st.lists(st.tuples(tenths, tenths), min_size=3, max_size=14)


def plain_slopes(x: list[float], y: list[float]) -> tuple[list[float], int]:
    """Return all slopes as the decimals written have them, sorted, and how many are below −1."""
    slopes = []
    for (x_i, y_i), (x_j, y_j) in combinations(zip(map(written, x), map(written, y), strict=True), 2):
        if x_i == x_j:
            if y_i != y_j:  # ±∞ by which point comes first
                slopes.append(math.inf if y_i > y_j else -math.inf)
        elif y_i - y_j != x_j - x_i:
            slopes.append(float((y_i - y_j) / (x_i - x_j)))
    return sorted(slopes), sum(slope < -1 for slope in slopes)


def written(value: float) -> Fraction:
    return Fraction(repr(float(value)))


def plain_line(x: list[float], y: list[float]) -> tuple[float, float, float, float] | None:
    """Follow the paper for slope, intercept and the slope's limits; None where the ranks leave the list."""
    slopes, k = plain_slopes(x, y)
    n, count = len(x), len(slopes)
    half = count // 2
    middle = [half + k] if count % 2 else [half - 1 + k, half + k]  # counted from 0
    c = 1.959963984540054 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    m1 = math.floor((count - c) / 2 + 0.5)
    if not slopes or middle[-1] >= count or math.isinf(slopes[middle[-1]]):
        return None
    slope = sum(slopes[at] for at in middle) / len(middle)
    lower = slopes[m1 + k - 1] if m1 >= 1 else -math.inf
    upper = slopes[count - m1 + k] if m1 >= 1 and count - m1 + k < count else math.inf
    return slope, statistics.median(b - slope * a for a, b in zip(x, y, strict=True)), lower, upper


@settings(max_examples=150)
@given(points=points)
def test_passing_bablok_with_ties_equals_the_plain_loop_exactly(points: list[tuple[float, float]]) -> None:
    x, y = ([point[axis] for point in points] for axis in (0, 1))
    expected = plain_line(x, y)
    if expected is None:
        with pytest.raises(ValueError, match="x and y must"):
            agreement.passing_bablok(x, y)
        return

    line = agreement.passing_bablok(x, y)

    assert (line.slope, line.slope_lower, line.slope_upper) == (expected[0], expected[2], expected[3])
    assert line.intercept == pytest.approx(expected[1], rel=1e-14, abs=1e-14)


@settings(max_examples=100)
@given(points=points)
def test_slopes_narrowed_by_counting_equal_all_slopes_sorted(points: list[tuple[float, float]]) -> None:
    x, y = ([point[axis] for point in points] for axis in (0, 1))
    slopes, k = plain_slopes(x, y)
    shifted = slopes[k:] + slopes[:k]
    found = _Narrowing(np.array(x), np.array(y))

    assert found.n == len(slopes)
    assert found.at(*range(1, found.n + 1)) == [math.inf if math.isinf(slope) else slope for slope in shifted]


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), size=st.sampled_from([1e-6, 1.0, 1e9]))
def test_slopes_narrowed_by_counting_of_undecimal_floats_equal_their_fractions(seed: int, size: float) -> None:
    x, y = np.random.default_rng(seed).normal(0, size, (2, 8))
    pairs = [(Fraction(y[i]) - Fraction(y[j]), Fraction(x[i]) - Fraction(x[j])) for i, j in combinations(range(8), 2)]
    slopes = sorted((float(dy / dx) for dy, dx in pairs), key=lambda slope: (slope < -1, slope))

    found = _Narrowing(x, y).at(*range(1, 29))

    # Both are on a grid of 2⁻⁵³ of the largest value, which a pair that nearly stands one above the other feels.
    assert np.arctan(found) == pytest.approx(np.arctan(slopes), rel=1e-9, abs=1e-12)


class _Narrowing(_slopes.Slopes):
    """Slopes that are never listed while more than two are left."""

    @property
    def _few(self) -> int:
        return 2


@pytest.mark.parametrize("decimals", [0, 1, 2, 12], ids=["whole", "tenths", "hundredths", "no ties"])
def test_passing_bablok_many_pairs_equals_numpy_on_whole_numbers(decimals: int) -> None:
    rng = np.random.default_rng(11)
    x = rng.uniform(20, 100, 500).round(decimals)
    y = (1.1 * x - 3 + rng.normal(0, 4, 500)).round(decimals)
    i, j = np.triu_indices(500, 1)
    whole_x, whole_y = (np.rint(values * 10.0**decimals).astype(np.int64) for values in (x, y))
    dx, dy = whole_x[i] - whole_x[j], whole_y[i] - whole_y[j]
    counts = dx + dy != 0
    level = counts & (dx == 0)
    dx[level] = 1
    slopes = np.where(level, np.inf, dy / np.where(counts, dx, 1))[counts]
    shifted = np.roll(np.sort(slopes), -int(np.sum(slopes < -1)))
    c = 1.959963984540054 * np.sqrt(500 * 499 * 1005 / 18)
    m1 = int(np.rint((slopes.size - c) / 2))

    line = agreement.passing_bablok(x, y)

    half = slopes.size // 2
    middle = shifted[[half]] if slopes.size % 2 else shifted[[half - 1, half]]
    assert line.slope == middle.sum() / middle.size
    assert (line.slope_lower, line.slope_upper) == (shifted[m1 - 1], shifted[slopes.size - m1])


def test_passing_bablok_of_undecimal_floats_equals_their_fractions() -> None:
    rng = np.random.default_rng(12)
    x = list(rng.normal(7, 2, 40))
    y = [1.05 * value + rng.normal(0, 0.3) for value in x]
    exact = sorted(
        float((Fraction(y[i]) - Fraction(y[j])) / (Fraction(x[i]) - Fraction(x[j])))
        for i, j in combinations(range(40), 2)
    )
    k = sum(slope < -1 for slope in exact)

    line = agreement.passing_bablok(x, y)

    assert line.slope == pytest.approx((exact[389 + k] + exact[390 + k]) / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "x", "y"), [("passing_bablok", "x", "y"), ("passing_bablok_coarse", "coarse_x", "coarse_y")]
)
def test_passing_bablok_equals_r(name: str, x: str, y: str) -> None:
    line = agreement.passing_bablok(GOLDEN[x], GOLDEN[y])

    expected = GOLDEN[name]
    assert (line.slope, line.intercept) == pytest.approx((expected["slope"], expected["intercept"]), rel=1e-12)
    assert [line.slope_lower, line.slope_upper] == pytest.approx(expected["slope_interval"], rel=1e-12)
    assert [line.intercept_lower, line.intercept_upper] == pytest.approx(expected["intercept_interval"], rel=1e-11)


def test_cusum_linearity_equals_r() -> None:
    expected = GOLDEN["passing_bablok"]

    found = agreement.cusum_linearity(
        GOLDEN["x"], GOLDEN["y"], intercept=expected["intercept"], slope=expected["slope"]
    )

    assert (found.above, found.below) == (expected["above"], expected["below"])
    assert found.largest_cusum == pytest.approx(expected["largest"], rel=1e-12)
    assert (found.statistic, found.p_value) == pytest.approx((expected["H"], expected["p"]), rel=1e-10)


def test_cusum_linearity_all_points_on_the_line_has_no_evidence() -> None:
    found = agreement.cusum_linearity([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], intercept=0.0, slope=1.0)

    assert (found.above, found.below, found.p_value) == (0, 0, 1.0)


@settings(max_examples=60)
@given(points=points)
def test_passing_bablok_swapped_procedures_give_the_inverse_slope(points: list[tuple[float, float]]) -> None:
    x, y = ([point[axis] for point in points] for axis in (0, 1))
    slopes, _ = plain_slopes(x, y)
    expected = plain_line(x, y)
    assume(len(slopes) % 2 and expected is not None and expected[0] > 0)

    assert agreement.passing_bablok(y, x).slope == pytest.approx(1 / agreement.passing_bablok(x, y).slope, rel=1e-13)


def test_passing_bablok_order_of_pairs_is_irrelevant() -> None:
    order = np.random.default_rng(5).permutation(40)
    x, y = np.array(GOLDEN["coarse_x"], dtype=float), np.array(GOLDEN["coarse_y"], dtype=float)

    assert agreement.passing_bablok(x[order], y[order]) == agreement.passing_bablok(x, y)


def test_passing_bablok_equal_decimals_of_unequal_floats_are_ties() -> None:
    line = agreement.passing_bablok([5.0, 5.1, 12.2, 12.3], [12.3, 12.2, 5.1, 5.0][::-1])

    assert line.slope == 1.0


def test_passing_bablok_few_pairs_have_no_interval() -> None:
    line = agreement.passing_bablok([1.0, 2.0, 3.0], [1.0, 2.1, 2.9])

    assert (line.slope_lower, line.slope_upper) == (-math.inf, math.inf)
    assert (line.intercept_lower, line.intercept_upper) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2, 3], [9, 6, 3], "x and y must rise together"),
        ([1, 1, 1], [1, 2, 3], "x and y must rise together"),
        ([1, 1, 1], [2, 2, 2], "x and y must vary"),
        ([1, 2, 3], [3, 2, 1], "x and y must vary"),
        ([1, 2, np.nan], [3, 2, 1], "at least 3 pairs"),
    ],
)
def test_passing_bablok_without_a_rising_line_raises(x: list[float], y: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement.passing_bablok(x, y)


def test_bias_at_levels_same_seed_same_interval_and_about_that_of_deming() -> None:
    found = agreement.passing_bablok_bias_at(GOLDEN["x"], GOLDEN["y"], [7.0], seed=4, resamples=400)

    again = agreement.passing_bablok_bias_at(GOLDEN["x"], GOLDEN["y"], [7.0], seed=4, resamples=400)
    parametric = agreement.bias_at(agreement.weighted_deming(GOLDEN["x"], GOLDEN["y"]), [7.0])
    assert (again.lower[0], again.upper[0]) == (found.lower[0], found.upper[0])
    assert found.lower[0] < found.bias[0] < found.upper[0]
    assert found.u_bias[0] == pytest.approx(parametric.u_bias[0], rel=0.5)


@pytest.mark.parametrize(
    ("x", "y", "resamples", "message"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 99, "resamples must be a whole number of at least 100"),
        ([1.0, 1.0, 3.0], [1.0, 1.0, 3.0], 200, "resamples don't"),
    ],
)
def test_bias_at_levels_impossible_input_raises(x: list[float], y: list[float], resamples: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement.passing_bablok_bias_at(x, y, [2.0], seed=1, resamples=resamples)
