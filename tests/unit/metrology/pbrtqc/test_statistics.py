"""Moving statistics and flags of patients' results: published and golden values, resets, impossible input."""

from __future__ import annotations

import json
import math
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lienthong.metrology import pbrtqc

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "pbrtqc.json").read_text("utf-8"))
OPEN = pbrtqc.Limits()


def mean(window: int = 2, **options: Any) -> pbrtqc.Algorithm:
    return pbrtqc.Algorithm(statistic="mean", window=window, **options)


@pytest.mark.shared
def test_ewma_of_the_nist_example_is_as_published(shared_data: Path) -> None:
    published = json.loads((shared_data / "iqc" / "ewma_nist.json").read_text("utf-8"))
    ewma = pbrtqc.Algorithm(statistic="ewma", weight=published["lambda"], start=published["target"])

    found = pbrtqc.statistics(published["data"], ewma)
    limits = pbrtqc.ewma_limits(
        target=published["target"], sd=published["s"], weight=published["lambda"], k=published["k"]
    )

    # The table begins with the start itself.
    assert published["ewma"][0] == published["target"]
    np.testing.assert_allclose(found, published["ewma"][1:], rtol=1e-10)
    np.testing.assert_allclose(limits.upper, published["UCL_asymptotic"], rtol=1e-12)
    np.testing.assert_allclose(limits.lower, published["LCL_asymptotic"], rtol=1e-12)


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        (mean(50), "mean_50"),
        (mean(50, truncation=(60, 120), outside="winsorise"), "mean_50_held"),
        (pbrtqc.Algorithm(statistic="ewma", weight=0.05, start=80), "ewma_80"),
        (pbrtqc.Algorithm(statistic="median", window=21), "median_21"),
        (pbrtqc.Algorithm(statistic="median", window=20), "median_20"),
        (pbrtqc.Algorithm(statistic="sd", window=20), "sd_20"),
        (pbrtqc.Algorithm(statistic="proportion", window=20, abnormal=(60, 120)), "share_20"),
        (mean(20, transformation="log"), "log_mean_20"),
        (mean(20, transformation="box_cox", power=0.3), "box_cox_mean_20"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_statistics_equal_those_of_r(algorithm: pbrtqc.Algorithm, name: str) -> None:
    found = pbrtqc.statistics(GOLDEN["values"], algorithm)

    np.testing.assert_allclose(found, np.array(GOLDEN[name], dtype=float), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("outside", ["exclude", "winsorise"])
def test_truncation_counts_a_result_on_the_limit_as_within(outside: Any) -> None:
    values = [130.0, 150.0, 129.0, 151.0, 140.0]

    found = pbrtqc.statistics(values, mean(2, truncation=(130, 150), outside=outside))

    expected = {
        "exclude": [math.nan, 140.0, math.nan, math.nan, 145.0],
        "winsorise": [math.nan, 140.0, 140.0, 140.0, 145.0],
    }
    np.testing.assert_array_equal(found, expected[outside])


def test_statistics_skip_missing_results() -> None:
    found = pbrtqc.statistics([1.0, math.nan, 3.0, math.nan, 5.0], mean(2))

    np.testing.assert_array_equal(found, [math.nan, math.nan, 2.0, math.nan, 4.0])


def test_statistics_begin_anew_where_the_segment_changes() -> None:
    values = [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]
    segment = [[0, 0, 1, 1], [1, 1, 1, 1]]

    found = pbrtqc.statistics(values, mean(2), segment=segment)

    np.testing.assert_array_equal(found, [[math.nan, 1.5, math.nan, 3.5], [math.nan, 5.5, 6.5, 7.5]])


def test_statistics_of_ewma_with_window_stand_from_then_on() -> None:
    ewma = pbrtqc.Algorithm(statistic="ewma", weight=0.5, window=3, every=2)

    found = pbrtqc.statistics([4.0, 8.0, 8.0, 8.0, 8.0, 8.0], ewma)

    np.testing.assert_array_equal(found, [math.nan, math.nan, 7.0, math.nan, 7.75, math.nan])


def test_statistics_of_ewma_transform_the_start_as_the_results() -> None:
    ewma = pbrtqc.Algorithm(statistic="ewma", weight=0.5, start=1.0, transformation="log")

    found = pbrtqc.statistics([math.e**2], ewma)

    assert found.tolist() == pytest.approx([1.0])


@pytest.mark.parametrize("shape", [(0,), (0, 5), (5, 0)])
def test_statistics_and_flags_of_nothing_are_nothing(shape: tuple[int, ...]) -> None:
    empty = np.empty(shape)

    assert pbrtqc.statistics(empty, mean()).shape == shape
    assert pbrtqc.flags(empty, mean(), OPEN).shape == shape
    assert pbrtqc.flags(empty, [mean(), mean()], [OPEN, OPEN]).shape == (2, *shape)


@pytest.mark.parametrize("layout", ["fortran", "strided", "big_endian", "integers", "read_only"])
def test_flags_of_any_memory_layout_are_the_same(layout: str) -> None:
    whole = np.random.default_rng(4).integers(0, 100, (40, 300)).astype(np.float64)
    wide = np.zeros((40, 600))
    wide[:, ::2] = whole
    frozen = whole.copy()
    frozen.flags.writeable = False
    given: dict[str, NDArray[Any]] = {
        "fortran": np.asfortranarray(whole),
        "strided": wide[:, ::2],
        "big_endian": whole.astype(">f4"),
        "integers": whole.astype(np.int16),
        "read_only": frozen,
    }
    limits = pbrtqc.Limits(30, 70)

    found = pbrtqc.flags(given[layout], mean(5), limits)

    assert found.any()
    assert np.array_equal(found, pbrtqc.flags(whole, mean(5), limits))


def test_flags_take_limits_in_sorted_order_of_the_series() -> None:
    values, series = [1.0, 10.0, 1.0, 10.0], ["b", "a", "b", "a"]

    found = pbrtqc.flags(values, mean(1), pbrtqc.Limits([0.0, 5.0], [9.0, 9.0]), series=series)  # type: ignore[arg-type]

    assert found.tolist() == [True, True, True, True]
    swapped = pbrtqc.flags(values, mean(1), pbrtqc.Limits([5.0, 0.0], [11.0, 9.0]), series=series)  # type: ignore[arg-type]
    assert not swapped.any()


def test_flags_of_many_channels_keep_within_three_times_the_input() -> None:
    values = np.random.default_rng(1).standard_normal((100, 20_000), dtype=np.float32)
    algorithms = [mean(50), pbrtqc.Algorithm(statistic="ewma", weight=0.05)]
    limits = [pbrtqc.Limits(-0.1, 0.1)] * 2
    pbrtqc.flags(values, algorithms, limits)

    tracemalloc.start()
    pbrtqc.flags(values, algorithms, limits)
    beside = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert beside < values.nbytes


@pytest.mark.parametrize("channels", [1, 64], ids=["one stream", "lanes"])
@pytest.mark.parametrize("outside", ["exclude", "winsorise"])
@pytest.mark.parametrize(
    ("wrong", "options", "message"),
    [
        (math.inf, {}, "values must be finite or nan, but got inf at position"),
        (-math.inf, {"truncation": (0, 9)}, "values must be finite or nan, but got -inf at position"),
        (0.0, {"transformation": "log"}, "values must be greater than 0 to be transformed, but got 0.0 at position"),
        (-2.0, {"transformation": "box_cox", "power": 0.5}, "but got -2.0 at position"),
    ],
    ids=["inf", "minus inf", "log of 0", "power of a negative"],
)
def test_impossible_result_raises_with_its_position(
    channels: int, outside: Any, wrong: float, options: dict[str, Any], message: str
) -> None:
    values = np.ones((channels, 400))
    values[channels - 1, 333] = wrong

    for call in (
        lambda: pbrtqc.statistics(values, mean(5, outside=outside, **options)),
        lambda: pbrtqc.flags(values, mean(5, outside=outside, **options), OPEN),
    ):
        with pytest.raises(ValueError, match=message) as raised:
            call()
        assert str(raised.value).endswith(f"position {channels - 1}, 333")


@pytest.mark.parametrize("outside", ["exclude", "winsorise"])
def test_truncation_above_zero_saves_the_logarithm(outside: Any) -> None:
    values = np.ones((64, 400))
    values[:, ::7] = -1.0
    algorithm = mean(5, transformation="log", truncation=(0.5, 2), outside=outside)
    statistics = pbrtqc.statistics(values, algorithm)

    found = pbrtqc.flags(values, algorithm, pbrtqc.Limits(-0.1, 0.1))

    assert found.any() == (outside == "winsorise")
    assert np.array_equal(found, pbrtqc.Limits(-0.1, 0.1).beyond(statistics))


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (["a"], {}, "values must be numbers"),
        (np.ones((2, 2, 2)), {}, "values must have one dimension, or two"),
        (np.ones((2, 2)), {"series": [1, 2]}, "series must not be given with two-dimensional values"),
        ([1.0, 2.0], {"series": [1]}, "series must have one entry per value"),
        ([1.0, 2.0], {"segment": [1]}, "segment must have one entry per value"),
        ([1.0, 2.0], {"segment": [0.0, 1.0]}, "segment must be integers, strings or dates"),
    ],
)
def test_statistics_refuse_impossible_arguments(values: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pbrtqc.statistics(values, mean(), **options)


def test_flags_refuse_limits_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="limits must be as many as algorithms"):
        pbrtqc.flags([1.0], [mean(), mean()], [OPEN])
    with pytest.raises(ValueError, match=r"lower must be one number or one per channel \(2,\)"):
        pbrtqc.flags(np.ones((2, 3)), mean(), pbrtqc.Limits(np.zeros(3), 1.0))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"statistic": "mode", "window": 3}, "statistic must be one of mean"),
        ({"statistic": "mean"}, "window must be given for mean"),
        ({"statistic": "sd", "window": 1}, "window must be an integer not less than 2, but got 1"),
        ({"statistic": "mean", "window": 2.5}, "window must be an integer not less than 1"),
        ({"statistic": "mean", "window": 2, "every": 0}, "every must be an integer not less than 1, but got 0"),
        ({"statistic": "mean", "window": 2, "weight": 0.1}, "weight must be given for ewma and for nothing else"),
        ({"statistic": "ewma"}, "weight must be given for ewma"),
        ({"statistic": "ewma", "weight": 0}, "weight must be above 0 and at most 1, but got 0"),
        ({"statistic": "mean", "window": 2, "start": 3}, "start has a meaning for ewma only"),
        ({"statistic": "ewma", "weight": 0.1, "start": math.nan}, "start must be finite"),
        ({"statistic": "ewma", "weight": 0.1, "start": 0, "transformation": "log"}, "start must be greater than 0"),
        ({"statistic": "mean", "window": 2, "truncation": (5, 5)}, "truncation must be"),
        ({"statistic": "mean", "window": 2, "truncation": (math.nan, 5)}, "truncation must be"),
        ({"statistic": "mean", "window": 2, "outside": "drop"}, "outside must be one of exclude, winsorise"),
        ({"statistic": "mean", "window": 2, "transformation": "root"}, "transformation must be one of none"),
        ({"statistic": "mean", "window": 2, "transformation": "box_cox"}, "power must be given for box_cox"),
        ({"statistic": "mean", "window": 2, "power": 0.5}, "power must be given for box_cox and for nothing else"),
        ({"statistic": "proportion", "window": 2}, "abnormal must be given for proportion"),
        ({"statistic": "proportion", "window": 2, "abnormal": (2, 1)}, "abnormal must be"),
        (
            {"statistic": "proportion", "window": 2, "abnormal": (1, 2), "transformation": "log"},
            "transformation must be none for proportion",
        ),
    ],
)
def test_algorithm_refuses_impossible_parameters(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pbrtqc.Algorithm(**given)
