"""What holds for moving statistics whatever the results are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.unit.metrology.pbrtqc.plain_loop import Array, by_stream

from lienthong.metrology import pbrtqc

STATISTICS = ("mean", "median", "ewma", "sd", "proportion")


@st.composite
def algorithms(draw: st.DrawFn, *, of: tuple[str, ...] = STATISTICS) -> pbrtqc.Algorithm:
    """Draw an algorithm for positive results around 10."""
    statistic = draw(st.sampled_from(of))
    window = draw(st.sampled_from([2, 3, 4, 7, 20, 50]))
    plain = statistic == "proportion"
    transformation = "none" if plain else draw(st.sampled_from(["none", "none", "log", "box_cox"]))
    ewma = statistic == "ewma"
    return pbrtqc.Algorithm(
        statistic=statistic,  # type: ignore[arg-type]
        window=draw(st.sampled_from([None, window])) if ewma else window,
        every=draw(st.sampled_from([1, 1, 2, 5, window])),
        weight=draw(st.sampled_from([0.05, 0.3, 1.0])) if ewma else None,
        start=draw(st.sampled_from([None, 10.0])) if ewma else None,
        truncation=draw(st.sampled_from([(-math.inf, math.inf), (7.0, 13.0), (9.0, math.inf)])),
        outside=draw(st.sampled_from(["exclude", "winsorise"])),
        transformation=transformation,  # type: ignore[arg-type]
        power=draw(st.sampled_from([-1.0, 0.0, 0.5])) if transformation == "box_cox" else None,
        abnormal=(8.0, 12.0) if plain else None,
    )


def results(seed: int, shape: tuple[int, ...], *, missing: float = 0.1, digits: int = 1) -> Array:
    """Return results around 10 to a few digits, so that ties occur, some of them missing."""
    rng = np.random.default_rng(seed)
    values = np.round(np.exp(rng.normal(math.log(10), 0.2, shape)), digits)
    values[rng.random(shape) < missing] = np.nan
    return values


def mixed(seed: int, n: int, series: int) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """Return values, series and segment of flat mixed results."""
    rng = np.random.default_rng(seed)
    segment = np.cumsum(rng.random(n) < 3 / max(n, 1))
    return results(seed, (n,)), rng.integers(series, size=n), segment


@settings(max_examples=120, deadline=None)
@given(algorithm=algorithms(), seed=st.integers(0, 2**32), n=st.integers(0, 400), series=st.integers(1, 3))
def test_statistics_any_results_equal_the_plain_loop(
    algorithm: pbrtqc.Algorithm, seed: int, n: int, series: int
) -> None:
    values, name, segment = mixed(seed, n, series)

    found = pbrtqc.statistics(values, algorithm, series=name, segment=segment)

    expected = by_stream(values, name, segment, algorithm)
    assert np.isnan(found).tolist() == np.isnan(expected).tolist()
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


@settings(max_examples=60, deadline=None)
@given(
    chosen=st.lists(algorithms(), min_size=1, max_size=3),
    seed=st.integers(0, 2**32),
    channels=st.integers(1, 70),
    n=st.integers(0, 700),
    missing=st.sampled_from([0.0, 0.0, 0.003, 0.2]),
    single=st.booleans(),
)
def test_flags_any_channels_equal_the_statistics_beyond_limits(
    chosen: list[pbrtqc.Algorithm], seed: int, channels: int, n: int, missing: float, single: bool
) -> None:
    values = results(seed, (channels, n), missing=missing).astype(np.float32 if single else np.float64)
    each = [pbrtqc.statistics(values, algorithm) for algorithm in chosen]
    limits = [limits_among(statistics, seed) for statistics in each]

    found = pbrtqc.flags(values, chosen, limits)

    for flagged, statistics, limit in zip(found, each, limits, strict=True):
        spread = pbrtqc.Limits(np.asarray(limit.lower)[:, None], np.asarray(limit.upper)[:, None])
        assert np.array_equal(flagged, spread.beyond(statistics))


def limits_among(statistics: Array, seed: int) -> pbrtqc.Limits:
    """Return limits of each channel that are statistics themselves: on a limit is not beyond it."""
    rng = np.random.default_rng(seed)
    known = statistics[~np.isnan(statistics)]
    channels = statistics.shape[0]
    if not known.size:
        return pbrtqc.Limits(np.full(channels, -1.0), np.full(channels, 1.0))
    lower = rng.choice(np.append(known[known <= np.quantile(known, 0.3)], -np.inf), channels)
    upper = rng.choice(np.append(known[known >= np.quantile(known, 0.7)], np.inf), channels)
    return pbrtqc.Limits(lower, np.where(upper > lower, upper, np.nextafter(lower, np.inf)))


@settings(max_examples=40, deadline=None)
@given(algorithm=algorithms(), seed=st.integers(0, 2**32), series=st.integers(1, 90), n=st.integers(1, 4_000))
def test_flags_mixed_series_equal_the_statistics_beyond_limits(
    algorithm: pbrtqc.Algorithm, seed: int, series: int, n: int
) -> None:
    values, name, segment = mixed(seed, n, series)
    statistics = pbrtqc.statistics(values, algorithm, series=name, segment=segment)
    limits = limits_among(statistics[None, :], seed)
    one = pbrtqc.Limits(float(np.asarray(limits.lower)[0]), float(np.asarray(limits.upper)[0]))

    found = pbrtqc.flags(values, algorithm, one, series=name, segment=segment)

    assert np.array_equal(found, one.beyond(statistics))


@settings(max_examples=30, deadline=None)
@given(algorithm=algorithms(), seed=st.integers(0, 2**32), channels=st.integers(1, 6), n=st.integers(0, 90))
def test_statistics_of_rows_equal_flat_series(algorithm: pbrtqc.Algorithm, seed: int, channels: int, n: int) -> None:
    values = results(seed, (channels, n))
    mixing = np.random.default_rng(seed).permutation(np.repeat(np.arange(channels), n))
    flat = np.empty(channels * n)
    for channel in range(channels):
        flat[mixing == channel] = values[channel]

    rows = pbrtqc.statistics(values, algorithm)
    found = pbrtqc.statistics(flat, algorithm, series=[f"analyser {c}" for c in mixing] or None)

    for channel in range(channels):
        np.testing.assert_array_equal(found[mixing == channel], rows[channel])


@settings(max_examples=30, deadline=None)
@given(algorithm=algorithms(of=("mean", "median", "sd")), seed=st.integers(0, 2**32), n=st.integers(0, 300))
def test_statistics_in_blocks_are_every_so_many_of_the_sliding(algorithm: pbrtqc.Algorithm, seed: int, n: int) -> None:
    values = results(seed, (n,))
    window = algorithm.window
    assert window is not None
    common = {name: getattr(algorithm, name) for name in ("truncation", "outside", "transformation", "power")}

    sliding = pbrtqc.statistics(values, pbrtqc.Algorithm(statistic=algorithm.statistic, window=window, **common))
    blocks = pbrtqc.statistics(
        values, pbrtqc.Algorithm(statistic=algorithm.statistic, window=window, every=window, **common)
    )

    assert blocks[~np.isnan(blocks)].tolist() == sliding[~np.isnan(sliding)][::window].tolist()


@settings(max_examples=30, deadline=None)
@given(algorithm=algorithms(), seed=st.integers(0, 2**32), n=st.integers(2, 300), data=st.data())
def test_statistics_later_results_never_change_an_earlier_one(
    algorithm: pbrtqc.Algorithm, seed: int, n: int, data: st.DataObject
) -> None:
    values = results(seed, (n,))
    end = data.draw(st.integers(0, n))

    whole, earlier = pbrtqc.statistics(values, algorithm), pbrtqc.statistics(values[:end], algorithm)

    np.testing.assert_array_equal(earlier, whole[:end])


@pytest.mark.parametrize("statistic", ["mean", "median", "sd"])
def test_statistics_after_a_wild_value_left_are_as_if_it_never_was(statistic: str) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(140, 2, 500)
    wild = values.copy()
    wild[100] = 1e15
    algorithm = pbrtqc.Algorithm(statistic=statistic, window=20)  # type: ignore[arg-type]

    calm, shaken = pbrtqc.statistics(values, algorithm), pbrtqc.statistics(wild, algorithm)

    assert np.array_equal(calm[120:], shaken[120:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_statistics_of_a_long_stream_keep_within_the_stated_error(dtype: type) -> None:
    window, weight, u = 50, 0.05, 2.0**-53
    values = (np.random.default_rng(8).lognormal(3, 2, 30_000)).astype(dtype)
    exact_values = values.astype(np.float64)

    mean = pbrtqc.statistics(values, pbrtqc.Algorithm(statistic="mean", window=window))
    ewma = pbrtqc.statistics(values, pbrtqc.Algorithm(statistic="ewma", weight=weight))

    windows = np.lib.stride_tricks.sliding_window_view(exact_values, window)
    exact_sums = np.array([math.fsum(row) for row in windows])
    error = np.abs(mean[window - 1 :].astype(np.longdouble) - exact_sums.astype(np.longdouble) / window)
    # The second term is the rounding of the reference itself.
    assert np.all(error <= u * np.abs(windows).sum(axis=1) + u * exact_sums / window)
    average, worst = np.longdouble(exact_values[0]), np.longdouble(0)
    for found, value in zip(ewma, exact_values.astype(np.longdouble), strict=True):
        average += np.longdouble(weight) * (value - average)
        worst = max(worst, abs(np.longdouble(found) - average))
    assert worst <= (4 + 1 / weight) * u * exact_values.max()


def test_statistics_of_equal_results_are_exact() -> None:
    values = np.full(1_000, 0.1)

    found = {
        name: pbrtqc.statistics(values, pbrtqc.Algorithm(statistic=name, window=50))  # type: ignore[arg-type]
        for name in ("median", "sd")
    }
    ewma = pbrtqc.statistics(values, pbrtqc.Algorithm(statistic="ewma", weight=0.05))

    assert np.all(found["sd"][49:] == 0)
    assert np.all(found["median"][49:] == 0.1)
    assert np.all(ewma == 0.1)


@pytest.mark.parametrize("resets", [0, 5], ids=["even streams", "uneven streams"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_flags_of_many_long_streams_equal_the_statistics_beyond_limits(dtype: type, resets: int) -> None:
    shape = (100, 5_000)
    values = results(9, shape, missing=0.001, digits=6).astype(dtype)
    segment = np.cumsum(np.random.default_rng(9).random(shape) < resets / shape[1], axis=1)
    common = {"truncation": (6.0, 16.0)}
    chosen = [
        pbrtqc.Algorithm(statistic="mean", window=50, **common),  # type: ignore[arg-type]
        pbrtqc.Algorithm(statistic="mean", window=1_000, every=7, **common),  # type: ignore[arg-type]
        pbrtqc.Algorithm(statistic="ewma", weight=0.05, window=30, **common),  # type: ignore[arg-type]
    ]
    limits = [pbrtqc.Limits(9.6, 10.8), pbrtqc.Limits(10.1, 10.3), pbrtqc.Limits(9.7, 10.7)]

    found = pbrtqc.flags(values, chosen, limits, segment=segment)

    for flagged, algorithm, limit in zip(found, chosen, limits, strict=True):
        beyond = limit.beyond(pbrtqc.statistics(values, algorithm, segment=segment))
        assert 0 < beyond.sum() < beyond.size / 2
        assert np.array_equal(flagged, beyond)
