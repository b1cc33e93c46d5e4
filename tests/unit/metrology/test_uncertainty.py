"""What explains a difference, against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lienthong.metrology import uncertainty


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
