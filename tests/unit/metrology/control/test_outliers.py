"""Outlier tests of a set-up period, and the immediate method, against R, plain loops and hand-worked series."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import agreement, control, iso13528

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "control.json").read_text())
VALUES = st.lists(st.sampled_from([5.0, 5.1, 4.9, 5.3, 4.2, 9.0, float("nan")]), max_size=25)


def plain_grubbs(values: np.ndarray) -> list[int]:
    kept, found = [i for i in range(values.size) if not np.isnan(values[i])], []
    while len(kept) >= 3 and np.ptp(values[kept]) > 0:
        distance = np.round(np.abs(values[kept] - np.mean(values[kept])) / np.std(values[kept], ddof=1), 12)
        if distance.max() <= iso13528.grubbs_critical(len(kept)):
            break
        found.append(kept.pop(int(distance.argmax())))
    return found


@pytest.mark.parametrize(
    ("column", "alpha", "two_sided"),
    [
        ("two_sided_5", 0.05, True),
        ("two_sided_1", 0.01, True),
        ("one_sided_5", 0.05, False),
        ("one_sided_1", 0.01, False),
    ],
)
def test_grubbs_critical_equals_r(column: str, alpha: float, two_sided: bool) -> None:
    found = iso13528.grubbs_critical(GOLDEN["grubbs"]["n"], alpha, two_sided=two_sided)

    np.testing.assert_allclose(found, GOLDEN["grubbs"][column], rtol=1e-9)


def test_grubbs_critical_is_exceeded_as_often_as_stated() -> None:
    values = np.random.default_rng(3).normal(size=(40_000, 8))
    largest = np.abs(values - values.mean(axis=1, keepdims=True)).max(axis=1) / values.std(axis=1, ddof=1)

    share = np.mean(largest > iso13528.grubbs_critical(8, alpha=0.05))

    assert share == pytest.approx(0.05, abs=0.004)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(VALUES, min_size=1, max_size=3))
def test_grubbs_of_mixed_series_equals_plain_loop(series: list[list[float]]) -> None:
    rows = [(place, number, value) for number, one in enumerate(series) for place, value in enumerate(one)]
    rows.sort(key=lambda row: (row[0], row[1]))
    values = np.array([row[2] for row in rows], dtype=float)
    groups = np.array([row[1] for row in rows], dtype=int)

    found = control.grubbs(values, groups=groups)

    for number, one in enumerate(series):
        passes = np.zeros(len(one), dtype=int)
        for order, place in enumerate(plain_grubbs(np.array(one, dtype=float)), start=1):
            passes[place] = order
        assert found.found_in[groups == number].tolist() == passes.tolist()
    assert (found.is_outlier == (found.found_in > 0)).all()


def test_grubbs_at_most_one_leaves_the_second() -> None:
    values = [5.0, 5.1, 4.9, 5.0, 5.1, 4.9, 5.0, 5.1, 4.9, 6.5, 25.0]

    assert control.grubbs(values).is_outlier.nonzero()[0].tolist() == [9, 10]
    assert control.grubbs(values, at_most=1).is_outlier.nonzero()[0].tolist() == [10]


def test_beyond_sd_goes_on_until_none_is_left() -> None:
    values = np.concatenate((np.tile([5.0, 5.1, 4.9], 10), [5.6, 90.0, np.nan]))

    found = control.beyond_sd(values)

    assert found.found_in[-3:].tolist() == [2, 1, 0]
    assert not found.is_outlier[:30].any()


def plain_immediate(values: list[float], most: int) -> list[str]:
    """Follow one series by the method's own words."""
    kept: list[float] = []
    said, ended = [], False
    for value in values:
        if np.isnan(value) or ended:
            said.append("not_judged")
            continue
        kept.append(value)
        if len(kept) < 3 or max(kept) == min(kept):
            said.append("not_judged")
        else:
            si = np.array([max(kept) - np.mean(kept), np.mean(kept) - min(kept)]) / np.std(kept, ddof=1)
            n2s, n3s = (iso13528.grubbs_critical(len(kept), alpha=a, two_sided=False) for a in (0.05, 0.01))
            said.append("in_control" if si.max() <= n2s else "warning" if si.max() <= n3s else "out_of_control")
            if said[-1] == "out_of_control":
                kept.remove(max(kept) if si[0] >= si[1] else min(kept))
        ended = len(kept) == most
    return said


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([5.0, 5.13, 4.9, 5.31, 4.27, 9.0, float("nan")]), max_size=30), st.integers(3, 20))
def test_immediate_equals_plain_loop(values: list[float], most: int) -> None:
    twice = np.repeat(np.array(values, dtype=float), 2)

    found = control.immediate(twice, groups=np.tile([1, 0], len(values)), at_most=most)

    assert found.verdict[::2].tolist() == found.verdict[1::2].tolist() == plain_immediate(values, most)


def test_immediate_limits_are_those_of_the_method() -> None:
    values = np.random.default_rng(4).normal(100, 1, 25)

    found = control.immediate(values)

    assert found.n[:20].tolist() == list(range(1, 21))
    np.testing.assert_allclose(found.n2s[[2, 9, 19]], [1.1531, 2.1761, 2.5566], atol=5e-5)
    np.testing.assert_allclose(found.n3s[[2, 9, 19]], [1.1546, 2.4097, 2.8838], atol=5e-5)
    assert (found.verdict[20:] == "not_judged").all()
    assert np.isnan(found.si_upper[20:]).all()


def test_immediate_names_the_result_that_is_far_off_even_if_it_is_an_earlier_one() -> None:
    values = [5.0, 5.6, 5.01, 5.02, 5.0, 5.01, 5.01]

    found = control.immediate(values, excluded=[False, False, False, False, True, False, False])

    out = found.verdict == "out_of_control"
    assert out.any()
    assert set(found.extreme[out].tolist()) == {1}
    assert found.extreme[4] == -1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.grubbs_critical(5, alpha=0), "alpha must be above 0 and below 1"),
        (lambda: control.grubbs([1, 2, 3], alpha=2), "alpha must be above 0 and below 1"),
        (lambda: control.grubbs([1, 2, 3], at_most=0), "at_most must be a whole number of at least 1"),
        (lambda: control.beyond_sd([1, 2, 3], k=0), "k must be greater than 0"),
        (lambda: control.immediate([1, 2], at_most=2), "at_most must be a whole number of at least 3"),
        (lambda: control.immediate([1, 2], alpha_rejection=0.1), "alpha_rejection must be above 0 and below"),
        (lambda: control.immediate([1, np.inf]), "values must be finite or nan"),
    ],
)
def test_outliers_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_outliers_few_or_equal_results_have_none() -> None:
    assert not control.grubbs([1.0, 9.0]).is_outlier.any()
    assert not control.grubbs([0.1] * 5).is_outlier.any()
    assert not control.beyond_sd([]).is_outlier.any()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.7, 4.1]), min_size=4, max_size=15), st.sampled_from([0.01, 0.05]))
def test_outlier_tests_of_three_packages_agree_on_the_first_value(values: list[float], alpha: float) -> None:
    single = iso13528.grubbs(values)

    iterated = control.grubbs(values, alpha=alpha, at_most=1)
    many = agreement.extreme_deviates(values, at_most=1, alpha=alpha)

    assert many.deviate.tolist() == ([] if np.isnan(single.statistic[0]) else single.statistic.tolist())
    assert iterated.is_outlier.tolist() == many.is_outlier.tolist()
    assert iterated.is_outlier.any() == (single.p_value[0] < alpha)


@pytest.mark.parametrize("value", [0.1, 0.3, 1e9 + 0.1])
def test_grubbs_equal_values_that_binary_cannot_hold_are_not_tested(value: float) -> None:
    found = iso13528.grubbs([value] * 7)

    assert np.isnan(found.statistic[0])
    assert found.position[0] == -1
