"""Scores of results against assigned values, and the verdict on each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.eqa.assigning import Assigned, assign
from lienthong.cli.eqa.reading import FloatArray, Results
from lienthong.cli.eqa.settings import Settings
from lienthong.metrology import iso13528

VERDICTS = tuple(str(one) for one in iso13528.Verdict)
NOT_EVALUATED = VERDICTS.index("not_evaluated")
REASONS = ("", "missing", "censored", "no-value", "no-sigma")
USUAL_K = 2.0

IndexArray = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Arrays of one entry a result; nan where a score isn't known or doesn't apply.

    `z_prime` is there where the uncertainty of the assigned value is not negligible; then `judged_z`, by which the
    verdict goes, is z′, else z.
    `verdict` and `reason` are places in VERDICTS and REASONS; `within` is 1, 0, or −1 where no limit holds;
    `percent` is the participant's share of results of the analyte in the round that are within the limit.
    """

    results: Results
    settings: Settings
    assigned: Assigned
    d: FloatArray
    d_percent: FloatArray
    p_a: FloatArray
    z: FloatArray
    z_prime: FloatArray
    judged_z: FloatArray
    zeta: FloatArray
    e_n: FloatArray
    verdict: IndexArray
    reason: IndexArray
    within: IndexArray
    percent: FloatArray

    def __len__(self) -> int:
        return self.z.size


def score(results: Results, settings: Settings) -> Scores:
    """Score every result of a file."""
    assigned, values = assign(results, settings), results.values
    x_pt, sigma_pt, u_x_pt, delta_e = (
        column[results.cell] for column in (assigned.x_pt, assigned.sigma_pt, assigned.u_x_pt, assigned.delta_e)
    )
    z = iso13528.z(values, x_pt=x_pt, sigma_pt=sigma_pt)
    counts = ~np.isnan(u_x_pt) & ~assigned.is_negligible[results.cell]
    z_prime = np.where(counts, iso13528.z_prime(values, x_pt=x_pt, sigma_pt=sigma_pt, u_x_pt=u_x_pt), np.nan)
    judged_z = np.where(counts, z_prime, z)
    zeta, e_n = _by_uncertainty(results, x_pt, u_x_pt)
    within = _within(values, x_pt, delta_e)
    reason = _reasons(results, x_pt, sigma_pt)
    return Scores(
        results=results,
        settings=settings,
        assigned=assigned,
        d=iso13528.d(values, x_pt=x_pt),
        d_percent=iso13528.d_percent(values, x_pt=np.where(x_pt == 0, np.nan, x_pt)),
        p_a=iso13528.p_a(values, x_pt=x_pt, delta_e=delta_e),
        z=z,
        z_prime=z_prime,
        judged_z=judged_z,
        zeta=zeta,
        e_n=e_n,
        verdict=_verdicts(judged_z),
        reason=reason,
        within=within,
        percent=_percent(results, within, has_limit=~np.isnan(x_pt + delta_e), is_censored=reason == 2),
    )


def _by_uncertainty(results: Results, x_pt: FloatArray, u_x_pt: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ζ where u, or U and k, is given, and E_n where U is given; both expanded uncertainties are for k = 2."""
    values, nothing = results.values, np.full(len(results), np.nan)
    expanded, k, u = results.given("expanded_u"), results.given("k"), results.given("u")
    factor = nothing if k is None else k
    factor = np.where(np.isnan(factor), USUAL_K, factor)
    from_expanded = nothing if expanded is None else expanded / factor
    standard = from_expanded if u is None else np.where(np.isnan(u), from_expanded, u)
    zeta = nothing if np.isnan(standard).all() else iso13528.zeta(values, x_pt=x_pt, u=standard, u_x_pt=u_x_pt)
    if expanded is None:
        return zeta, nothing
    return zeta, iso13528.e_n(values, x_pt=x_pt, U=USUAL_K * from_expanded, U_x_pt=USUAL_K * u_x_pt)


def _within(values: FloatArray, x_pt: FloatArray, delta_e: FloatArray) -> IndexArray:
    known = ~np.isnan(values + x_pt + delta_e)
    within = np.full(values.size, -1, dtype=np.int8)
    within[known] = iso13528.within_limit(values[known], x_pt[known], delta_e[known])
    return within


def _reasons(results: Results, x_pt: FloatArray, sigma_pt: FloatArray) -> IndexArray:
    """Return why a result has no verdict, as a place in REASONS; 0 for those that have one."""
    reason = np.zeros(len(results), dtype=np.int8)
    reason[np.isnan(sigma_pt)] = REASONS.index("no-sigma")
    reason[np.isnan(x_pt)] = REASONS.index("no-value")
    reason[np.isnan(results.values)] = REASONS.index("missing")
    reason[np.fromiter(results.texts, dtype=np.intp, count=len(results.texts))] = REASONS.index("censored")
    return reason


def _verdicts(z: FloatArray) -> IndexArray:
    words = np.asarray(iso13528.z_verdict(z))
    verdict = np.full(z.size, NOT_EVALUATED, dtype=np.int8)
    for place, word in enumerate(VERDICTS):
        verdict[words == word] = place
    return verdict


def _percent(
    results: Results, within: IndexArray, *, has_limit: NDArray[np.bool_], is_censored: NDArray[np.bool_]
) -> FloatArray:
    """Return, for each result, its participant's percentage within the limit; a missing result is outside of it."""
    percent = np.full(len(results), np.nan)
    counted = has_limit & ~is_censored
    if counted.any():
        group = results.numbered("participant", "round", "analyte")[counted]
        score = iso13528.percent_score(within[counted] == 1, group)
        percent[counted] = score.percent[np.searchsorted(score.groups, group)]
    return percent
