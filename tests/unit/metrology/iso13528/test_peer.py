"""The same statistics by pt13528 from PyPI; where the two differ, the test says who is right by which clause."""

from __future__ import annotations

import numpy as np
import pytest
from pt13528 import assigned_value, graphics, homogeneity, outliers, scores, sigma_pt

from lienthong.metrology import iso13528

RNG = np.random.default_rng(41)
VALUES = RNG.normal(10, 1, 25)
TABLE = RNG.normal(10, 0.3, (10, 2)) + RNG.normal(0, 0.5, (10, 1))


def test_peer_scores_are_the_same() -> None:
    for x in VALUES.tolist():
        assert float(iso13528.p_a(x, x_pt=10, delta_e=3)) == pytest.approx(scores.percent_allowed(x, 10, 3))
        assert float(iso13528.z_prime(x, x_pt=10, sigma_pt=1, u_x_pt=0.4)) == pytest.approx(
            scores.z_prime_score(x, 10, 1, 0.4)
        )
        assert float(iso13528.zeta(x, x_pt=10, u=0.5, u_x_pt=0.4)) == pytest.approx(scores.zeta_score(x, 10, 0.5, 0.4))
        assert float(iso13528.e_n(x, x_pt=10, U=0.5, U_x_pt=0.4)) == pytest.approx(scores.en_score(x, 10, 0.5, 0.4))
    assert float(iso13528.delta_e_prime(3, 1)) == pytest.approx(scores.delta_e_prime(3, 1))


@pytest.mark.parametrize("z", [0.0, 2.0, -2.0, 2.5, 3.0, -3.0, 9.0])
def test_peer_reads_z_scores_alike(z: float) -> None:
    words = {"acceptable": "satisfactory", "warning": "questionable", "action": "unsatisfactory"}

    assert iso13528.z_verdict(z).value == words[scores.classify_z(z)]


@pytest.mark.parametrize("e_n", [0.0, 0.99, 1.0, -1.0])
def test_peer_reads_e_n_scores_alike(e_n: float) -> None:
    assert (iso13528.e_n_verdict(e_n).value == "satisfactory") == (scores.classify_en(e_n) == "acceptable")


def test_peer_takes_a_result_on_the_limit_for_within() -> None:
    """9.3.2 asks for −δ_E < D < δ_E: 0.27 on 0.30 ± 0.03 fails. In binary D is −0.02999…, so the peer lets it pass."""
    assert scores.classify_d(0.27 - 0.30, 0.03) == "acceptable"
    assert not iso13528.within_limit(0.27, 0.30, 0.03, boundary_counts=False)


@pytest.mark.parametrize("u", [0.05, 0.02, 0.7, 0.6])
def test_peer_screens_uncertainties_alike(u: float) -> None:
    words = {"a": "plausible", "b": "low", "c": "high"}

    assert str(iso13528.u_plausibility(u, u_min=0.05, u_max=0.6)) == words[scores.uncertainty_flag(u, 0.05, 0.6)]


@pytest.mark.parametrize("c", [1e-9, 1.2e-7, 1e-5, 0.138, 0.2, 1.0])
def test_peer_general_model_is_the_same(c: float) -> None:
    assert float(iso13528.sigma_pt_from_model(c, unit=1)) == pytest.approx(sigma_pt.horwitz(c), rel=1e-14)


def test_peer_sigma_pt_is_the_same() -> None:
    assert float(iso13528.sigma_pt_from_precision(3, 2, m=2)) == pytest.approx(sigma_pt.from_precision(3, 2, 2))
    assert float(iso13528.sigma_pt_from_round(3, lower=1, upper=2)) == sigma_pt.limit_sigma(3, 1, 2)


@pytest.mark.parametrize("by", ["median_niqr", "median_made", "mean"])
def test_peer_consensus_is_the_same(by: str) -> None:
    method, _, scale = by.partition("_")
    theirs = assigned_value.consensus(VALUES, method=method, median_scale=scale or "niqr")

    ours = iso13528.consensus(VALUES, estimator=by)

    assert [ours.x_pt[0], ours.u_x_pt[0]] == pytest.approx([theirs.x_pt, theirs.u_x_pt], rel=1e-3)


def test_peer_crm_and_reference_are_the_same() -> None:
    theirs = assigned_value.from_crm_comparison(20, 0.3, VALUES)
    ours = iso13528.x_pt_from_crm(VALUES, x_crm=20, u_crm=0.3)
    assert [ours.x_pt[0], ours.u_x_pt[0]] == pytest.approx([theirs.x_pt, theirs.u_x_pt])
    for x_ref in (10.9, 11.1):
        theirs = assigned_value.compare_with_reference(x_ref, 0.3, 10, 0.4)
        assert bool(iso13528.compare_with_reference(10, x_ref, u_x_pt=0.4, u_ref=0.3).agrees) is not theirs.investigate


@pytest.mark.parametrize("sigma", [0.5, 1.6, 5.0])
def test_peer_homogeneity_is_the_same(sigma: float) -> None:
    theirs = homogeneity.homogeneity(TABLE, sigma_pt=sigma)

    ours = iso13528.homogeneity(TABLE)
    basic = iso13528.homogeneity_verdicts(ours, sigma_pt=sigma)
    expanded = iso13528.homogeneity_verdicts(ours, sigma_pt=sigma, criterion="expanded")

    assert [ours.s_x[0], ours.s_w[0], ours.s_s[0], ours.f[0]] == pytest.approx(
        [theirs.s_x, theirs.s_w, theirs.s_s, theirs.f_statistic]
    )
    assert [basic.limit[0], expanded.limit[0]] == pytest.approx([theirs.criterion, theirs.expanded_criterion])
    assert [basic.adequate[0], expanded.adequate[0]] == [theirs.sufficient, theirs.sufficient_expanded]
    assert basic.sigma_pt_widened[0] == pytest.approx(homogeneity.expanded_sigma_pt(sigma, theirs.s_s))


@pytest.mark.parametrize(("g", "m"), [(7, 2), (20, 2), (10, 3), (12, 5)])
def test_peer_factors_are_the_same(g: int, m: int) -> None:
    ours = [float(factor) for factor in iso13528.homogeneity_factors(g, m)]

    assert ours == pytest.approx(homogeneity.expanded_criterion_factors(g, m), rel=1e-9)


def test_peer_stability_is_the_same_with_the_uncertainties_it_is_given() -> None:
    before, after = VALUES[:6], VALUES[6:11]
    later = [False] * 6 + [True] * 5

    ours = iso13528.stability(VALUES[:11], later=later)
    verdicts = iso13528.stability_verdicts(ours, sigma_pt=1)
    theirs = homogeneity.stability(before, after, sigma_pt=1, u_y1=ours.u_before[0], u_y2=ours.u_after[0])

    assert abs(verdicts.change[0]) == pytest.approx(theirs.difference)
    assert verdicts.relaxed_limit[0] == pytest.approx(theirs.expanded_criterion)
    assert [verdicts.stable[0], verdicts.stable_relaxed[0]] == [theirs.stable, theirs.stable_expanded]


@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_peer_outlier_tests_are_the_same(alpha: float) -> None:
    high, low, critical = outliers.grubbs(VALUES, alpha)
    variances = TABLE.var(axis=1, ddof=1)
    c, c_critical, at = outliers.cochran(variances, 2, alpha)

    grubbs, cochran = iso13528.grubbs(VALUES), iso13528.cochran(variances, n=2)

    assert grubbs.statistic[0] == pytest.approx(max(high, low))
    assert float(iso13528.grubbs_critical(VALUES.size, alpha)) == pytest.approx(critical, rel=1e-9)
    assert [cochran.statistic[0], cochran.position[0]] == pytest.approx([c, at])
    assert float(iso13528.cochran_critical(10, 2, alpha)) == pytest.approx(c_critical, rel=1e-9)
    assert (grubbs.statistic[0] > critical) == (grubbs.p_value[0] < alpha)


def test_peer_kernel_density_is_the_same() -> None:
    width = graphics.bandwidth(25, robust_sd=1.1)
    ours = iso13528.kernel_density(VALUES, bandwidth=iso13528.kernel_bandwidth(1.1, 25))
    _, theirs = graphics.kernel_density(VALUES, width, grid=512, cut=4)

    assert ours.density[0] == pytest.approx(theirs, rel=1e-9)


def test_peer_ordinal_median_of_two_classes_hides_that_it_lies_between() -> None:
    """Half of the results below a border of classes: both neighbours are medians, and it names the lower only."""
    theirs = graphics.ordinal_summary({0: 5, 1: 5})

    ours = iso13528.ordinal_consensus([0] * 5 + [1] * 5, classes=2)

    assert theirs["median"] == 0
    assert [ours.lower_median[0], ours.upper_median[0]] == [0, 1]
