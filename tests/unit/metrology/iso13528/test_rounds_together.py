"""Combined scores, own percentile, and how rounds aggregate, against plain loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lienthong.metrology import iso13528
from lienthong.metrology.iso13528 import Cycle, Event, KOfLast

UNKNOWN = float("nan")
history = st.lists(st.sampled_from([0.0, 60.0, 80.0, 100.0, UNKNOWN]), min_size=1, max_size=12)


def plain_k_of_last(percent: list[float], rule: KOfLast) -> list[str]:
    """Try every way in which the unknown rounds of the window may have gone."""
    verdicts = []
    for end in range(1, len(percent) + 1):
        window = percent[max(0, end - rule.n) : end]
        unknown = sum(p != p for p in window)
        failed = sum(p < rule.threshold for p in window)
        ways = {failed + also >= rule.k for also in range(unknown + 1)}
        verdicts.append("unknown" if len(ways) == 2 else "unsuccessful" if True in ways else "successful")
    return verdicts


def test_combined_scores_follow_their_distributions() -> None:
    z, groups = [1.0, -2.0, 0.5, 3.0, np.nan, np.nan], [1, 1, 1, 2, 2, 3]

    found = iso13528.combined_scores(z, groups=groups)

    assert found.n.tolist() == [3, 1, 0]
    assert found.rsz[:2] == pytest.approx([-0.5 / 3**0.5, 3.0])
    assert found.ssz[:2] == pytest.approx([5.25, 9.0])
    assert found.ssz_p_value[:2] == pytest.approx(stats.chi2.sf([5.25, 9.0], [3, 1]))
    assert found.rsz_p_value[:2] == pytest.approx(2 * stats.norm.sf([0.5 / 3**0.5, 3.0]))
    assert np.isnan([found.rsz[2], found.ssz[2], found.ssz_p_value[2]]).all()


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=30))
def test_own_percentile_equals_scipy_one_by_one(rows: list[tuple[int, int]]) -> None:
    values, groups = (np.array(column) for column in zip(*rows, strict=True))

    found = iso13528.own_percentile(values, groups=groups)

    expected = [
        stats.percentileofscore(values[groups == group], value, kind="rank")
        for value, group in zip(values, groups, strict=True)
    ]
    assert found == pytest.approx(expected)


def test_own_percentile_missing_value_has_no_place() -> None:
    found = iso13528.own_percentile([3.0, np.nan, 1.0])

    assert found[[0, 2]].tolist() == [100.0, 50.0]
    assert np.isnan(found[1])


@settings(max_examples=80, derandomize=True, deadline=None)
@given(history, history, st.integers(1, 4), st.integers(0, 3))
def test_aggregate_k_of_last_equals_the_plain_loop(one: list[float], two: list[float], k: int, more: int) -> None:
    rule = KOfLast(k=k, n=k + more, threshold=80)
    percent, rounds = np.array([*one, *two]), np.array([*range(len(one)), *range(len(two))])
    who = np.array(["A"] * len(one) + ["B"] * len(two))
    shuffled = np.random.default_rng(len(percent)).permutation(percent.size)

    found = iso13528.aggregate(percent[shuffled], rule, rounds=rounds[shuffled], participants=who[shuffled])

    expected = np.array(plain_k_of_last(one, rule) + plain_k_of_last(two, rule))
    assert found.after_each.tolist() == expected[shuffled].tolist()
    assert found.performance.tolist() == [expected[len(one) - 1], expected[-1]]
    assert found.missing.tolist() == [np.isnan(one).sum(), np.isnan(two).sum()]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        ([100, 80, 60], ["successful", "successful", "unsuccessful"]),
        ([UNKNOWN, 80], ["unknown", "successful"]),
    ],
)
def test_aggregate_event_stands_alone(percent: list[float], expected: list[str]) -> None:
    found = iso13528.aggregate(percent, Event(80), rounds=range(len(percent)), participants=[1] * len(percent))

    assert found.after_each.tolist() == expected


@pytest.mark.parametrize(
    ("percent", "missing_fails", "expected", "mean"),
    [
        ([70, 80, 90], False, "successful", 80.0),
        ([200 / 3, 200 / 3, 200 / 3], False, "unsuccessful", 200 / 3),
        ([100, 100, 100, 100, UNKNOWN], False, "successful", 100.0),
        ([0, 0, UNKNOWN], False, "unsuccessful", 0.0),
        ([100, 80, UNKNOWN], False, "unknown", 90.0),
        ([100, 80, UNKNOWN], True, "unsuccessful", 60.0),
        ([UNKNOWN], False, "unknown", UNKNOWN),
    ],
)
def test_aggregate_cycle_mean_decides_only_what_is_certain(
    percent: list[float], missing_fails: bool, expected: str, mean: float
) -> None:
    n = len(percent)

    found = iso13528.aggregate(percent, Cycle(80), rounds=range(n), participants=[1] * n, missing_fails=missing_fails)

    assert found.performance.tolist() == [expected]
    assert found.after_each.tolist() == [expected] * n
    assert found.percent[0] == pytest.approx(mean, nan_ok=True)


def test_aggregate_one_sample_a_round_by_participant_analyte_and_cycle() -> None:
    """Twelve monthly rounds of one sample: one failure is unsuccessful as an event, and not over the year."""
    months, analytes = np.tile(np.arange(12), 2), np.repeat(["glucose", "urea"], 12)
    percent = np.full(24, 100.0)
    percent[3], percent[[13, 15, 17]] = 0.0, 0.0
    keys = {"rounds": months, "participants": ["A"] * 24, "analytes": analytes}

    by_cycle = iso13528.aggregate(percent, Cycle(80), cycles=[2024] * 24, **keys)
    by_rounds = iso13528.aggregate(percent, KOfLast(2, 3, 80), **keys)

    assert by_cycle.analytes.tolist() == ["glucose", "urea"]
    assert by_cycle.cycles.tolist() == [2024, 2024]
    assert by_cycle.performance.tolist() == ["successful", "unsuccessful"]
    assert np.flatnonzero(by_rounds.after_each == "unsuccessful").tolist() == [15, 17]


def test_aggregate_nothing_gives_nothing() -> None:
    found = iso13528.aggregate([], Event(80), rounds=[], participants=[])

    assert found.performance.tolist() == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Event(0), "threshold must be above 0 and at most 100"),
        (lambda: Cycle(101), "threshold must be above 0 and at most 100"),
        (lambda: KOfLast(3, 2, 80), "k must be at least 1 and at most n, but got 3 of 2"),
        (lambda: iso13528.aggregate([101], Event(80), rounds=[1], participants=[1]), "percent must be from 0 to 100"),
        (lambda: iso13528.aggregate([1, 1], Event(80), rounds=[1, 1], participants=[7, 7]), "round 1 of 7 is there"),
        (lambda: iso13528.aggregate([1], Event(80), rounds=[1, 2], participants=[1]), "rounds must have one entry"),
    ],
)
def test_aggregate_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
