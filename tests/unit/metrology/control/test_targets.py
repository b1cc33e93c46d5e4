"""Targets of control results against plain loops, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import control, iso13528, westgard

Row = tuple[float, int, bool, int]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([100.0, 101.0, 102.5, 99.0, 103.25, float("nan")]),
        st.integers(0, 2),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=30,
)


def columns(rows: list[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([row[0] for row in rows], dtype=float),
        np.array([row[1] for row in rows], dtype=int),
        np.array([row[2] for row in rows], dtype=bool),
    )


def plain(rows: list[Row], window: Callable[[list[int], int], list[int]]) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return mean, SD and number of the results that `window` picks from the counted positions of each series."""
    picked = []
    for i, (_, series, _, _) in enumerate(rows):
        counted = [j for j, row in enumerate(rows) if row[1] == series and not row[2] and not np.isnan(row[0])]
        picked.append([rows[j][0] for j in window(counted, i)])
    mean = np.array([np.mean(one) if one else np.nan for one in picked], dtype=float)
    sd = np.array([np.std(one, ddof=1) if len(set(one)) > 1 else np.nan for one in picked], dtype=float)
    return mean, sd, [len(one) for one in picked]


def assert_equal(found: control.Targets, expected: tuple[np.ndarray, np.ndarray, list[int]]) -> None:
    np.testing.assert_allclose(found.mean, expected[0], rtol=1e-12)
    np.testing.assert_allclose(found.sd, expected[1], rtol=1e-9)
    assert found.n.tolist() == expected[2]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ROWS, st.booleans(), st.sampled_from([0, 2, 4]))
def test_cumulative_equals_plain_loop(rows: list[Row], with_own: bool, setup: int) -> None:
    values, groups, excluded = columns(rows)

    def window(counted: list[int], i: int) -> list[int]:
        until = [j for j in counted if j < i or (with_own and j == i)]
        if not setup:
            return until
        return [] if len(counted) < setup else max(until, counted[:setup], key=len)

    found = control.cumulative(values, groups=groups, excluded=excluded, setup=setup, with_own=with_own)

    assert_equal(found, plain(rows, window))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ROWS, st.booleans(), st.integers(2, 5))
def test_rolling_equals_plain_loop(rows: list[Row], with_own: bool, n: int) -> None:
    values, groups, excluded = columns(rows)

    found = control.rolling(values, n, groups=groups, excluded=excluded, with_own=with_own)

    assert_equal(found, plain(rows, lambda counted, i: [j for j in counted if j < i or (with_own and j == i)][-n:]))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ROWS, st.integers(1, 9), st.booleans())
def test_rolling_time_equals_plain_loop(rows: list[Row], within: int, dated: bool) -> None:
    values, groups, excluded = columns(rows)
    at = np.cumsum(np.array([row[3] for row in rows], dtype=int))

    found = control.rolling_time(
        values,
        np.datetime64("2026-01-01") + at.astype("timedelta64[D]") if dated else at,
        np.timedelta64(within, "D") if dated else within,
        groups=groups,
        excluded=excluded,
    )

    assert_equal(found, plain(rows, lambda counted, i: [j for j in counted if j <= i and at[j] > at[i] - within]))


def test_rolling_leaves_nothing_of_a_result_that_left_the_window() -> None:
    values = np.array([1e15, 1.0, 2.0, 3.0])

    found = control.rolling(values, 2)

    assert found.sd[3] == pytest.approx(np.sqrt(0.5), rel=1e-15)


def test_cumulative_large_mean_keeps_the_sd() -> None:
    noise = np.random.default_rng(1).normal(size=1000)

    found = control.cumulative(1e9 + noise)

    assert found.sd[-1] == pytest.approx(np.std(noise, ddof=1), rel=1e-6)


def test_cumulative_equal_results_have_no_sd_and_are_not_judged() -> None:
    values = np.array([0.1, 0.1, 0.1, 0.2])

    found = control.cumulative(values)
    judged = westgard.evaluate(values, found.mean, found.sd, rules=["1_3s"]).judged

    assert np.isnan(found.sd[:3]).all()
    assert judged.tolist() == [False, False, False, True]


def test_fixed_looks_up_whatever_the_order() -> None:
    found = control.fixed([3, 1, 2, 3], of=[2, 3, 1], mean=[20.0, 30.0, 10.0], sd=[2.0, 3.0, np.nan])

    assert found.mean.tolist() == [30.0, 10.0, 20.0, 30.0]
    np.testing.assert_array_equal(found.sd, [3.0, np.nan, 2.0, 3.0])


def test_peer_group_plain_by_hand() -> None:
    means, sds, n = [10.0, 12.0, np.nan, 50.0, 11.0], [1.0, 2.0, 9.0, np.nan, 3.0], [11, 5, 100, 8, 1]

    found = control.peer_group(means, sds, n, groups=["A", "A", "A", "B", "A"])

    assert found.mean.tolist() == [11.0, 50.0]
    assert found.sd[0] == pytest.approx(np.sqrt((10 * 1 + 4 * 4) / 14), rel=1e-15)
    assert np.isnan(found.sd[1])
    assert found.sd_between[0] == pytest.approx(1.0)
    assert np.isnan(found.sd_between[1])
    assert found.laboratories.tolist() == [3, 1]
    assert found.n.tolist() == [17, 8]


def test_peer_group_robust_is_algorithm_a() -> None:
    means = np.random.default_rng(2).normal(10, 0.2, 40)
    means[:3] = 14.0
    groups = np.arange(40) % 2

    found = control.peer_group(means, 0.3, 20, groups=groups, robust=True)
    expected = iso13528.algorithm_a(means, groups=groups)

    np.testing.assert_array_equal(found.mean, expected.x_star)
    np.testing.assert_array_equal(found.sd_between, expected.s_star)
    np.testing.assert_allclose(found.sd, 0.3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: control.fixed(["A"], of=["B"], mean=[1], sd=[1]),
            "of must have the label of each result, but lacks A",
        ),
        (lambda: control.fixed(["A"], of=["A", "A"], mean=[1, 2], sd=[1, 1]), "of must name each label once"),
        (lambda: control.fixed(["A"], of=["A"], mean=[1], sd=[0]), "sd must be greater than 0"),
        (lambda: control.fixed(["A"], of=["A"], mean=[1], sd=[1, 2]), "sd must have one entry per label"),
        (lambda: control.manufacturer_range(5, 5, k=2), "lower must be below upper"),
        (lambda: control.manufacturer_range(4, 5, k=0), "k must be greater than 0"),
        (lambda: control.cumulative([1, 2], setup=1), "setup must be 0 or at least 2"),
        (lambda: control.cumulative([1, 2], setup=-1), "setup must be a whole number"),
        (lambda: control.cumulative([1, 2], groups=[1]), "groups must have one entry per value"),
        (lambda: control.cumulative([1, 2], excluded=[0, 1]), "excluded must be 2 booleans"),
        (lambda: control.rolling([1, 2], 1), "n must be a whole number of at least 2, but got 1"),
        (lambda: control.rolling_time([1, 2], [2, 1], 5), "at must not go back within a series"),
        (lambda: control.rolling_time([1, 2], [1, 2], 0), "within must be greater than 0"),
        (lambda: control.rolling_time([1], [1], np.timedelta64(1, "D")), "within must be a number, like at"),
        (lambda: control.rolling_time([1], np.array(["NaT"], "M8[D]"), np.timedelta64(1, "D")), "at must be known"),
        (lambda: control.peer_group([1], [-1], [3]), "sds must not be negative"),
        (lambda: control.peer_group([1], [1], [2.5]), "n must be a whole number"),
    ],
)
def test_targets_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("empty", [control.cumulative([]), control.rolling([], 2), control.rolling_time([], [], 1)])
def test_targets_of_no_results_are_none(empty: control.Targets) -> None:
    assert empty.mean.shape == empty.sd.shape == empty.n.shape == (0,)
