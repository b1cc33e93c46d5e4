"""What explains a difference, against numbers worked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.metrology import uncertainty

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "uncertainty.json").read_text(encoding="utf-8"))


def test_measurement_difference_by_hand() -> None:
    found = uncertainty.measurement_difference([3.0, 0.0, np.nan], [4.0, 2.0, 1.0])

    assert found[:2] == pytest.approx([9.8, 3.92], rel=1e-15)
    assert np.isnan(found[2])
    assert float(uncertainty.measurement_difference(3, 4, k=2)) == 10.0


@pytest.mark.parametrize(
    ("given", "percent"),
    [
        ({"cv_a1": 1, "cv_a2": 4, "cv_i": 2}, 1.96 * 5),  # 1 + 16 + 2·4 = 25
        ({"cv_a1": 1, "cv_a2": 4, "cv_i": 2, "z": 2.0}, 10.0),
        ({"cv_a1": 1, "cv_a2": 4, "cv_i": 2, "z": 2.0, "bias_difference": -3.0}, 13.0),
        ({"cv_a1": 1, "cv_a2": 4, "cv_i": 2, "z": 2.0, "bias_difference": 3.0, "u_bias": 12.0}, 29.0),
        ({"cv_a1": 0, "cv_a2": 0, "cv_i": 0}, 0.0),
        ({"cv_a1": 3, "cv_a2": 3, "cv_i": 4}, 1.96 * 2**0.5 * 5),
        ({"cv_a1": 3, "cv_a2": np.nan, "cv_i": 4}, np.nan),
    ],
)
def test_reference_change_value_by_hand(given: dict[str, float], percent: float) -> None:
    assert float(uncertainty.reference_change_value(**given)) == pytest.approx(percent, rel=1e-14, nan_ok=True)


def test_reference_change_value_two_normal_results_of_one_patient_exceed_it_in_five_percent() -> None:
    rng = np.random.default_rng(20)
    own = rng.normal(100, 5, (2, 200_000))
    first, second = own[0] + rng.normal(0, 3, 200_000), own[1] + rng.normal(0, 4, 200_000)

    limit = float(uncertainty.reference_change_value(3, 4, 5))

    assert np.mean(np.abs(first - second) > limit) == pytest.approx(0.05, abs=0.002)


@pytest.mark.parametrize("name", ["cv_a1", "cv_a2", "cv_i", "u_bias"])
def test_reference_change_value_negative_spread_raises_naming_it(name: str) -> None:
    given = {"cv_a1": 1.0, "cv_a2": 1.0, "cv_i": 1.0, name: -0.1}
    with pytest.raises(ValueError, match=f"{name} must not be negative, but got -0.1"):
        uncertainty.reference_change_value(**given)


def test_coverage_not_above_zero_raises() -> None:
    with pytest.raises(ValueError, match="k must be greater than 0"):
        uncertainty.measurement_difference(1, 1, k=0)
    with pytest.raises(ValueError, match="z must be greater than 0"):
        uncertainty.reference_change_value(1, 1, 1, z=-1.96)


@pytest.mark.parametrize(
    ("bias", "u_bias", "found"), [(0.0, 0.0, 9.8), (-2.0, 0.0, 11.8), (2.0, 12.0, 2 + 1.96 * 13), (np.nan, 0.0, np.nan)]
)
def test_measurement_difference_with_bias_by_hand(bias: float, u_bias: float, found: float) -> None:
    limit = uncertainty.measurement_difference(3.0, 4.0, bias_difference=bias, u_bias=u_bias)

    assert float(limit) == pytest.approx(found, rel=1e-14, nan_ok=True)


def test_lognormal_change_equals_quantiles_of_r() -> None:
    change = uncertainty.reference_change_value_lognormal(5.0, 8.0, 20.0)

    assert [float(change.rise), float(change.fall)] == pytest.approx(GOLDEN["lognormal"], rel=1e-12)


def test_lognormal_change_of_small_cvs_approaches_the_symmetric_one() -> None:
    cvs = np.array([0.01, 0.02, 0.03])

    change = uncertainty.reference_change_value_lognormal(cvs, cvs, cvs, bias_difference=0.01, u_bias=0.005)

    symmetric = uncertainty.reference_change_value(cvs, cvs, cvs, bias_difference=0.01, u_bias=0.005)
    assert change.rise == pytest.approx(symmetric, rel=2e-3)
    assert -change.fall == pytest.approx(symmetric, rel=2e-3)


@given(cvs=st.tuples(*[st.floats(0, 80)] * 3), bias=st.floats(-50, 50))
def test_lognormal_rise_and_fall_undo_each_other(cvs: tuple[float, float, float], bias: float) -> None:
    change = uncertainty.reference_change_value_lognormal(*cvs, bias_difference=bias)

    assert (1 + change.rise / 100) * (1 + change.fall / 100) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("one_sided", [False, True])
def test_probability_of_change_at_the_reference_change_value_is_its_confidence(one_sided: bool) -> None:
    z = 1.6448536269514722 if one_sided else 1.959963984540054
    limit = uncertainty.reference_change_value(3.0, 4.0, 4.5, z=z, bias_difference=1.0, u_bias=2.0)

    found = uncertainty.probability_of_change(
        limit, 3.0, 4.0, 4.5, bias_difference=1.0, u_bias=2.0, one_sided=one_sided
    )

    assert float(found) == pytest.approx(0.95, rel=1e-12)


def test_probability_of_change_without_variation_raises() -> None:
    with pytest.raises(ValueError, match="must not all be 0"):
        uncertainty.probability_of_change([1.0, 2.0], 0.0, 0.0, [0.0, 1.0])


def test_lognormal_bias_of_minus_hundred_percent_raises() -> None:
    with pytest.raises(ValueError, match=r"100 \+ bias_difference must be greater than 0"):
        uncertainty.reference_change_value_lognormal(1, 1, 1, bias_difference=-100)


def test_index_of_individuality_by_hand() -> None:
    assert uncertainty.index_of_individuality([3.0, np.nan], 10.0, cv_a=4.0)[0] == 0.5
    with pytest.raises(ValueError, match="cv_g must be greater than 0"):
        uncertainty.index_of_individuality(3.0, 0.0)


@pytest.mark.parametrize(
    ("given", "n"),
    [
        ({"cv_a": 0, "cv_i": 5, "within": 5, "z": 2.0}, 4),  # whole on paper
        ({"cv_a": 0, "cv_i": 5.01, "within": 5, "z": 2.0}, 5),
        ({"cv_a": 3, "cv_i": 6, "within": 5}, 7),  # 45·1.96²/25 = 6.9
        ({"cv_a": 3, "cv_i": 6, "within": 5, "replicates": 9}, 6),  # 37·1.96²/25 = 5.7
        ({"cv_a": 0.1, "cv_i": 0.1, "within": 20}, 1),
    ],
)
def test_specimens_for_set_point_by_hand(given: dict[str, float], n: int) -> None:
    assert float(uncertainty.specimens_for_set_point(**given)) == n


def test_specimens_for_set_point_part_of_a_replicate_raises() -> None:
    with pytest.raises(ValueError, match=r"replicates must be a whole number of at least 1, but got 1\.5"):
        uncertainty.specimens_for_set_point(1, 1, within=1, replicates=1.5)
