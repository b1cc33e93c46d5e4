"""What holds for every robust estimator whatever the values: units, order, and how much contamination it bears."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lienthong.metrology import iso13528

Values = NDArray[np.float64]


def by_algorithm_a(values: Values) -> tuple[float, float]:
    found = iso13528.algorithm_a(values)
    return found.x_star, found.s_star


def by_q_and_hampel(values: Values) -> tuple[float, float]:
    s_star = iso13528.q_method(values).s_star
    return iso13528.hampel(values, s_star).x_star, s_star


def by_made(values: Values) -> tuple[float, float]:
    found = iso13528.made(values)
    return found.x_star, found.s_star


def by_niqr(values: Values) -> tuple[float, float]:
    found = iso13528.niqr(values)
    return found.x_star, found.s_star


Estimator = Callable[[Values], tuple[float, float]]
ESTIMATORS: list[Estimator] = [by_algorithm_a, by_q_and_hampel, by_made, by_niqr]
sixteenths = st.lists(st.integers(-900, 900).map(lambda n: n / 16), min_size=5, max_size=25)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: one.__name__)
@settings(max_examples=40, deadline=None)
@given(given_values=sixteenths, shift=st.sampled_from([0.0, 64.0, -1024.0]), scale=st.sampled_from([0.25, 8.0, -2.0]))
def test_estimator_shifted_and_scaled_values_move_alike(
    estimator: Estimator, given_values: list[float], shift: float, scale: float
) -> None:
    values = np.array(given_values)

    (x_star, s_star), (moved_x, moved_s) = estimator(values), estimator(shift + scale * values)

    assert moved_x == pytest.approx(shift + scale * x_star, rel=1e-9, abs=1e-9)
    assert moved_s == pytest.approx(abs(scale) * s_star, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: one.__name__)
@settings(max_examples=40, deadline=None)
@given(given_values=sixteenths, seed=st.integers(0, 99))
def test_estimator_values_in_another_order_give_the_same(
    estimator: Estimator, given_values: list[float], seed: int
) -> None:
    values = np.array(given_values)

    assert estimator(np.random.default_rng(seed).permutation(values)) == estimator(values)


@settings(max_examples=40, deadline=None)
@given(given_values=sixteenths, scale=st.sampled_from([0.25, 8.0]), seed=st.integers(0, 99))
def test_algorithm_s_scaled_and_shuffled_values_scale_alike(given_values: list[float], scale: float, seed: int) -> None:
    w = np.abs(np.array(given_values))
    shuffled = scale * np.random.default_rng(seed).permutation(w)

    moved = iso13528.algorithm_s(shuffled, 2).w_star

    assert moved == pytest.approx(scale * iso13528.algorithm_s(w, 2).w_star, rel=1e-9, abs=1e-12)


# The largest share of the values that may lie anywhere on one side, and a share that it doesn't bear.
BREAKDOWN = [
    (by_made, 0.49, 0.51),
    (by_niqr, 0.24, 0.26),
    (by_algorithm_a, 0.24, 0.45),
    (by_q_and_hampel, 0.45, 0.55),
]


@pytest.mark.parametrize(("estimator", "borne", "too_much"), BREAKDOWN, ids=lambda one: getattr(one, "__name__", one))
def test_estimator_bears_wrong_values_up_to_its_breakdown_point(
    estimator: Estimator, borne: float, too_much: float
) -> None:
    good = np.random.default_rng(2).normal(100, 5, 400)

    def spread_with(share: float) -> float:
        spoiled = good.copy()
        spoiled[: round(share * good.size)] = np.linspace(1e8, 2e8, round(share * good.size))
        return estimator(spoiled)[1]

    assert spread_with(borne) < 100
    assert spread_with(too_much) > 1e5
