"""Whole rounds in one call against the functions for one score each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lienthong.metrology import iso13528


def two_rounds() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, labels in no order and claimed uncertainties; a value is missing."""
    rng = np.random.default_rng(4)
    groups = rng.permutation(np.repeat(["glucose", "potassium"], [40, 25]))
    values = np.where(groups == "glucose", rng.normal(5.5, 0.2, 65), rng.normal(4.1, 0.1, 65))
    values[7] = np.nan
    return values, groups, rng.uniform(0.02, 0.2, 65)


@pytest.mark.parametrize("by", ["algorithm_a", "q_hampel"])
def test_score_rounds_equals_score_by_score(by: str) -> None:
    values, groups, u = two_rounds()
    sigma_pt, delta_e = np.array([0.25, 0.12]), np.array([0.55, 0.25])

    found = iso13528.score_rounds(values, groups=groups, estimator=by, sigma_pt=sigma_pt, delta_e=delta_e, u=u)

    for at, group in enumerate(["glucose", "potassium"]):
        own = groups == group
        estimate = iso13528.algorithm_a(values[own])
        if by == "q_hampel":
            estimate = iso13528.hampel(values[own], iso13528.q_method(values[own]).s_star)
        u_x_pt = float(iso13528.u_x_pt(estimate.s_star, estimate.p))
        expected = {
            "d": iso13528.d(values[own], x_pt=estimate.x_star),
            "d_percent": iso13528.d_percent(values[own], x_pt=estimate.x_star),
            "z": iso13528.z(values[own], x_pt=estimate.x_star, sigma_pt=sigma_pt[at]),
            "z_prime": iso13528.z_prime(values[own], x_pt=estimate.x_star, sigma_pt=sigma_pt[at], u_x_pt=u_x_pt),
            "p_a": iso13528.p_a(values[own], x_pt=estimate.x_star, delta_e=delta_e[at]),
            "zeta": iso13528.zeta(values[own], x_pt=estimate.x_star, u=u[own], u_x_pt=u_x_pt),
            "e_n": iso13528.e_n(values[own], x_pt=estimate.x_star, U=2 * u[own], U_x_pt=2 * u_x_pt),
        }
        assert (found.groups[at], found.x_pt[at], found.p[at]) == (group, estimate.x_star, estimate.p)
        for name, scores in expected.items():
            np.testing.assert_allclose(getattr(found, name)[own], scores, rtol=1e-13, err_msg=name)


def test_score_rounds_without_limits_scores_by_the_round_itself() -> None:
    values, groups, _ = two_rounds()

    found = iso13528.score_rounds(values, groups=groups)

    assert found.sigma_pt.tolist() == found.s_star.tolist()
    assert (found.p_a, found.zeta, found.e_n) == (None, None, None)


def test_score_rounds_all_equal_results_have_no_scores_by_sigma_pt() -> None:
    found = iso13528.score_rounds([5.0] * 12, groups=[1] * 12)

    assert found.x_pt.tolist() == [5.0]
    assert found.d.tolist() == [0.0] * 12
    assert np.isnan(found.z).all()
    assert np.isnan(found.z_prime).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimator": "mean"}, "estimator must be algorithm_a or q_hampel, but got 'mean'"),
        ({"sigma_pt": [1.0, 2.0]}, "sigma_pt must be one number or one per group"),
        ({"sigma_pt": 0.0}, "sigma_pt must be greater than 0"),
        ({"u": [0.1]}, "u must have one entry per value"),
        ({"u": [0.1, -0.1]}, "u must not be negative"),
        ({"k": 0}, "k must be greater than 0"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_score_rounds_impossible_input_raises_naming_the_argument(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        iso13528.score_rounds([1.0, 2.0], groups=[1, 1], **arguments)


def test_score_rounds_infinite_value_raises() -> None:
    with pytest.raises(ValueError, match="values must be finite or nan, but got inf at position 1"):
        iso13528.score_rounds([1.0, np.inf], groups=[1, 1])
