"""Limits for few results against R, and against how often they hold in simulated series."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lienthong.metrology import control

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "control.json").read_text())


@pytest.mark.parametrize(("column", "k"), [("k2", 2.0), ("k3", 3.0)])
def test_prediction_factor_equals_r(column: str, k: float) -> None:
    found = control.prediction_limits(0.0, 1.0, GOLDEN["prediction"]["n"], k=k)

    np.testing.assert_allclose(found.factor, GOLDEN["prediction"][column], rtol=1e-9)
    np.testing.assert_allclose(found.upper, found.factor)
    np.testing.assert_allclose(found.lower, -found.factor)


@pytest.mark.parametrize(
    ("column", "coverage", "confidence"), [("c95_95", 0.95, 0.95), ("c99_95", 0.99, 0.95), ("c95_90", 0.95, 0.90)]
)
def test_tolerance_factor_equals_r(column: str, coverage: float, confidence: float) -> None:
    found = control.tolerance_limits(0.0, 1.0, GOLDEN["tolerance"]["n"], coverage=coverage, confidence=confidence)

    np.testing.assert_allclose(found.factor, GOLDEN["tolerance"][column], rtol=1e-8)


def test_c4_equals_r_and_frees_the_sd_from_bias() -> None:
    values = np.random.default_rng(5).normal(size=(50_000, 5))

    unbiased = control.unbiased_sd(values.std(axis=1, ddof=1), 5)

    np.testing.assert_allclose(control.c4(GOLDEN["c4"]["n"]), GOLDEN["c4"]["c4"], rtol=1e-9)
    assert unbiased.mean() == pytest.approx(1.0, abs=0.006)


def test_prediction_limits_are_exceeded_by_the_next_result_as_often_as_stated() -> None:
    values = np.random.default_rng(6).normal(size=(50_000, 7))
    first = values[:, :6]

    found = control.prediction_limits(first.mean(axis=1), first.std(axis=1, ddof=1), 6, k=2)
    share = np.mean((values[:, 6] < found.lower) | (values[:, 6] > found.upper))

    assert share == pytest.approx(0.0455, abs=0.004)


def test_limits_keep_the_shape_and_give_nan_where_nothing_is_known() -> None:
    n = np.array([[1, 2], [5, 10]])

    tolerance = control.tolerance_limits(5.0, 1.0, n)
    prediction = control.prediction_limits([5.0, np.nan], 1.0, n, k=3)

    assert tolerance.factor.shape == (2, 2)
    assert np.isnan(tolerance.factor).tolist() == [[True, False], [False, False]]
    assert np.isnan(prediction.lower).tolist() == [[True, True], [False, True]]
    assert np.isnan(control.unbiased_sd(1.0, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: control.prediction_limits(5, -1, 5, k=2), "sd must not be negative"),
        (lambda: control.prediction_limits(5, 1, 5, k=0), "k must be greater than 0"),
        (lambda: control.prediction_limits(5, 1, 5, k=np.nan), "k must be known"),
        (lambda: control.tolerance_limits(5, 1, 5, coverage=1), "coverage must be above 0 and below 1"),
        (lambda: control.tolerance_limits(5, 1, 5, confidence=0), "confidence must be above 0 and below 1"),
        (lambda: control.unbiased_sd(-1, 5), "sd must not be negative"),
    ],
)
def test_limits_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
