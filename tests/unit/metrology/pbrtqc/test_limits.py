"""Control limits of moving statistics, Bull's averages and the Box–Cox power."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from lienthong.metrology import pbrtqc

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "pbrtqc.json").read_text("utf-8"))


def test_limits_by_sd_equal_mean_and_sd_of_each_row() -> None:
    statistics = np.random.default_rng(1).normal(5, 1, (3, 200))
    statistics[:, :20] = np.nan

    found = pbrtqc.limits_by_sd(statistics, k=2.5)
    single = pbrtqc.limits_by_sd(statistics[1], k=2.5)

    known = statistics[:, 20:]
    np.testing.assert_allclose(found.upper, known.mean(axis=1) + 2.5 * known.std(axis=1, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(found.lower, known.mean(axis=1) - 2.5 * known.std(axis=1, ddof=1), rtol=1e-12)
    assert single.upper == pytest.approx(np.asarray(found.upper)[1], rel=1e-14)


@pytest.mark.parametrize("side", ["both", "lower", "upper"])
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.3])
def test_limits_by_false_alarms_are_the_narrowest_within_the_rate(side: Any, rate: float) -> None:
    values = np.random.default_rng(2).normal(140, 3, 60_000)
    statistics = pbrtqc.statistics(values, pbrtqc.Algorithm(statistic="mean", window=20))

    found = pbrtqc.limits_by_false_alarms(statistics, rate=rate, period=250, side=side)

    days = statistics.reshape(240, 250)
    assert found.periods == 240
    assert found.rate == found.limits.beyond(days).any(axis=1).mean()
    assert found.rate <= rate
    half = rate / 2 if side == "both" else rate
    if side != "lower":
        narrower = np.nextafter(float(found.limits.upper), -math.inf)
        assert np.mean(np.nanmax(days, axis=1) > found.limits.upper) <= half
        assert np.mean(np.nanmax(days, axis=1) > narrower) > half - 1 / 240
    if side != "upper":
        narrower = np.nextafter(float(found.limits.lower), math.inf)
        assert np.mean(np.nanmin(days, axis=1) < found.limits.lower) <= half
        assert np.mean(np.nanmin(days, axis=1) < narrower) > half - 1 / 240


def test_limits_by_false_alarms_by_day_equal_those_by_number() -> None:
    statistics = np.random.default_rng(3).normal(size=1_050)
    statistics[::3] = np.nan
    day = np.repeat(np.arange("2026-01-01", "2026-01-22", dtype="datetime64[D]"), 50)

    by_day = pbrtqc.limits_by_false_alarms(statistics[:1_000], rate=0.2, period=day[:1_000])
    by_number = pbrtqc.limits_by_false_alarms(statistics[:1_030], rate=0.2, period=50)

    assert (by_day.limits.lower, by_day.limits.upper) == (by_number.limits.lower, by_number.limits.upper)
    assert (by_day.rate, by_day.periods) == (by_number.rate, by_number.periods)


def test_limits_by_false_alarms_do_not_count_days_without_statistics() -> None:
    statistics = np.repeat(np.arange(12.0), 2)
    statistics[:4] = np.nan

    found = pbrtqc.limits_by_false_alarms(statistics, rate=0.2, period=2, side="upper")

    assert (found.periods, found.limits.upper) == (10, 9.0)


@pytest.mark.parametrize("t", [1, 2, 10, 200])
def test_ewma_limits_hold_as_many_ewmas_as_the_normal_distribution_says(t: int) -> None:
    ewma = pbrtqc.Algorithm(statistic="ewma", weight=0.2, start=100)
    values = np.random.default_rng(t).normal(100, 4, (20_000, t))

    limits = pbrtqc.ewma_limits(target=100, sd=4, weight=0.2, k=2, t=[t])
    last = pbrtqc.statistics(values, ewma)[:, -1]

    share = np.mean(limits.beyond(last))
    expected = 2 * stats.norm.sf(2)
    assert abs(share - expected) < 4 * math.sqrt(expected / last.size)


def test_bull_equals_its_formula() -> None:
    values = np.random.default_rng(6).normal(90, 5, 95)
    values[7] = np.nan

    found = pbrtqc.bull(values, target=90.0, limit=0.3)

    average, expected = 90.0, []
    known = values[~np.isnan(values)]
    for begin in (0, 20, 40, 60):
        total = sum(math.copysign(math.sqrt(abs(x - average)), x - average) for x in known[begin : begin + 20])
        average += math.copysign((total / 20) ** 2, total)
        expected.append(average)
    np.testing.assert_allclose(found.x_b, expected, rtol=1e-13)
    np.testing.assert_allclose(found.deviation, [100 * (x - 90) / 90 for x in expected], rtol=1e-9)
    assert found.flagged.tolist() == [abs(x - 90) / 90 > 0.003 for x in expected]
    assert found.flagged.any()
    assert not found.flagged.all()


def test_bull_follows_a_shift_of_all_results_at_once() -> None:
    found = pbrtqc.bull(np.full(40, 93.0), target=90.0)

    assert found.x_b.tolist() == pytest.approx([93.0, 93.0])


def test_box_cox_power_equals_that_of_r_and_scipy() -> None:
    found = pbrtqc.box_cox_power([*GOLDEN["values"], math.nan])

    assert found == pytest.approx(GOLDEN["box_cox_power"], abs=1e-6)
    assert found == pytest.approx(stats.boxcox_normmax(np.array(GOLDEN["values"]), method="mle"), abs=1e-6)


@pytest.mark.parametrize("factor", [0.01, 1000.0])
def test_box_cox_power_does_not_depend_on_the_unit(factor: float) -> None:
    values = np.array(GOLDEN["values"])

    assert pbrtqc.box_cox_power(factor * values) == pytest.approx(pbrtqc.box_cox_power(values), abs=1e-6)


def test_box_cox_power_beyond_the_search_is_its_end() -> None:
    values = np.random.default_rng(5).normal(10, 1, 500) ** (1 / 6)

    assert pbrtqc.box_cox_power(values) == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pbrtqc.Limits(2, 1), "lower must be below upper"),
        (lambda: pbrtqc.Limits(math.nan, 1), "lower must be below upper"),
        (lambda: pbrtqc.limits_by_sd([1.0, math.nan]), "statistics must hold at least 2"),
        (lambda: pbrtqc.limits_by_sd([1.0, 1.0]), "lower must be below upper"),
        (lambda: pbrtqc.limits_by_sd([1.0, 2.0], k=0), "k must be greater than 0"),
        (lambda: pbrtqc.limits_by_sd(np.ones((2, 2, 2))), "statistics must have one or two dimensions"),
        (
            lambda: pbrtqc.limits_by_false_alarms(np.arange(100.0), rate=0.1, period=10),
            "statistics must span at least 20 periods for the rate 0.1, but span 10",
        ),
        (lambda: pbrtqc.limits_by_false_alarms(np.arange(9.0), rate=1.0, period=1), "rate must be above 0 and below 1"),
        (lambda: pbrtqc.limits_by_false_alarms(np.arange(9.0), rate=0.5, period=0), "period must be 1 or more"),
        (lambda: pbrtqc.limits_by_false_alarms([1.0, 2.0], rate=0.5, period=[1]), "period must have one entry"),
        (lambda: pbrtqc.limits_by_false_alarms([1.0], rate=0.5, side="top"), "side must be one of"),  # type: ignore[arg-type]
        (lambda: pbrtqc.ewma_limits(target=1, sd=1, weight=1.5), "weight must be above 0"),
        (lambda: pbrtqc.ewma_limits(target=1, sd=0, weight=0.5), "sd must be greater than 0"),
        (lambda: pbrtqc.bull([1.0], target=0.0), "target must be greater than 0"),
        (lambda: pbrtqc.bull([1.0], target=1.0, batch=0), "batch must be an integer"),
        (lambda: pbrtqc.box_cox_power([1.0, 0.0, 2.0]), "values must be greater than 0"),
        (lambda: pbrtqc.box_cox_power([1.0, 1.0, 1.0]), "values must hold at least 3"),
        (lambda: pbrtqc.box_cox_power([1.0, 2.0, 3.0], between=(1, 1)), "between must be"),
    ],
)
def test_impossible_arguments_raise(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
