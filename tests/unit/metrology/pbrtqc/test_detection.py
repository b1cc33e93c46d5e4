"""Simulated errors: results until detection, and the choice of an algorithm by it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.unit.metrology.pbrtqc.plain_loop import Array
from tests.unit.metrology.pbrtqc.test_properties import algorithms, results

from lienthong.metrology import pbrtqc

LIMITS = {"mean": (9.2, 11.2), "median": (9.2, 11.2), "ewma": (9.2, 11.2), "sd": (0.3, 3.0), "proportion": (-1, 0.4)}


def plain_passed(values: Array, algorithm: pbrtqc.Algorithm, limits: pbrtqc.Limits, point: int, most: int) -> float:
    """Return results up to the flag by running the algorithm over everything, the error already in `values`."""
    beyond = limits.beyond(pbrtqc.statistics(values, algorithm))[point : point + most]
    return float(np.argmax(beyond) + 1) if beyond.any() else math.inf


@settings(max_examples=50, deadline=None)
@given(algorithm=algorithms(), seed=st.integers(0, 2**32), kind=st.sampled_from(["percent", "absolute"]))
def test_bias_detection_equals_running_over_everything(algorithm: pbrtqc.Algorithm, seed: int, kind: Any) -> None:
    values = results(seed, (400,), missing=0.0)
    transformed = algorithm.transformation != "none"
    limits = pbrtqc.Limits() if transformed else pbrtqc.Limits(*LIMITS[algorithm.statistic])
    if transformed:
        limits = pbrtqc.limits_by_sd(pbrtqc.statistics(values, algorithm), k=1.5)
    biases, most = np.array([-2.0, 0.0, 4.0]), 90

    found = pbrtqc.bias_detection(
        values, algorithm, limits, biases=biases, seed=seed, kind=kind, injections=5, most=most
    )

    points = injection_points(values, algorithm, most, seed, 5)
    for row, bias in zip(found.passed, biases, strict=True):
        for passed, point in zip(row, points, strict=True):
            wrong = values.copy()
            wrong[point:] = wrong[point:] * (1 + bias / 100) if kind == "percent" else wrong[point:] + bias
            assert passed == plain_passed(wrong, algorithm, limits, point, most)


def injection_points(values: Array, algorithm: pbrtqc.Algorithm, most: int, seed: int, n: int) -> list[int]:
    low, high = algorithm.truncation
    enters = (values >= low) & (values <= high) if algorithm.outside == "exclude" else np.ones(values.size, bool)
    before = np.cumsum(enters) - enters
    possible = np.flatnonzero((before >= (algorithm.window or 1)) & (np.arange(values.size) + most <= values.size))
    return [int(point) for point in possible[np.random.default_rng(seed).integers(possible.size, size=n)]]


@pytest.mark.parametrize("shift", [1.0, 2.0, 3.0])
def test_bias_detection_of_single_results_has_the_run_length_of_shewhart_charts(shift: float) -> None:
    values = np.random.default_rng(11).standard_normal(400_000)
    single = pbrtqc.Algorithm(statistic="mean", window=1)

    found = pbrtqc.bias_detection(
        values, single, pbrtqc.Limits(-3, 3), biases=[shift], kind="absolute", seed=2, injections=4_000
    )

    # 43.9, 6.30 and 2.00, as textbooks print them.
    beyond = stats.norm.sf(3 - shift) + stats.norm.cdf(-3 - shift)
    run_length, spread = 1 / beyond, math.sqrt(1 - beyond) / beyond
    assert abs(found.mean[0] - run_length) < 4 * spread / math.sqrt(4_000)
    assert found.share_within(10)[0] == pytest.approx(1 - (1 - beyond) ** 10, abs=4 * 0.5 / math.sqrt(4_000))
    assert abs(found.median[0] - math.log(2) / -math.log(1 - beyond)) < 1 + 0.1 * run_length


def test_bias_detection_is_the_same_for_the_same_seed_only() -> None:
    values = np.random.default_rng(1).normal(140, 3, 5_000)
    given = {"biases": [2.0], "injections": 200}
    mean = pbrtqc.Algorithm(statistic="mean", window=10)

    first, again, other = (
        pbrtqc.bias_detection(values, mean, pbrtqc.Limits(138, 142), seed=seed, **given).passed  # type: ignore[arg-type]
        for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bias_detection_skips_missing_results_and_starts_anew_at_resets() -> None:
    values = np.random.default_rng(1).normal(140, 3, 2_000)
    gaps = np.insert(values, np.arange(0, 2_000, 3), np.nan)
    segment = np.repeat([0, 1], gaps.size // 2)
    mean = pbrtqc.Algorithm(statistic="mean", window=10)
    common: dict[str, Any] = {"biases": [1.0], "seed": 3, "injections": 100, "most": 50}

    with_gaps = pbrtqc.bias_detection(gaps, mean, pbrtqc.Limits(138, 142), **common)
    without = pbrtqc.bias_detection(values, mean, pbrtqc.Limits(138, 142), **common)
    parted = pbrtqc.bias_detection(gaps[: segment.size], mean, pbrtqc.Limits(138, 142), segment=segment, **common)

    assert np.array_equal(with_gaps.passed, without.passed)
    assert parted.passed.shape == (1, 100)


def test_undetected_errors_count_as_the_most_in_the_mean_and_as_infinite_in_quantiles() -> None:
    found = pbrtqc.BiasDetection(biases=np.array([1.0]), passed=np.array([[10.0, 20.0, 30.0, math.inf]]), most=100)

    assert found.mean.tolist() == [40.0]
    assert found.median.tolist() == [20.0]
    assert found.p95.tolist() == [math.inf]
    assert found.share_within(20).tolist() == [0.5]


def test_compare_chooses_the_least_mean_at_equal_false_alarms() -> None:
    rng = np.random.default_rng(4)
    values = np.exp(rng.normal(math.log(80), 0.5, 60_000))
    candidates = [
        pbrtqc.Algorithm(statistic="mean", window=20),
        pbrtqc.Algorithm(statistic="mean", window=20, transformation="log"),
        pbrtqc.Algorithm(statistic="sd", window=20),
    ]

    found = pbrtqc.compare(values, candidates, biases=[-20.0, 20.0], rate=0.05, period=500, seed=1, injections=300)

    assert all(limits.rate <= 0.05 for limits in found.limits)
    assert found.best == int(np.argmin(found.anped.mean(axis=1)))
    # A skewed distribution hides a fall of its mean; its logarithm shows it.
    assert found.anped[1, 0] < found.anped[0, 0]
    again = pbrtqc.bias_detection(
        values, candidates[1], found.limits[1].limits, biases=[-20.0, 20.0], seed=1, injections=300
    )
    assert np.array_equal(found.curves[1].passed, again.passed)


MEAN = pbrtqc.Algorithm(statistic="mean", window=10)
LOG = pbrtqc.Algorithm(statistic="mean", window=10, transformation="log")


@pytest.mark.parametrize(
    ("algorithm", "limits", "changed", "message"),
    [
        (MEAN, pbrtqc.Limits(0, 2), {"most": 195}, "values must hold a stretch with 10 results that enter and 195"),
        (MEAN, pbrtqc.Limits(0, 2), {"most": 0}, "most must be 1 or more"),
        (MEAN, pbrtqc.Limits(0, 2), {"injections": 0}, "injections must be 1 or more"),
        (MEAN, pbrtqc.Limits(0, 2), {"kind": "sd"}, "kind must be percent or absolute"),
        (MEAN, pbrtqc.Limits(0, 2), {"biases": [math.nan]}, "biases must be known"),
        (MEAN, pbrtqc.Limits(0, 2), {"segment": [1]}, "segment must have one entry per value"),
        (MEAN, pbrtqc.Limits(np.zeros(2), 2), {}, "limits must be of one channel"),
        (LOG, pbrtqc.Limits(), {"kind": "absolute", "biases": [-3.0]}, "biases must leave results greater than 0"),
    ],
)
def test_bias_detection_refuses_impossible_arguments(
    algorithm: pbrtqc.Algorithm, limits: pbrtqc.Limits, changed: dict[str, Any], message: str
) -> None:
    given = {"biases": [1.0], "seed": 1, "injections": 10, "most": 50, **changed}

    with pytest.raises(ValueError, match=message):
        pbrtqc.bias_detection(np.ones(200), algorithm, limits, **given)


def test_bias_detection_refuses_an_impossible_result() -> None:
    values = np.ones(200)
    values[3], values[20] = math.nan, 0.0

    with pytest.raises(
        ValueError, match=r"values must be greater than 0 to be transformed, but got 0\.0 at position 20"
    ):
        pbrtqc.bias_detection(values, LOG, pbrtqc.Limits(), biases=[1.0], seed=1, most=50)


def test_compare_refuses_no_algorithm() -> None:
    with pytest.raises(ValueError, match="algorithms must hold at least one"):
        pbrtqc.compare(np.ones(200), [], biases=[1.0], rate=0.1, seed=1)


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_quantile_refuses_an_impossible_share(share: float) -> None:
    found = pbrtqc.BiasDetection(biases=np.array([1.0]), passed=np.array([[1.0]]), most=10)

    with pytest.raises(ValueError, match="share must be above 0"):
        found.quantile(share)
    with pytest.raises(ValueError, match="n must be 1 to 10"):
        found.share_within(11)
