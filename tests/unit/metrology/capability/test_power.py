"""Power of control rules against closed forms, published values and independent simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from lienthong.metrology import capability

SHIFTS = np.array([0.0, 0.7, -1.5, 2.5, 4.0])


def within(k: float, shift: np.ndarray | float = 0.0, ratio: float = 1.0) -> np.ndarray:
    return ndtr((k - shift) / ratio) - ndtr((-k - shift) / ratio)


@pytest.mark.parametrize(("n", "percent"), [(1, 4.55), (2, 8.89), (3, 13.04), (4, 17.00)])
def test_false_rejection_of_1_2s_is_the_known_one(n: int, percent: float) -> None:
    found = capability.false_rejection(["1_2s"], n=n)

    assert round(100 * found.first_run, 2) == percent
    assert found.first_run == pytest.approx(found.long_run, rel=1e-13)
    assert found.first_run == pytest.approx(1 - within(2.0) ** n, rel=1e-12)
    assert found.first_run_standard_error == found.long_run_standard_error == 0


@pytest.mark.parametrize("runs", [1, 3])
@pytest.mark.parametrize("ratio", [1.0, 1.8])
def test_power_of_a_single_limit_is_the_closed_form(runs: int, ratio: float) -> None:
    found = capability.power(["1_2.5s"], n=3, runs=runs, shift=SHIFTS, sd_ratio=ratio)

    assert found.exact
    np.testing.assert_allclose(found.rejection, 1 - within(2.5, SHIFTS, ratio) ** (3 * runs), rtol=1e-12)


def test_power_of_a_run_of_two_is_the_closed_form() -> None:
    found = capability.power(["1_3s", "2_2s_across", "R_4s"], n=2, shift=SHIFTS)
    high, low = ndtr(3 - SHIFTS) - ndtr(2 - SHIFTS), ndtr(-2 - SHIFTS) - ndtr(-3 - SHIFTS)

    accepted = within(3.0, SHIFTS) ** 2 - high**2 - low**2 - 2 * high * low

    np.testing.assert_allclose(found.rejection, 1 - accepted, rtol=1e-10)


def test_power_of_a_run_of_three_is_the_closed_form() -> None:
    found = capability.power(["2of3_2s_across"], n=3, shift=SHIFTS)
    high, low = ndtr(SHIFTS - 2), ndtr(-2 - SHIFTS)

    np.testing.assert_allclose(found.rejection, 3 * high**2 - 2 * high**3 + 3 * low**2 - 2 * low**3, rtol=1e-10)


@pytest.mark.parametrize(
    ("rules", "n", "levels", "runs"),
    [
        (["1_3s", "2of3_2s_across", "R_4s", "3_1s_across"], 3, 3, 1),
        (["1_3s", "2_2s_across", "R_4s", "4_1s_across"], 4, 2, 1),
        (["2_2s", "2_2s_across"], 2, 2, 3),
        (["1_3s", "2_2s", "4x"], 1, 1, 6),
    ],
)
def test_power_exact_agrees_with_simulation_by_other_means(rules: list[str], n: int, levels: int, runs: int) -> None:
    m, shift, ratio = 40_000, 1.0, 1.3
    z = np.random.default_rng(9).normal(shift, ratio, (m, runs, n))

    found = capability.power(rules, n=n, levels=levels, runs=runs, shift=shift, sd_ratio=ratio)
    p = np.mean([_rejected(rules, one, levels) for one in z[:4000]])

    assert found.exact
    assert found.rejection == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 4000))


def _rejected(rules: list[str], z: np.ndarray, levels: int) -> bool:
    """Judge some runs, shape (runs, n), by the rules' words; the results of a run stand by level."""
    by_level = [z.reshape(z.shape[0], levels, -1)[:, level].ravel() for level in range(levels)]
    across = z.ravel()
    level_of = np.tile(np.repeat(np.arange(levels), z.shape[1] // levels), z.shape[0])

    def stretch(values: np.ndarray, n: int, k: float, of: np.ndarray | None = None) -> bool:
        return any(
            (all(values[i : i + n] > k) or all(values[i : i + n] < -k)) and (of is None or len(set(of[i : i + n])) > 1)
            for i in range(values.size - n + 1)
        )

    said = {
        "1_3s": lambda: bool(np.any(np.abs(z) > 3)),
        "2_2s": lambda: any(stretch(one, 2, 2) for one in by_level),
        "4x": lambda: any(stretch(one, 4, 0) for one in by_level),
        "2_2s_across": lambda: any(stretch(run, 2, 2, level_of[: run.size]) for run in z),
        "R_4s": lambda: any(run.max() > 2 and run.min() < -2 for run in z),
        "2of3_2s_across": lambda: any(np.sum(run > 2) >= 2 or np.sum(run < -2) >= 2 for run in z),
        "3_1s_across": lambda: stretch(across, 3, 1, level_of),
        "4_1s_across": lambda: stretch(across, 4, 1, level_of),
    }
    return any(said[rule]() for rule in rules)


def test_long_run_rate_of_2_2s_is_the_closed_form() -> None:
    tail = float(ndtr(-2.0))

    found = capability.false_rejection(["2_2s"], n=2)

    assert found.first_run == 0
    assert found.long_run == pytest.approx(1 - (1 - 2 * tail**2) ** 2, rel=1e-11)


@pytest.mark.parametrize("n", [1, 2])
def test_long_run_rate_of_4x_is_the_closed_form(n: int) -> None:
    found = capability.long_run_power(["4x"], n=n, shift=[0.0, 1.0])
    p = ndtr(np.array([0.0, 1.0]))

    assert found.exact
    np.testing.assert_allclose(found.rejection, 1 - (1 - p**4 - (1 - p) ** 4) ** n, rtol=1e-11)


def test_long_run_rate_of_2of3_has_no_beginning_in_it() -> None:
    tail = float(ndtr(-2.0))
    completed_by_the_last = tail * (1 - (1 - tail) ** 2)

    found = capability.long_run_power(["2of3_2s"], n=1)

    assert float(found.rejection) == pytest.approx(2 * completed_by_the_last, rel=1e-11)


def test_power_simulated_agrees_with_exact_within_its_standard_error() -> None:
    arguments = {"n": 2, "runs": 2, "shift": [0.0, 1.0, 2.0]}

    exact = capability.power(["1_3s", "2_2s"], **arguments)
    simulated = capability.power(["1_3s", "2_2s", "40T"], **arguments, seed=10)

    assert exact.exact
    assert not simulated.exact
    np.testing.assert_array_less(np.abs(simulated.rejection - exact.rejection), 4 * simulated.standard_error)
    np.testing.assert_allclose(
        simulated.standard_error, np.sqrt(exact.rejection * (1 - exact.rejection) / 20_000), rtol=0.2
    )


def test_long_run_rate_of_10x_is_simulated_to_what_is_known() -> None:
    found = capability.false_rejection(["10x"], n=2, simulations=60_000, seed=np.random.default_rng(11))
    expected = 1 - (1 - 2**-9) ** 2

    assert found.first_run == 0
    assert found.long_run == pytest.approx(expected, abs=4 * found.long_run_standard_error)
    assert 0 < found.long_run_standard_error < 0.001


@pytest.mark.parametrize(("rule", "levels"), [("R_4s_range", 2), ("R_4s_consecutive", 1)])
def test_power_of_a_range_is_simulated_to_the_closed_form(rule: str, levels: int) -> None:
    found = capability.power([rule], n=2, levels=levels, sd_ratio=2.0, seed=16)
    expected = 2 * float(ndtr(-4 / np.sqrt(8)))

    assert not found.exact
    assert found.rejection == pytest.approx(expected, abs=4 * float(found.standard_error))


def test_power_with_the_same_seed_is_the_same() -> None:
    first, second = (capability.power(["7T"], n=1, runs=12, simulations=2000, seed=12) for _ in range(2))

    assert first.rejection == second.rejection
    assert first.standard_error > 0


def test_power_rises_with_shift_and_is_the_same_in_both_directions() -> None:
    shifts = np.linspace(0, 6, 25)
    rules = ["1_3s", "2_2s_across", "R_4s", "4_1s_across"]

    up, down = (capability.power(rules, n=4, levels=2, shift=side * shifts).rejection for side in (1, -1))

    np.testing.assert_allclose(up, down, rtol=1e-9)
    assert (np.diff(up) > 0).all()
    assert up[-1] == pytest.approx(1.0, abs=1e-9)


def test_power_broadcasts_shift_and_sd() -> None:
    found = capability.power(["1_3s"], n=1, shift=[[0.0], [float(ndtri(0.9))]], sd_ratio=[1.0, 2.0])

    assert found.rejection.shape == found.standard_error.shape == (2, 2)
    assert found.rejection[0, 1] == pytest.approx(1 - within(3.0, 0.0, 2.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: capability.power("1_3s", n=1), "rules must be several names, but got one string"),
        (lambda: capability.power([], n=1), "rules must be several names, at least one"),
        (lambda: capability.power(["3s"], n=1), "'3s' is not a control rule"),
        (lambda: capability.power(["1_3s"], n=0), "n must be a whole number of at least 1"),
        (lambda: capability.power(["1_3s"], n=3, levels=2), "n must be a multiple of levels"),
        (lambda: capability.power(["1_3s"], n=2, runs=0), "runs must be a whole number of at least 1"),
        (lambda: capability.power(["1_3s"], n=2, shift=np.nan), "shift must be known"),
        (lambda: capability.power(["1_3s"], n=2, sd_ratio=0), "sd_ratio must be greater than 0"),
        (lambda: capability.power(["7T"], n=2, runs=9), "seed must be given: 7T can't be told exactly"),
        (lambda: capability.power(["7T"], n=2, runs=9, seed=1, simulations=0), "simulations must be a whole number"),
    ],
)
def test_power_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
