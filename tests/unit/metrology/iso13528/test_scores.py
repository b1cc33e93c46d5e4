"""Scores and criteria of proficiency testing against numbers worked by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lienthong.metrology import iso13528


def test_scores_by_hand() -> None:
    values = [12.0, 9.0, np.nan]

    assert iso13528.d(values, x_pt=10).tolist()[:2] == [2.0, -1.0]
    assert iso13528.d_percent(values, x_pt=10).tolist()[:2] == [20.0, -10.0]
    assert iso13528.z(values, x_pt=10, sigma_pt=0.8).tolist()[:2] == [2.5, -1.25]
    assert iso13528.z_prime(values, x_pt=10, sigma_pt=0.8, u_x_pt=0.6).tolist()[:2] == [2.0, -1.0]
    assert iso13528.zeta(values, x_pt=10, u=[0.3, 0.5, 0.3], u_x_pt=[0.4, 1.2, 0.4]).tolist()[:2] == [4.0, -1 / 1.3]
    assert iso13528.e_n(values, x_pt=10, U=3.0, U_x_pt=4.0).tolist()[:2] == [0.4, -0.2]


def test_scores_missing_result_stays_missing() -> None:
    scores = [
        iso13528.z([np.nan], x_pt=10, sigma_pt=1),
        iso13528.z_prime([np.nan], x_pt=10, sigma_pt=1, u_x_pt=1),
        iso13528.zeta([np.nan], x_pt=10, u=1, u_x_pt=1),
        iso13528.e_n([np.nan], x_pt=10, U=1, U_x_pt=1),
        iso13528.d_percent([np.nan], x_pt=10),
    ]

    assert np.isnan(scores).all()


@pytest.mark.parametrize(
    ("score", "verdict"),
    [
        (0.0, "satisfactory"),
        (2.0, "satisfactory"),
        (-2.0, "satisfactory"),
        (2.0001, "questionable"),
        (-2.9999, "questionable"),
        (3.0, "unsatisfactory"),
        (-3.0, "unsatisfactory"),
        (30.0, "unsatisfactory"),
        (float("nan"), "not_evaluated"),
    ],
)
def test_z_verdict_follows_the_signals(score: float, verdict: str) -> None:
    assert iso13528.z_verdict(score) is iso13528.Verdict(verdict)
    assert np.asarray(iso13528.z_verdict([score, score])).tolist() == [verdict, verdict]


def test_z_verdict_other_limits_and_wrong_ones() -> None:
    assert iso13528.z_verdict(2.5, warning=2.5, action=4) is iso13528.Verdict.SATISFACTORY
    with pytest.raises(ValueError, match="warning must be above 0 and below action, but got 3 and 2"):
        iso13528.z_verdict(1.0, warning=3, action=2)


def test_one_laboratory_far_away_fails_by_every_reading() -> None:
    """Five laboratories, target 40, limits 36 to 44: a mean of all would hide the one that reports 80."""
    values, x_pt, delta_e = [39.5, 40.0, 40.5, 41.0, 80.0], 40.0, 4.0
    sigma_pt = iso13528.sigma_pt_from_limit(delta_e, 3)
    consensus = iso13528.algorithm_a(values)

    to_target = np.asarray(iso13528.z_verdict(iso13528.z(values, x_pt=x_pt, sigma_pt=sigma_pt)))
    to_consensus = np.asarray(iso13528.z_verdict(iso13528.z(values, x_pt=consensus.x_star, sigma_pt=sigma_pt)))

    assert iso13528.within_limit(values, x_pt, delta_e).tolist() == [True, True, True, True, False]
    assert to_target.tolist() == ["satisfactory"] * 4 + ["unsatisfactory"]
    assert to_consensus[4] == "unsatisfactory"
    assert iso13528.percent_score(iso13528.within_limit(values, x_pt, delta_e), range(5)).percent.tolist() == [
        100,
        100,
        100,
        100,
        0,
    ]


@pytest.mark.parametrize("boundary_counts", [True, False])
@pytest.mark.parametrize(
    ("value", "x_pt", "delta_e"),
    [(0.33, 0.30, 0.03), (0.27, 0.30, 0.03), (44.0, 40.0, 4.0), (5.5, 5.0, 0.5), (1.1, 1.0, 0.1), (154.7, 142.1, 12.6)],
)
def test_within_limit_decimal_on_the_boundary_is_seen(
    value: float, x_pt: float, delta_e: float, boundary_counts: bool
) -> None:
    assert bool(iso13528.within_limit(value, x_pt, delta_e, boundary_counts=boundary_counts)) is boundary_counts


@pytest.mark.parametrize(("value", "within"), [(0.3301, False), (0.3299, True), (float("nan"), False)])
@pytest.mark.parametrize("boundary_counts", [True, False])
def test_within_limit_beside_the_boundary_is_the_same_either_way(
    value: float, within: bool, boundary_counts: bool
) -> None:
    assert bool(iso13528.within_limit(value, 0.30, 0.03, boundary_counts=boundary_counts)) is within


def test_percent_score_missing_result_counts_nothing() -> None:
    found = iso13528.percent_score([1, 1, np.nan, 1, 0, np.nan, np.nan], [5, 5, 5, 5, 5, 2, 2])

    assert found.groups.tolist() == [2, 5]
    assert found.percent.tolist() == [0.0, 60.0]
    assert found.acceptable.tolist() == [0, 3]
    assert found.n.tolist() == [2, 5]


def test_percent_score_no_results_gives_no_groups() -> None:
    assert iso13528.percent_score([], []).percent.tolist() == []


def test_u_x_pt_by_hand() -> None:
    assert iso13528.u_x_pt([0.8, np.nan, 1.0], [100, 4, 0]).tolist()[:1] == [0.1]
    assert np.isnan(iso13528.u_x_pt([np.nan, 1.0], [4, 0])).all()


@pytest.mark.parametrize(("u", "negligible"), [(0.0, True), (0.299, True), (0.3, False), (1.0, False), (np.nan, False)])
def test_is_negligible_below_three_tenths_of_sigma_pt(u: float, negligible: bool) -> None:
    assert bool(iso13528.is_negligible(u, 1.0)) is negligible


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.z([1.0], x_pt=1, sigma_pt=0), "sigma_pt must be greater than 0, but got 0.0"),
        (lambda: iso13528.z_prime([1.0], x_pt=1, sigma_pt=1, u_x_pt=-1), "u_x_pt must not be negative"),
        (lambda: iso13528.zeta([1.0], x_pt=1, u=0, u_x_pt=0), "must not both be 0"),
        (lambda: iso13528.e_n([1.0], x_pt=1, U=-1, U_x_pt=0), "U must not be negative"),
        (lambda: iso13528.d_percent([1.0], x_pt=0), "x_pt must not be 0"),
        (lambda: iso13528.d([np.inf], x_pt=0), "values must be finite or nan"),
        (lambda: iso13528.within_limit([1.0], np.nan, 1), "x_pt must be known, but got nan"),
        (lambda: iso13528.within_limit([1.0], 1, np.nan), "delta_e must be known"),
        (lambda: iso13528.within_limit([1.0], 1, -1), "delta_e must not be negative"),
        (lambda: iso13528.percent_score([0.5], [1]), "acceptable must be booleans"),
        (lambda: iso13528.percent_score([True], [1, 2]), "groups must have one entry per value"),
        (lambda: iso13528.u_x_pt(-1, 3), "s_star must not be negative"),
        (lambda: iso13528.sigma_pt_from_limit(3, 0), "divisor must be greater than 0"),
        (lambda: iso13528.is_negligible(1, 0), "sigma_pt must be greater than 0"),
    ],
)
def test_scores_impossible_input_raises_naming_the_argument(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
