"""Allowable limits, standard deviations for proficiency assessment, signals and plausibility."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lienthong.metrology import iso13528


def test_p_a_and_delta_e_prime_by_hand() -> None:
    assert iso13528.p_a([12.0, 9.0], x_pt=10, delta_e=4).tolist() == [50.0, -25.0]
    assert iso13528.delta_e_prime([4.0, 5.0], [3.0, 0.0]).tolist() == [5.0, 5.0]
    assert np.isnan(iso13528.p_a(np.nan, x_pt=10, delta_e=4))


@pytest.mark.shared
def test_sigma_pt_examples_of_the_standard(shared_data: Path) -> None:
    printed = json.loads((shared_data / "eqa" / "iso13528_printed_examples.json").read_text(encoding="utf-8"))
    horwitz, experiment = printed["E.9_Horwitz"], printed["E.10"]

    by_model = iso13528.sigma_pt_from_model([case["c_mg_per_kg"] for case in horwitz], unit=1e-6)
    by_experiment = iso13528.sigma_pt_from_precision(experiment["s_R"], experiment["s_r"], m=experiment["n_replicates"])

    assert by_model == pytest.approx([case["sigma_pt"] for case in horwitz], abs=0.0005)
    assert float(by_experiment) == pytest.approx(experiment["sigma_pt"], abs=0.05)


@pytest.mark.parametrize(
    ("c", "sigma_pt"),
    [(1e-8, 0.22e-8), (1.2e-7, 0.02 * 1.2e-7**0.8495), (0.138, 0.02 * 0.138**0.8495), (0.25, 0.005), (0.0, 0.0)],
    ids=["trace", "lower break", "upper break", "high", "nothing"],
)
def test_sigma_pt_from_model_breaks(c: float, sigma_pt: float) -> None:
    assert float(iso13528.sigma_pt_from_model(c, unit=1.0)) == pytest.approx(sigma_pt, rel=1e-14)
    assert float(iso13528.sigma_pt_from_model(c * 1e9, unit=1e-9)) == pytest.approx(sigma_pt * 1e9, rel=1e-12)


def test_sigma_pt_single_results_scatter_by_reproducibility() -> None:
    assert float(iso13528.sigma_pt_from_precision(3.0, 2.0)) == 3.0
    assert iso13528.sigma_pt_from_round([0.1, np.nan, 2.0], upper=1.0)[[0, 2]].tolist() == [0.1, 1.0]
    assert float(iso13528.delta_e_from_sigma_pt(iso13528.sigma_pt_from_limit(4.5, 3))) == 4.5
    assert float(iso13528.sigma_pt_from_percent(20, 5)) == 1.0


@pytest.mark.parametrize(
    ("e_n", "verdict"),
    [(0.999, "satisfactory"), (-0.999, "satisfactory"), (1.0, "unsatisfactory"), (-1.0, "unsatisfactory")],
)
def test_e_n_verdict_one_is_a_signal(e_n: float, verdict: str) -> None:
    assert iso13528.e_n_verdict(e_n) is iso13528.Verdict(verdict)


def test_action_signals_two_warnings_in_successive_rounds() -> None:
    z = [2.5, 2.5, 2.5, np.nan, 2.5, 1.0, -3.5, -2.1, 2.2, 2.0]
    rounds = [2, 1, 1, 2, 3, 4, 5, 6, 7, 8]
    groups = ["A", "A", "B", "B", "B", "B", "B", "B", "B", "B"]

    found = iso13528.action_signals(z, rounds=rounds, groups=groups)

    assert found.tolist() == [True, False, False, False, False, False, True, True, True, False]


def test_u_plausibility_bounds_are_plausible() -> None:
    found = iso13528.u_plausibility([0.05, 0.6, 0.049, 0.61, np.nan], u_min=0.05, u_max=0.6)

    assert found.tolist() == ["plausible", "plausible", "low", "high", "not_evaluated"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.p_a(1, x_pt=1, delta_e=0), "delta_e must be greater than 0"),
        (lambda: iso13528.delta_e_prime(1, -1), "U_x_pt must not be negative"),
        (lambda: iso13528.sigma_pt_from_model(1.1, unit=1), "x_pt must be a mass fraction of at most 1"),
        (lambda: iso13528.sigma_pt_from_model(-1, unit=1), "x_pt must not be negative"),
        (lambda: iso13528.sigma_pt_from_precision(1, 2), "s_r must not exceed s_R"),
        (lambda: iso13528.sigma_pt_from_precision(2, 1, m=0), "m must be at least 1, but got 0"),
        (lambda: iso13528.sigma_pt_from_round(1, lower=2, upper=1), "lower must not exceed upper"),
        (lambda: iso13528.u_plausibility(1, u_min=2, u_max=1), "u_min must not exceed u_max"),
        (lambda: iso13528.action_signals([1, 2], rounds=[1, 1]), "round 1 is there twice"),
        (lambda: iso13528.action_signals([1.0], rounds=[1], warning=3), "warning must be above 0 and below action"),
    ],
)
def test_limits_impossible_input_raises_naming_the_argument(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
