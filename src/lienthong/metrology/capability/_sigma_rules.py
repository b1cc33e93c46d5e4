"""Choice of control rules by the sigma metric (Westgard Sigma Rules)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lienthong.metrology._arrays import floats
from lienthong.metrology.capability._sigma import ON_LIMIT

_TWO = (
    (6.0, ("1_3s",), ((2, 1),)),
    (5.0, ("1_3s", "2_2s_across", "R_4s"), ((2, 1),)),
    (4.0, ("1_3s", "2_2s_across", "R_4s", "4_1s_across"), ((4, 1), (2, 2))),
    (-np.inf, ("1_3s", "2_2s_across", "R_4s", "4_1s_across", "8x_across"), ((4, 2), (2, 4))),
)
_THREE = (
    (6.0, ("1_3s",), ((3, 1),)),
    (5.0, ("1_3s", "2of3_2s_across", "R_4s"), ((3, 1),)),
    (4.0, ("1_3s", "2of3_2s_across", "R_4s", "3_1s_across"), ((3, 1),)),
    (-np.inf, ("1_3s", "2of3_2s_across", "R_4s", "3_1s_across", "6x_across"), ((6, 1), (3, 2))),
)
_TABLES = {2: _TWO, 3: _THREE}


@dataclass(frozen=True, slots=True)
class Procedure:
    """A control procedure: names of `rules` for `westgard.evaluate`, `n` control results a run, over `runs` runs."""

    rules: tuple[str, ...]
    n: int
    runs: int
    levels: int


def sigma_rules(sigma_metric: float, *, levels: int) -> tuple[Procedure, ...]:
    """Return the control procedures that the Westgard Sigma Rules name for a sigma metric.

    Parameters
    ----------
    sigma_metric : float
        Sigma metric of the measurement procedure.
    levels : int
        2 or 3 levels of control material.

    Returns
    -------
    Procedures to choose from, the one with the fewest runs first.

    Raises
    ------
    ValueError
        If `sigma_metric` is nan, or `levels` is neither 2 nor 3.

    Notes
    -----
    ===== ==================================== ===========================================
    σ     two levels                           three levels
    ===== ==================================== ===========================================
    ≥ 6   1-3s; N = 2, R = 1                   1-3s; N = 3, R = 1
    5–6   and 2-2s, R-4s; N = 2, R = 1         and 2of3-2s, R-4s; N = 3, R = 1
    4–5   and 4-1s; N = 4, R = 1 or N = 2,     and 3-1s; N = 3, R = 1
          R = 2
    < 4   and 8x; N = 4, R = 2 or N = 2,       and 6x; N = 6, R = 1 or N = 3, R = 2
          R = 4
    ===== ==================================== ===========================================

    `westgard.evaluate` lets ``4_1s_across`` and ``nx_across`` go on from run to run; a `segment` that counts every R
    runs keeps them within R.

    References
    ----------
    J. O. Westgard, S. A. Westgard, "Basic Quality Management Systems", Westgard QC, 2014; "Westgard Sigma Rules",
    https://westgard.com. The table is restated from public accounts; it was not compared with the book.

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.sigma_rules(5.2, levels=2)
    (Procedure(rules=('1_3s', '2_2s_across', 'R_4s'), n=2, runs=1, levels=2),)
    >>> [(one.n, one.runs) for one in capability.sigma_rules(3.1, levels=3)]
    [(6, 1), (3, 2)]
    """
    if levels not in _TABLES:
        raise ValueError(f"levels must be 2 or 3, but got {levels}")
    sigma = float(floats("sigma_metric", sigma_metric))
    if np.isnan(sigma):
        raise ValueError("sigma_metric must be known, but got nan")
    rules, forms = next((rules, forms) for least, rules, forms in _TABLES[levels] if sigma >= least - ON_LIMIT)
    return tuple(Procedure(rules=rules, n=n, runs=runs, levels=levels) for n, runs in forms)
