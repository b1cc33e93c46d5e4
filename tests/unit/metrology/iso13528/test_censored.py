"""Results beyond a limit of the procedure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from lienthong.metrology import iso13528

GOLDEN = Path(__file__).parents[3] / "golden" / "iso13528_rounds.json"


@pytest.fixture(scope="module")
def censored() -> Any:
    return json.loads(GOLDEN.read_text(encoding="utf-8"))["censored"]


def test_censored_normal_equals_survreg_for_all_in_one_call(censored: Any) -> None:
    names = sorted(censored)
    values = np.concatenate([censored[name]["values"] for name in names])
    side = np.concatenate([censored[name]["side"] for name in names])
    groups = np.repeat(names, [len(censored[name]["values"]) for name in names])

    found = iso13528.censored_normal(values, side=side, groups=groups)

    assert found.groups.tolist() == names
    for field in ("mean", "s", "u_mean"):
        expected = [censored[name][field] for name in names]
        assert getattr(found, field) == pytest.approx(expected, rel=1e-8), field
    assert found.censored.tolist() == [int(np.abs(censored[name]["side"]).sum()) for name in names]


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(-1, 1)), min_size=4, max_size=20))
def test_censored_normal_is_where_scipy_finds_the_maximum(rows: list[tuple[int, int]]) -> None:
    values, side = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))

    found = iso13528.censored_normal(values, side=side)

    if np.unique(values[side == 0]).size < 2:
        assert np.isnan(found.mean[0])
        return

    def loss(place: Any) -> Any:
        off = (values - place[0]) / np.exp(place[1])
        return -np.sum(np.where(side == 0, stats.norm.logpdf(off) - place[1], stats.norm.logcdf(-side * off)))

    best = optimize.minimize(loss, [values.mean(), 2.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert loss([found.mean[0], np.log(found.s[0])]) <= best.fun + 1e-9


def test_censored_normal_shifts_and_scales_with_the_values() -> None:
    values, side = np.array([1.0, 1, 2, 3, 5, 6]), [-1, -1, 0, 0, 0, 1]

    small, large = iso13528.censored_normal(values, side=side), iso13528.censored_normal(1e6 + values * 10, side=side)

    assert large.mean[0] == pytest.approx(1e6 + 10 * small.mean[0], rel=1e-12)
    assert large.s[0] == pytest.approx(10 * small.s[0], rel=1e-8)


@pytest.mark.parametrize(
    ("value", "side", "verdict"),
    [
        (0.6, -1, "unsatisfactory"),
        (0.61, -1, "not_evaluated"),
        (1.4, 1, "unsatisfactory"),
        (1.3, 1, "not_evaluated"),
        (1.4, 0, "satisfactory"),
        (0.6, 0, "satisfactory"),
        (1.41, 0, "unsatisfactory"),
        (0.5, 1, "not_evaluated"),
        (np.nan, 0, "not_evaluated"),
    ],
)
def test_censored_verdicts_only_where_conclusive(value: float, side: int, verdict: str) -> None:
    """Acceptable from 0.6 to 1.4."""
    found = iso13528.censored_verdicts([value], side=[side], x_pt=1.0, delta_e=0.4)

    assert found.tolist() == [verdict]


def test_censored_verdicts_of_a_blank_and_of_a_bounded_quantity() -> None:
    assert iso13528.censored_verdicts([0.2, 0.3], side=-1, x_pt=0.1, delta_e=0.1).tolist() == [
        "satisfactory",
        "not_evaluated",
    ]
    assert iso13528.censored_verdicts([95], side=1, x_pt=99, delta_e=5, ceiling=100).tolist() == ["satisfactory"]
    assert iso13528.censored_verdicts([1], side=0, x_pt=np.nan, delta_e=5).tolist() == ["not_evaluated"]


@pytest.mark.parametrize(
    ("values", "side", "median"),
    [
        ([1, 2, 3], [0, 0, 0], 2),
        ([1, 2, 3], [-1, 0, 0], 2),
        ([1, 1, 3], [-1, -1, 0], np.nan),
        ([1, 2, 3, 4], [-1, 0, 0, 1], 2.5),
        ([1, 2, 3, 4], [-1, -1, 0, 0], np.nan),
        ([1, 5, 2, 3], [0, -1, 0, 0], np.nan),
        ([-5, 7, 9, np.nan], [-1, 0, 0, 0], 7),
    ],
)
def test_censored_median_only_where_certain(values: list[float], side: list[int], median: float) -> None:
    twice = iso13528.censored_median([*values, 8.0], side=[*side, 0], groups=[1] * len(values) + [2])

    assert iso13528.censored_median(values, side=side).median[0] == pytest.approx(median, nan_ok=True)
    assert twice.median.tolist() == pytest.approx([median, 8.0], nan_ok=True)


def test_read_reported_reads_what_is_written() -> None:
    found = iso13528.read_reported([" <0.5", "≥ 100", "-1.5e-3", " ", "7"])

    assert found.values == pytest.approx([0.5, 100, -0.0015, np.nan, 7], nan_ok=True)
    assert found.side.tolist() == [-1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    "text", ["0,5", "<", "5 mmol/L", "neg", "1.2.3", "<<1", "nan", "inf", " " * 1_000_000 + "x"], ids=range(9)
)
def test_read_reported_guesses_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="position 1 is not"):
        iso13528.read_reported(["1", text])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.censored_median([1.0], side=[2]), "side must be −1"),
        (lambda: iso13528.censored_normal([1.0, 2.0], side=[0, 0, 0]), "side must be one number or one per value"),
        (lambda: iso13528.censored_verdicts([1.0], side=[0], x_pt=1, delta_e=-1), "delta_e must not be negative"),
    ],
)
def test_censored_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
