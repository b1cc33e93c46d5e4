"""Unreliable results against a simulation of patients, control events and corrections, event by event."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtr

from lienthong.metrology import capability

TEA, BIAS, CV = 8.0, 1.0, 2.0


def followed(shift: float, *, run_size: int, times: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each of `times` failures, its results out of control that are final, and those that are corrected.

    Control events of two results by 1-3s. The failure begins before one of the results of a bracket.
    """
    random = np.random.default_rng(seed)
    final, correctable = np.zeros(times), np.zeros(times)
    for i in range(times):
        since_accepted = random.uniform(0, run_size)
        while np.all(np.abs(random.normal(shift, 1, 2)) <= 3):
            final[i] += since_accepted
            since_accepted = run_size
        correctable[i] = since_accepted
    return final, correctable


@pytest.mark.parametrize("shift", [1.0, 2.0, -2.5, 4.0])
def test_unreliable_results_equal_a_simulation_of_control_events(shift: float) -> None:
    detection = capability.power(["1_3s"], n=2, shift=shift).rejection

    found = capability.unreliable_results(shift, detection, tea=TEA, bias=BIAS, cv=CV, run_size=60)
    final, correctable = followed(shift, run_size=60, times=8000, seed=13)

    for expected, counted in ((found.final, final), (found.correctable, correctable)):
        simulated, error = found.probability * counted.mean(), counted.std() / np.sqrt(counted.size)
        assert abs(simulated - expected) < 4 * abs(found.probability) * error + 1e-12


@pytest.mark.parametrize("shift", [0.0, 1.5, -1.5, 3.0])
def test_unreliable_probability_equals_a_simulation_of_results(shift: float) -> None:
    errors = np.random.default_rng(14).normal(size=400_000)

    found = capability.unreliable_probability(shift, tea=TEA, bias=BIAS, cv=CV)
    more = np.mean(np.abs(BIAS + CV * (errors + shift)) > TEA) - np.mean(np.abs(BIAS + CV * errors) > TEA)

    assert float(found) == pytest.approx(more, abs=0.003)


def test_unreliable_results_add_up_to_all_until_detection() -> None:
    detection = np.array([0.01, 0.3, 0.9, 1.0])

    found = capability.unreliable_results(2.0, detection, tea=TEA, bias=BIAS, cv=CV, run_size=10)

    np.testing.assert_allclose(found.final + found.correctable, found.probability * 10 * (1 / detection - 0.5))
    assert found.final[-1] == 0


def test_unreliable_results_that_are_never_found_are_infinite_unless_harmless() -> None:
    found = capability.unreliable_results([0.0, 2.0], 0.0, tea=TEA, bias=0.0, cv=CV, run_size=10)

    assert found.final.tolist() == [0.0, np.inf]


def test_largest_run_keeps_the_risk_at_every_shift_and_no_smaller() -> None:
    found = capability.largest_run(["1_3s"], n=2, tea=TEA, bias=BIAS, cv=CV, limit=1.0)
    shifts = np.linspace(-10, 10, 20_001)
    detection = 1 - (ndtr(3 - shifts) - ndtr(-3 - shifts)) ** 2

    def most(run_size: float) -> float:
        one = capability.unreliable_results(shifts, detection, tea=TEA, bias=BIAS, cv=CV, run_size=run_size)
        return float(one.final.max())

    assert most(found.run_size) <= 1.0 < most(found.run_size + 1)
    assert found.most_final == pytest.approx(most(1.0), rel=1e-4)
    assert found.shift > 0
    assert found.detection_standard_error == 0


def test_largest_run_grows_with_sigma_and_with_the_power_of_the_rules() -> None:
    def size(rules: list[str], n: int, tea: float) -> float:
        return capability.largest_run(rules, n=n, tea=tea, bias=0.0, cv=2.0, limit=1.0).run_size

    assert size(["1_3s"], 2, 8) < size(["1_3s", "2_2s_across", "R_4s"], 2, 8) < size(["1_2s"], 2, 8)
    assert size(["1_3s"], 2, 8) < size(["1_3s"], 3, 8) < size(["1_3s"], 2, 12)


def test_largest_run_of_a_negative_bias_mirrors_that_of_a_positive() -> None:
    up, down = (capability.largest_run(["1_3s"], n=2, tea=TEA, bias=b, cv=CV, limit=1.0) for b in (1.0, -1.0))

    assert up.run_size == down.run_size
    assert up.shift == -down.shift


def test_largest_run_simulated_is_near_the_exact_one() -> None:
    shifts = np.arange(0.5, 6, 0.25)
    arguments = {"n": 2, "tea": TEA, "bias": 0.0, "cv": CV, "limit": 1.0, "shifts": shifts}

    exact = capability.largest_run(["1_3s"], **arguments)
    simulated = capability.largest_run(["1_3s", "40T"], **arguments, seed=15)

    assert simulated.run_size == pytest.approx(exact.run_size, rel=0.1)
    assert simulated.detection_standard_error > 0


def test_largest_run_too_little_for_one_result_is_none() -> None:
    found = capability.largest_run(["1_3s"], n=1, tea=2.0, bias=0.0, cv=2.0, limit=0.01)

    assert found.run_size == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: capability.unreliable_probability(1, tea=0, bias=0, cv=1), "tea must be greater than 0"),
        (lambda: capability.unreliable_results(1, 1.5, tea=1, bias=0, cv=1, run_size=1), "detection must be within"),
        (lambda: capability.unreliable_results(1, np.nan, tea=1, bias=0, cv=1, run_size=1), "detection must be known"),
        (lambda: capability.unreliable_results(1, 0.5, tea=1, bias=0, cv=1, run_size=0), "run_size must be greater"),
        (lambda: capability.largest_run(["1_3s"], n=1, tea=8, bias=0, cv=2, limit=0), "limit must be greater than 0"),
        (lambda: capability.largest_run(["1_3s"], n=1, tea=8, bias=np.nan, cv=2, limit=1), "bias must be known"),
        (lambda: capability.largest_run(["1_3s"], n=1, tea=8, bias=0, cv=2, limit=1, shifts=[]), "shifts must have"),
        (lambda: capability.largest_run(["7T"], n=2, tea=8, bias=0, cv=2, limit=1), "seed must be given"),
    ],
)
def test_risk_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
