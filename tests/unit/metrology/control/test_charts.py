"""Cusum and EWMA charts and the delta check, against published and hand-worked values and plain loops."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import control

ROWS = st.lists(
    st.tuples(st.sampled_from([3.0, 4.0, 5.0, 6.5, 8.0, float("nan")]), st.integers(0, 1), st.booleans()), max_size=30
)


@pytest.mark.shared
def test_ewma_equals_the_published_example(shared_data: Path) -> None:
    example = json.loads((shared_data / "iqc" / "ewma_nist.json").read_text())

    found = control.ewma(
        example["data"], example["target"], example["s"], weight=example["lambda"], width=example["k"], asymptotic=True
    )

    np.testing.assert_allclose(found.ewma, example["ewma"][1:], atol=1e-9)
    np.testing.assert_allclose(found.upper, example["UCL_asymptotic"], rtol=1e-12)
    np.testing.assert_allclose(found.lower, example["LCL_asymptotic"], rtol=1e-12)
    assert not found.signal.any()


@settings(max_examples=80, deadline=None, derandomize=True)
@given(ROWS, st.booleans(), st.booleans())
def test_charts_equal_plain_loop(rows: list[tuple[float, int, bool]], restart: bool, asymptotic: bool) -> None:
    values, groups = np.array([r[0] for r in rows], dtype=float), np.array([r[1] for r in rows], dtype=int)
    excluded = np.array([r[2] for r in rows], dtype=bool)
    state = {group: [0.0, 0.0, 0.0, 0, False] for group in (0, 1)}
    expected = []
    for value, group, skipped in rows:
        high, low, average, t, signalled = state[group]
        if restart and signalled:
            high, low = 0.0, 0.0
        signal = ewma_signal = False
        if not skipped and not np.isnan(value):
            z = (value - 5) / 0.8
            high, low, average, t = max(0.0, high + z - 0.5), max(0.0, low - z - 0.5), 0.3 * z + 0.7 * average, t + 1
            signal = high > 5 or low > 5
            grown = 1.0 if asymptotic else 1 - 0.7 ** (2 * t)
            ewma_signal = bool(abs(average) > 2 * np.sqrt(0.3 / 1.7 * grown))
        state[group] = [high, low, average, t, signal]
        expected.append((high, low, signal, 5 + 0.8 * average, ewma_signal))

    cusum = control.cusum(values, 5.0, 0.8, groups=groups, excluded=excluded, restart=restart)
    ewma = control.ewma(values, 5.0, 0.8, weight=0.3, width=2, groups=groups, excluded=excluded, asymptotic=asymptotic)

    for column, found in enumerate((cusum.upper, cusum.lower, cusum.signal, ewma.ewma, ewma.signal)):
        np.testing.assert_allclose(found, [row[column] for row in expected], rtol=1e-12, atol=1e-12)


def test_cusum_average_run_length_is_the_published_one() -> None:
    z = np.random.default_rng(8).normal(1.0, 1.0, (4000, 60))

    found = control.cusum(z.ravel(), 0.0, 1.0, groups=np.repeat(np.arange(4000), 60))
    first = found.signal.reshape(z.shape).argmax(axis=1) + 1

    assert first.mean() == pytest.approx(10.4, abs=0.3)


def test_charts_targets_of_each_result_are_used() -> None:
    found = control.cusum([6.0, 12.0, 1.0], [5.0, 10.0, 1.0], [1.0, 2.0, np.nan])
    ewma = control.ewma([6.0, 12.0, 1.0], [5.0, 10.0, 1.0], [1.0, 2.0, np.nan], weight=1.0)

    assert found.upper.tolist() == [0.5, 1.0, 1.0]
    np.testing.assert_array_equal(ewma.ewma, [6.0, 12.0, np.nan])


def test_delta_check_by_subject_within_time() -> None:
    at = np.array(["2026-01-01", "2026-01-02", "2026-01-03", "2026-02-20", "2026-02-21"], dtype="datetime64[D]")

    found = control.delta_check(
        [100.0, np.nan, 130.0, 60.0, 90.0],
        ["P", "P", "P", "P", "P"],
        limit=30.0,
        in_percent=True,
        at=at,
        within=np.timedelta64(7, "D"),
    )

    assert found.previous.tolist() == [-1, -1, 0, -1, 3]
    np.testing.assert_allclose(found.delta, [np.nan, np.nan, 30.0, np.nan, 50.0])
    assert found.flagged.tolist() == [False, False, False, False, True]


def test_delta_check_of_an_earlier_zero_has_no_percentage() -> None:
    found = control.delta_check([0.0, 5.0], [1, 1], limit=10, in_percent=True)
    in_unit = control.delta_check([0.0, 5.0], [1, 1], limit=[1, 4.9], in_percent=False)

    assert np.isnan(found.delta).all()
    assert not found.flagged.any()
    assert in_unit.flagged.tolist() == [False, True]


def test_charts_of_no_results_are_empty() -> None:
    assert control.cusum([], 0.0, 1.0).upper.shape == (0,)
    assert control.ewma([], 0.0, 1.0).ewma.shape == (0,)
    assert control.delta_check([], [], limit=1, in_percent=False).previous.shape == (0,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: control.cusum([1], 0, 0), "sd must be greater than 0"),
        (lambda: control.cusum([1], 0, 1, h=0), "h must be greater than 0"),
        (lambda: control.cusum([1], 0, 1, k=-1), "k must not be negative"),
        (lambda: control.ewma([1], 0, 1, weight=1.1), "weight must be above 0 and at most 1"),
        (lambda: control.ewma([1], 0, 1, weight=0), "weight must be greater than 0"),
        (lambda: control.ewma([1], [0, 1], 1), "mean must be one number or one per value"),
        (lambda: control.delta_check([1], [1], limit=0, in_percent=True), "limit must be greater than 0"),
        (lambda: control.delta_check([1], [1], limit=1, in_percent=True, at=[1]), "at and within must be given"),
        (
            lambda: control.delta_check([1, 2], [1, 1], limit=1, in_percent=True, at=[2, 1], within=9),
            "must not go back",
        ),
        (lambda: control.delta_check([1], [1, 2], limit=1, in_percent=True), "subjects must have one entry"),
    ],
)
def test_charts_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
