"""Kernel densities and their modes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lienthong.metrology import iso13528

GOLDEN = Path(__file__).parents[3] / "golden" / "iso13528_rounds.json"


def plain(values: list[float], h: float, at: np.ndarray) -> np.ndarray:
    return np.array([np.mean(stats.norm.pdf(point, values, h)) for point in at])


def test_kernel_density_equals_r() -> None:
    r = json.loads(GOLDEN.read_text(encoding="utf-8"))["kernel"]

    found = iso13528.kernel_density(r["values"], bandwidth=r["bandwidth"], points=20_001)

    assert np.interp(r["at"], found.grid[0], found.density[0]) == pytest.approx(np.array(r["density"]), rel=1e-6)
    assert found.modes().tolist() == [2]


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 2)), min_size=1, max_size=20), st.floats(0.3, 3))
def test_kernel_density_by_group_equals_the_plain_sum(rows: list[tuple[int, int]], h: float) -> None:
    values, groups = (np.array(column) for column in zip(*rows, strict=True))

    found = iso13528.kernel_density(values / 4, bandwidth=h, groups=groups, points=600)

    for place, group in enumerate(found.groups):
        own = (values[groups == group] / 4).tolist()
        assert found.density[place] == pytest.approx(plain(own, h, found.grid[place]), rel=1e-9, abs=1e-15)
        area = np.trapezoid(found.density[place], found.grid[place])
        assert area == pytest.approx(1, abs=1e-4)
        shares = found.mode_share[found.mode_group == place]
        assert shares.sum() == pytest.approx(1, abs=1e-9)
        assert np.all(shares > 0)


def test_kernel_density_modes_of_two_methods_are_found_with_their_shares() -> None:
    rng = np.random.default_rng(8)
    values = np.concatenate([rng.normal(5, 0.2, 700), rng.normal(8, 0.2, 300), rng.normal(5, 0.2, 500), [9.0]])
    groups = np.repeat(["both", "one"], [1000, 501])

    found = iso13528.kernel_density(values, bandwidth=0.2, groups=groups)

    assert found.modes(least_share=0.05).tolist() == [2, 1]
    assert found.modes().tolist() == [2, 2]
    assert found.mode[:2] == pytest.approx([5, 8], abs=0.05)
    assert found.mode_share[:2] == pytest.approx([0.7, 0.3], abs=0.005)


def test_kernel_density_single_value_is_the_kernel() -> None:
    found = iso13528.kernel_density([7.0, np.nan], bandwidth=[0.5, 0.5], groups=[1, 2])

    assert found.mode == pytest.approx([7.0])
    assert found.mode_density == pytest.approx([stats.norm.pdf(0, scale=0.5)], rel=1e-4)
    assert found.modes().tolist() == [1, 0]
    assert np.isnan(found.density[1]).all()


def test_kernel_bandwidth_by_hand() -> None:
    assert iso13528.kernel_bandwidth([1.0, 2.0], [1, 32]) == pytest.approx([0.9, 0.9])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.kernel_density([1.0], bandwidth=0), "bandwidth must be greater than 0"),
        (lambda: iso13528.kernel_density([1.0], bandwidth=np.nan), "bandwidth must be known"),
        (lambda: iso13528.kernel_density([1.0], bandwidth=1, points=4), "points must be at least 16"),
        (lambda: iso13528.kernel_density([0.0, 5000.0], bandwidth=1.0), "points must be at least 10017 for values"),
        (lambda: iso13528.kernel_density([1.0, 2.0], bandwidth=[1, 1]), "bandwidth must be one number or one per"),
        (lambda: iso13528.kernel_bandwidth(0, 5), "s_star must be greater than 0"),
    ],
)
def test_kernel_density_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
