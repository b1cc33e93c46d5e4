"""Least squares and Deming lines against R, and what must hold of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import agreement

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "agreement.json").read_text("utf-8"))
X, Y, LEVELS = (np.array(GOLDEN[name], dtype=np.float64) for name in ("x", "y", "levels"))

FITS = {
    "least_squares": lambda x, y: agreement.least_squares(x, y),
    "weighted_least_squares": lambda x, y: agreement.weighted_least_squares(x, y),
    "deming_1": lambda x, y: agreement.deming(x, y),
    "deming_1.5": lambda x, y: agreement.deming(x, y, variance_ratio=1.5),
    "weighted_deming_1": lambda x, y: agreement.weighted_deming(x, y),
    "weighted_deming_1.5": lambda x, y: agreement.weighted_deming(x, y, variance_ratio=1.5),
}


@pytest.mark.parametrize("name", FITS)
def test_line_equals_r(name: str) -> None:
    line = FITS[name](X, Y)

    expected = GOLDEN[name]
    assert [line.intercept, line.slope] == pytest.approx(expected["estimate"], rel=1e-10)
    assert [line.u_intercept, line.u_slope] == pytest.approx(expected["se"], rel=1e-9)
    assert [line.intercept_lower, line.intercept_upper] == pytest.approx(expected["interval"][0], rel=1e-9)
    assert [line.slope_lower, line.slope_upper] == pytest.approx(expected["interval"][1], rel=1e-9)


@pytest.mark.parametrize("name", FITS)
def test_bias_at_levels_equals_r(name: str) -> None:
    found = agreement.bias_at(FITS[name](X, Y), LEVELS)

    assert found.bias == pytest.approx(GOLDEN[name]["bias"], rel=1e-9)
    assert found.u_bias == pytest.approx(GOLDEN[name]["u_bias"], rel=1e-8)
    assert np.all((found.lower < found.bias) & (found.bias < found.upper))


def test_weighted_least_squares_weights_of_one_are_ordinary() -> None:
    plain, weighted = agreement.least_squares(X, Y), agreement.weighted_least_squares(X, Y, weights=np.full(60, 3.0))

    assert (weighted.slope, weighted.u_slope) == pytest.approx((plain.slope, plain.u_slope), rel=1e-12)


def test_lines_leave_out_pairs_with_a_nan() -> None:
    x, y = np.append(X, [np.nan, 5.0]), np.append(Y, [5.0, np.nan])

    for fit in FITS.values():
        assert fit(x, y).n == 60
        assert fit(x, y).slope == fit(X, Y).slope
    assert (
        agreement.weighted_least_squares(x, y, weights=[*(1 / X**2), np.nan, -1.0]).slope
        == FITS["weighted_least_squares"](X, Y).slope
    )


@pytest.mark.parametrize("name", ["deming", "weighted_deming"])
def test_deming_swapped_procedures_give_the_inverse_line(name: str) -> None:
    fit = getattr(agreement, name)

    line, back = fit(X, Y, variance_ratio=1.7), fit(Y, X, variance_ratio=1 / 1.7)

    assert back.slope == pytest.approx(1 / line.slope, rel=1e-10)
    assert back.intercept == pytest.approx(-line.intercept / line.slope, rel=1e-8)


@settings(max_examples=30)
@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_deming_is_equivariant(scale: float, shift: float) -> None:
    line = agreement.deming(X[:20], Y[:20], variance_ratio=1.5)

    moved = agreement.deming(scale * X[:20], scale * Y[:20] + shift, variance_ratio=1.5)

    assert moved.slope == pytest.approx(line.slope, rel=1e-9)
    assert moved.intercept == pytest.approx(scale * line.intercept + shift, rel=1e-7, abs=1e-7)
    assert moved.u_slope == pytest.approx(line.u_slope, rel=1e-7)


def test_deming_great_variance_ratio_approaches_least_squares() -> None:
    assert agreement.deming(X, Y, variance_ratio=1e9).slope == pytest.approx(agreement.least_squares(X, Y).slope)


def test_deming_a_falling_line_is_found() -> None:
    line = agreement.deming([1.0, 2.0, 3.0, 4.0], [8.0, 6.0, 4.0, 2.0])

    assert (line.slope, line.intercept) == pytest.approx((-2.0, 10.0))


def test_many_pairs_run_in_parts_give_the_same_line() -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(2, 20, 900)
    y = x + rng.normal(0, 0.5, 900)

    line = agreement.deming(x, y)

    without = np.array([agreement.deming(np.delete(x, i), np.delete(y, i)).slope for i in range(0, 900, 300)])
    assert line.u_slope == pytest.approx(agreement.least_squares(x, y).u_slope, rel=0.1)
    assert np.all(np.abs(without - line.slope) < line.u_slope)


def test_variance_ratio_of_means_by_hand() -> None:
    x, y = [[1.0, 3.0], [5.0, 5.0]], [[2.0, 2.0, 5.0], [1.0, 1.0, 1.0]]

    assert agreement.variance_ratio(x, y) == pytest.approx(1.5)  # (3 + 0)/2 by (2 + 0)/2
    assert agreement.variance_ratio(x, y, of_means=True) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: agreement.least_squares([1, 1, 1], [1, 2, 3]), "x must not be all equal"),
        (lambda: agreement.least_squares([1, 2], [1, 2]), "x and y must have at least 3 pairs, but have 2"),
        (lambda: agreement.deming([1, 2, 3], [1, 2]), "x and y must have the same length, but have 3 and 2"),
        (lambda: agreement.deming([1, 2, 3], [1, 2, 3], variance_ratio=0), "variance_ratio must be greater than 0"),
        (lambda: agreement.deming([1, 2, 3], [1, 1, 1]), "x and y must vary together"),
        (lambda: agreement.deming([0.1, 0.1, 0.1, 0.1], [1, 2, 4, 3]), "x and y must vary together"),
        (lambda: agreement.deming([7.3, 0.1, 0.1, 0.1], [9, 2, 4, 3]), "also without any one pair"),
        (lambda: agreement.deming([1, 2, 3], [1, 2, 3], variance_ratio=np.nan), "variance_ratio must be known"),
        (lambda: agreement.weighted_deming([0, 2, 3], [1, 2, 3]), "x must be greater than 0"),
        (lambda: agreement.weighted_least_squares([0, 2, 3], [1, 2, 3]), "x must be greater than 0 for weights"),
        (
            lambda: agreement.weighted_least_squares([1, 2, 3], [1, 2, 3], weights=[1, 2]),
            "weights must have one entry per pair",
        ),
        (
            lambda: agreement.weighted_least_squares([1, 2, 3], [1, 2, 3], weights=[1, 2, 0]),
            "weights must be known and greater than 0",
        ),
        (
            lambda: agreement.least_squares([1, 2, 3], [1, 2, 3], confidence=95),
            "confidence must be above 0 and below 1",
        ),
        (lambda: agreement.variance_ratio([[1, 1]], [[1, 2]]), "x_replicates must differ within a specimen"),
        (lambda: agreement.variance_ratio([[1, 2]], [1, 2]), "y_replicates must have shape"),
    ],
)
def test_lines_impossible_input_raises(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
