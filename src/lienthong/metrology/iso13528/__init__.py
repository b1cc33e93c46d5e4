"""Statistics of proficiency testing by interlaboratory comparison (ISO 13528:2022)."""

from __future__ import annotations

from lienthong.metrology.iso13528._algorithm_a import algorithm_a
from lienthong.metrology.iso13528._criteria import (
    PercentScores,
    is_negligible,
    percent_score,
    sigma_pt_from_limit,
    u_x_pt,
    within_limit,
)
from lienthong.metrology.iso13528._estimates import Estimate, Estimates
from lienthong.metrology.iso13528._robust import made, niqr
from lienthong.metrology.iso13528._scores import Verdict, d, d_percent, e_n, z, z_prime, z_verdict, zeta

__all__ = [
    "Estimate",
    "Estimates",
    "PercentScores",
    "Verdict",
    "algorithm_a",
    "d",
    "d_percent",
    "e_n",
    "is_negligible",
    "made",
    "niqr",
    "percent_score",
    "sigma_pt_from_limit",
    "u_x_pt",
    "within_limit",
    "z",
    "z_prime",
    "z_verdict",
    "zeta",
]
