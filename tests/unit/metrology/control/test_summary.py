"""Summaries of control results against numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lienthong.metrology import control


def test_summary_by_hand() -> None:
    found = control.summary([2.0, 4.0, np.nan, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])

    assert found.n == 8
    assert found.mean == 5.0
    assert found.sd == pytest.approx(math.sqrt(32 / 7), rel=1e-15)
    assert found.cv == pytest.approx(20 * math.sqrt(32 / 7), rel=1e-15)


@pytest.mark.parametrize(
    ("values", "n", "mean", "sd", "cv"),
    [
        ([], 0, math.nan, math.nan, math.nan),
        ([np.nan], 0, math.nan, math.nan, math.nan),
        ([3.0], 1, 3.0, math.nan, math.nan),
        ([3.0, 3.0], 2, 3.0, 0.0, 0.0),
        ([-1.0, 1.0], 2, 0.0, math.sqrt(2), math.nan),
        ([-3.0, -1.0], 2, -2.0, math.sqrt(2), 50 * math.sqrt(2)),
    ],
)
def test_summary_few_results_says_what_is_known(values: list[float], n: int, mean: float, sd: float, cv: float) -> None:
    found = control.summary(values)

    assert found.n == n
    assert (found.mean, found.sd, found.cv) == pytest.approx((mean, sd, cv), nan_ok=True)


def test_summary_infinite_result_raises() -> None:
    with pytest.raises(ValueError, match="values must be finite or nan, but got inf at position 1"):
        control.summary([1.0, np.inf])
