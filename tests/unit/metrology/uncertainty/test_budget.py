"""Imprecision, bias and their combination against R's linear models and numbers worked by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.metrology import control, uncertainty

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "uncertainty.json").read_text(encoding="utf-8"))
VALUES = np.array([np.nan if value is None else value for value in GOLDEN["values"]])

sizes = st.floats(0, 50).map(lambda size: round(size, 3))


@pytest.mark.parametrize("reagent_lot", [None, GOLDEN["reagent_lot"]], ids=["reagent shifts counted", "not counted"])
def test_u_rw_equals_the_residual_sd_of_r(reagent_lot: list[int] | None) -> None:
    found = uncertainty.u_rw(
        VALUES, control_lots=GOLDEN["control_lot"], groups=GOLDEN["level"], reagent_lots=reagent_lot
    )

    expected = GOLDEN["by_control" if reagent_lot is None else "by_reagent"]
    assert found.groups.tolist() == [1, 2]
    assert found.u_rw == pytest.approx([row[0] for row in expected], rel=1e-12)
    assert found.df.tolist() == [row[1] for row in expected]
    assert found.lots.tolist() == [3, 3]
    assert found.n.tolist() == [58, 59]
    assert found.u_rw_percent == pytest.approx(100 * found.u_rw / found.mean, rel=1e-14)


def test_u_rw_shift_between_control_lots_isnt_counted() -> None:
    moved = VALUES + 7.0 * np.array(GOLDEN["control_lot"])

    found = uncertainty.u_rw(moved, control_lots=GOLDEN["control_lot"], groups=GOLDEN["level"])

    assert found.u_rw == pytest.approx([row[0] for row in GOLDEN["by_control"]], rel=1e-10)


def test_u_rw_lots_of_one_result_have_none() -> None:
    found = uncertainty.u_rw([1.0, 2.0], control_lots=["a", "b"])

    assert np.isnan(found.u_rw[0])
    assert found.df.tolist() == [0]


def test_pooled_sd_equals_u_rw_of_the_same_lots() -> None:
    lots = np.array(GOLDEN["control_lot"])
    there = VALUES[(np.array(GOLDEN["level"]) == 1)]
    parts = [part[~np.isnan(part)] for part in (there[lots[:60] == lot] for lot in (1, 2, 3))]

    found = control.pooled_sd([part.std(ddof=1) for part in parts], [part.size for part in parts])

    assert found.value[0] == pytest.approx(GOLDEN["by_control"][0][0], rel=1e-12)


def test_combined_by_hand() -> None:
    found = uncertainty.combined([2.0, np.nan], u_cal=3.0, u_bias=6.0, concentration=50.0, k=3)

    assert (found.u[0], found.U[0], found.u_percent[0], found.U_percent[0]) == pytest.approx((7.0, 21.0, 14.0, 42.0))
    assert np.isnan(found.u[1])


@given(parts=st.tuples(sizes, sizes, sizes), at=st.floats(0.1, 500))
def test_combined_absolute_and_percent_agree(parts: tuple[float, float, float], at: float) -> None:
    absolute = uncertainty.combined(parts[0], u_cal=parts[1], u_bias=parts[2], concentration=at)
    percent = [100 * part / at for part in parts]

    relative = uncertainty.combined(percent[0], u_cal=percent[1], u_bias=percent[2], concentration=at, in_percent=True)

    for field in ("u", "U", "u_percent", "U_percent"):
        assert float(getattr(relative, field)) == pytest.approx(float(getattr(absolute, field)), rel=1e-12, abs=1e-12)


def test_combined_without_concentration_leaves_the_other_form_nan() -> None:
    assert np.isnan(uncertainty.combined(1.0).u_percent)
    assert np.isnan(uncertainty.combined(1.0, in_percent=True).u)
    assert np.isnan(uncertainty.combined(1.0, concentration=0.0).u_percent)


def test_u_stream_of_equal_means_is_the_root_mean_square() -> None:
    assert float(uncertainty.u_stream([3.0, 4.0], [5.0, 5.0])) == pytest.approx(math.sqrt(12.5))
    assert uncertainty.u_stream([[0.0, 0.0], [3.0, 4.0]], [[1.0, 3.0], [5.0, 5.0]])[0] == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize(
    ("u", "means"), [([0.1], [5.0]), ([0.1, 0.2], [5.0]), (0.1, 5.0)], ids=["one", "lengths", "no array"]
)
def test_u_stream_too_few_instruments_raises(u: list[float], means: list[float]) -> None:
    with pytest.raises(ValueError, match="one entry per instrument, two or more"):
        uncertainty.u_stream(u, means)


def test_u_derived_full_correlation_of_a_difference_leaves_the_difference() -> None:
    found = uncertainty.u_derived([[0.5, 0.5], [0.5, 0.2]], [1, -1], correlation=[[1, 1], [1, 1]])

    assert found == pytest.approx([0, 0.3], abs=1e-12)


def test_u_derived_agrees_with_products_and_sums() -> None:
    x, u = np.array([120.0, 1.5, 0.9]), np.array([2.0, 0.03, 0.01])
    clearance = x[0] * x[1] / x[2]
    sensitivity = [x[1] / x[2], x[0] / x[2], -clearance / x[2]]

    percent = uncertainty.u_product(100 * u / x, exponents=[1, 1, -1])

    assert float(uncertainty.u_derived(u, sensitivity)) == pytest.approx(float(percent) * clearance / 100, rel=1e-13)
    assert float(uncertainty.u_sum(*u)) == pytest.approx(float(uncertainty.u_derived(u, [1, -1, 1])), rel=1e-14)


@pytest.mark.parametrize("correlation", [[[1, 0.5]], [[1, 0.5], [0.4, 1]], [[2, 0], [0, 1]], [[1, 1.5], [1.5, 1]]])
def test_u_derived_impossible_correlation_raises(correlation: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="correlation must"):
        uncertainty.u_derived([1.0, 1.0], [1, 1], correlation=correlation)


def test_bias_by_hand() -> None:
    found = uncertainty.bias([9.0, 11.0, np.nan], reference=-8.0, u_ref=math.sqrt(3))

    assert (found.n, found.bias, found.bias_percent) == (2, 18.0, 225.0)
    assert found.u_bias == pytest.approx(2.0)
    assert np.isnan(uncertainty.bias([1.0, 2.0], reference=0.0).bias_percent)


def test_bias_impossible_input_raises() -> None:
    with pytest.raises(ValueError, match="values must hold at least 2 results, but hold 1"):
        uncertainty.bias([1.0, np.nan], reference=1.0)
    with pytest.raises(ValueError, match="reference must be known"):
        uncertainty.bias([1.0, 2.0], reference=np.nan)


def test_allowable_u_is_met_at_the_limit_and_not_by_the_unknown() -> None:
    goal = uncertainty.allowable_u([5.0, 5.0, np.nan])

    assert uncertainty.is_within_allowable([2.5, 2.51, 1.0], goal).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("value", "u", "side"),
    [(7.165, 0.1, "above"), (7.1, 0.1, "undecided"), (7.0, 0.0, "undecided"), (6.8, 0.1, "below"), (7.1, 0.0, "above")],
)
def test_side_of_limit_by_hand(value: float, u: float, side: str) -> None:
    assert str(uncertainty.side_of_limit(value, limit=7.0, u=u)) == side


@pytest.mark.parametrize(
    ("value", "u", "options", "text"),
    [
        (5.4321, 0.1267, {}, "5.43 ± 0.13"),
        (5.4321, 0.0996, {}, "5.43 ± 0.10"),
        (5.4321, 0.0996, {"digits": 1}, "5.4 ± 0.1"),
        (0.5, 0.25, {"digits": 1}, "0.5 ± 0.2"),
        (0.5, 0.25, {"digits": 1, "up": True}, "0.5 ± 0.3"),
        (123456.0, 1234.0, {}, "123500 ± 1200"),
        (123456.0, 950.0, {"digits": 1}, "123000 ± 1000"),
        (2.675, 0.012, {}, "2.675 ± 0.012"),
        (-0.004, 0.12, {}, "0.00 ± 0.12"),
        (1e-7, 2.345e-8, {}, "0.000000100 ± 0.000000023"),
        (12, 9.99, {}, "12 ± 10"),
        (1e20, 1e-12, {}, "100000000000000000000.0000000000000 ± 0.0000000000010"),
    ],
)
def test_printed_rounds_both_to_one_place(value: float, u: float, options: dict[str, int], text: str) -> None:
    assert str(uncertainty.printed(value, u, **options)) == text


@pytest.mark.parametrize(
    ("value", "u", "digits", "message"),
    [
        (1.0, 0.0, 2, "u must be greater than 0"),
        (1.0, np.nan, 2, "u must"),
        (np.inf, 1.0, 2, "value must be finite"),
        (1.0, 1.0, 3, "digits must be 1 or 2"),
    ],
)
def test_printed_impossible_input_raises(value: float, u: float, digits: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        uncertainty.printed(value, u, digits=digits)


@given(value=st.floats(-1e6, 1e6), u=st.floats(1e-6, 1e5))
def test_printed_is_never_farther_off_than_half_a_place(value: float, u: float) -> None:
    found = uncertainty.printed(value, u)

    place = 10.0 ** (found.u.adjusted() - 1)
    assert abs(float(found.value) - value) <= place * 0.5000001
    assert abs(float(found.u) - u) <= place * 0.5000001
