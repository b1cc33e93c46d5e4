"""Whole rounds in one call: assigned values as a consensus of participants, their uncertainties, and all scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, floats, numbers, positive, read_only
from lienthong.metrology._compiled import in_parts
from lienthong.metrology.iso13528._assigned.uncertainty import u_x_pt
from lienthong.metrology.iso13528._robust import kernels
from lienthong.metrology.iso13528._robust.algorithm_a import of_split as algorithm_a
from lienthong.metrology.iso13528._robust.estimates import Estimates
from lienthong.metrology.iso13528._robust.groups import Split, coded, of_groups, split_by_code
from lienthong.metrology.iso13528._robust.hampel import of_split as hampel
from lienthong.metrology.iso13528._robust.q_method import of_split as q_method

RESULTS_IN_PART = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class ScoredRounds:
    """Assigned values of g groups, and scores of n results.

    ``x_pt``, ``u_x_pt``, ``sigma_pt``, ``s_star`` and ``p`` have shape (g,), in the sorted order of the labels
    ``groups``; the scores have shape (n,), and are None where what they need was not given.
    """

    groups: NDArray[np.generic]
    x_pt: FloatArray
    u_x_pt: FloatArray
    sigma_pt: FloatArray
    s_star: FloatArray
    p: IntArray
    d: FloatArray
    d_percent: FloatArray
    z: FloatArray
    z_prime: FloatArray
    p_a: FloatArray | None
    zeta: FloatArray | None
    e_n: FloatArray | None


def score_rounds(
    values: ArrayLike,
    *,
    groups: ArrayLike,
    estimator: str = "algorithm_a",
    sigma_pt: ArrayLike | None = None,
    delta_e: ArrayLike | None = None,
    u: ArrayLike | None = None,
    k: float = 2.0,
) -> ScoredRounds:
    """Return assigned values, uncertainties and all scores of any number of rounds, analytes and peer groups.

    Parameters
    ----------
    values : shape (n,)
        Results of participants; nan is a missing result and gets nan.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each result. Fastest where equal labels stand together in sorted order.
    estimator : str
        ``algorithm_a``; ``q_hampel``, the Q method's standard deviation with Hampel's mean.
    sigma_pt : a number, or shape (g,) in the sorted order of the labels
        Standard deviation for proficiency assessment, in the unit of `values`; s* of the round if None.
    delta_e : a number, or shape (g,)
        Allowable limit, for P_A.
    u : shape (n,)
        Standard uncertainties that participants claim, for ζ and E_n.
    k : float
        Coverage factor of E_n.

    Returns
    -------
    ScoredRounds
        `d_percent` is nan where the assigned value is 0; all scores by σ_pt are nan where it is 0 or unknown, because
        the results of a round are all equal or too few.

    Raises
    ------
    ValueError
        If a value is infinite, lengths differ, `estimator` is unknown, a given `sigma_pt`, `delta_e` or `k` is not
        above 0, or a `u` is negative.

    Notes
    -----
    u(x_pt) = 1.25·s*/√p. D = x − x_pt; D% = 100·D/x_pt; z = D/σ_pt; z′ = D/√(σ_pt² + u²(x_pt)); P_A = 100·D/δ_E;
    ζ = D/√(u²(x) + u²(x_pt)); E_n = ζ/k. The functions of those names say more of each.

    References
    ----------
    ISO 13528:2022, 7.7 (consensus), 9.3 to 9.7 (scores), annex C (robust estimates).

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.score_rounds([4.9, 5.1, 5.0, 5.6, 7.0, 7.4, 7.2, 7.3], groups=[1, 1, 1, 1, 2, 2, 2, 2],
    ...                               sigma_pt=0.25, delta_e=0.75)
    >>> found.x_pt.round(3).tolist()
    [5.15, 7.225]
    >>> found.z.round(2).tolist()[:4]
    [-1.0, -0.2, -0.6, 1.8]
    """
    array = numbers("values", values)
    code, names = coded(groups, array.size)
    found = _consensus(split_by_code(floats("values", array), code, names), estimator)
    u_of_group = u_x_pt(found.s_star, found.p)
    sigma = _known("sigma_pt", found.s_star if sigma_pt is None else positive("sigma_pt", sigma_pt), names)
    limit = _known("delta_e", np.array(np.nan) if delta_e is None else positive("delta_e", delta_e), names)
    claimed = np.empty(0) if u is None else _claimed(u, array.size)
    scores = np.empty((4 + (delta_e is not None) + 2 * (u is not None), array.size))
    rows = {"p_a": 4 if delta_e is not None else -1, "zeta": scores.shape[0] - 2 if u is not None else -1}
    in_parts(
        kernels.scores,
        array.size,
        *(array, code, found.x_star, u_of_group, sigma, limit, read_only(claimed), float(positive("k", k))),
        *(rows["p_a"], rows["zeta"], scores),
        at_least=RESULTS_IN_PART,
    )
    return ScoredRounds(
        groups=names,
        x_pt=found.x_star,
        u_x_pt=u_of_group,
        sigma_pt=sigma,
        s_star=found.s_star,
        p=found.p,
        d=scores[0],
        d_percent=scores[1],
        z=scores[2],
        z_prime=scores[3],
        p_a=scores[rows["p_a"]] if delta_e is not None else None,
        zeta=scores[rows["zeta"]] if u is not None else None,
        e_n=scores[rows["zeta"] + 1] if u is not None else None,
    )


def _consensus(of: Split, estimator: str) -> Estimates:
    if estimator == "algorithm_a":
        return algorithm_a(of)
    if estimator == "q_hampel":
        return hampel(of, q_method(of).s_star)
    raise ValueError(f"estimator must be algorithm_a or q_hampel, but got {estimator!r}")


def _known(name: str, given: FloatArray, names: NDArray[np.generic]) -> FloatArray:
    """Return one number for each group; 0 is as good as unknown: nothing can be divided by it."""
    spread = of_groups(name, given, names)
    spread[spread == 0] = np.nan
    return spread


def _claimed(u: ArrayLike, n: int) -> FloatArray:
    claimed = numbers("u", u)
    if claimed.size != n:
        raise ValueError(f"u must have one entry per value ({n},), but has shape {claimed.shape}")
    if claimed.size and np.nanmin(claimed, initial=0.0) < 0:
        raise ValueError("u must not be negative")
    return claimed
