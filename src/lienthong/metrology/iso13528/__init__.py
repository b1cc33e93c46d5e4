"""Statistics of proficiency testing by interlaboratory comparison (ISO 13528:2022).

Formulas are restated from public explanations of the standard, and tests hold them to those of its worked examples
that are public. Clause numbers are those of the edition of 2022, as the same sources have them; neither was compared
with the printed text.
"""

from __future__ import annotations

from lienthong.metrology.iso13528._assigned.consensus import Consensus, Sufficiency, consensus, sufficiency
from lienthong.metrology.iso13528._assigned.sigma_pt import (
    delta_e_from_sigma_pt,
    sigma_pt_from_limit,
    sigma_pt_from_model,
    sigma_pt_from_percent,
    sigma_pt_from_precision,
    sigma_pt_from_round,
)
from lienthong.metrology.iso13528._assigned.uncertainty import (
    ReferenceComparison,
    compare_with_reference,
    total_u_x_pt,
    u_x_pt,
)
from lienthong.metrology.iso13528._assigned.value import (
    AssignedValues,
    Formulated,
    x_pt_from_crm,
    x_pt_from_experts,
    x_pt_from_formulation,
)
from lienthong.metrology.iso13528._assigned.weighted_consensus import (
    WeightedConsensus,
    dersimonian_laird,
    paule_mandel,
    weighted_mean,
)
from lienthong.metrology.iso13528._items.dixon import dixon, dixon_critical
from lienthong.metrology.iso13528._items.homogeneity import (
    Homogeneity,
    HomogeneityVerdicts,
    homogeneity,
    homogeneity_factors,
    homogeneity_verdicts,
)
from lienthong.metrology.iso13528._items.outliers import OutlierTest, cochran, cochran_critical, grubbs, grubbs_critical
from lienthong.metrology.iso13528._items.precision import (
    Mandel,
    Precision,
    mandel,
    mandel_h_critical,
    mandel_k_critical,
    precision,
)
from lienthong.metrology.iso13528._items.stability import Stability, StabilityVerdicts, stability, stability_verdicts
from lienthong.metrology.iso13528._plots.kernel_density import KernelDensity, kernel_bandwidth, kernel_density
from lienthong.metrology.iso13528._plots.youden import (
    Youden,
    YoudenEllipse,
    YoudenPairs,
    outside_ellipse,
    youden,
    youden_ellipse,
    youden_pairs,
)
from lienthong.metrology.iso13528._results.censored import (
    CensoredMedians,
    Reported,
    censored_median,
    censored_verdicts,
    read_reported,
)
from lienthong.metrology.iso13528._results.censored_normal import CensoredNormal, censored_normal
from lienthong.metrology.iso13528._results.ordinal import (
    OrdinalConsensus,
    ordinal_consensus,
    ordinal_distance,
    ordinal_verdicts,
)
from lienthong.metrology.iso13528._results.qualitative import (
    ModeConsensus,
    QualitativeHomogeneity,
    agreement_score,
    mode_consensus,
    qualitative_homogeneity,
)
from lienthong.metrology.iso13528._robust.algorithm_a import algorithm_a
from lienthong.metrology.iso13528._robust.algorithm_s import PooledEstimate, PooledEstimates, algorithm_s
from lienthong.metrology.iso13528._robust.estimates import Estimate, Estimates
from lienthong.metrology.iso13528._robust.hampel import hampel
from lienthong.metrology.iso13528._robust.q_method import q_method
from lienthong.metrology.iso13528._robust.simple import made, niqr
from lienthong.metrology.iso13528._scoring.aggregation import Aggregate, Cycle, Event, KOfLast, Performance, aggregate
from lienthong.metrology.iso13528._scoring.combined import CombinedScores, combined_scores, own_percentile
from lienthong.metrology.iso13528._scoring.limits import (
    PercentScores,
    delta_e_prime,
    is_negligible,
    p_a,
    percent_score,
    within_limit,
)
from lienthong.metrology.iso13528._scoring.rounds import ScoredRounds, score_rounds
from lienthong.metrology.iso13528._scoring.scores import d, d_percent, e_n, z, z_prime, zeta
from lienthong.metrology.iso13528._scoring.signals import Plausibility, action_signals, u_plausibility
from lienthong.metrology.iso13528._scoring.verdicts import Verdict, e_n_verdict, z_verdict

__all__ = [
    "Aggregate",
    "AssignedValues",
    "CensoredMedians",
    "CensoredNormal",
    "CombinedScores",
    "Consensus",
    "Cycle",
    "Estimate",
    "Estimates",
    "Event",
    "Formulated",
    "Homogeneity",
    "HomogeneityVerdicts",
    "KOfLast",
    "KernelDensity",
    "Mandel",
    "ModeConsensus",
    "OrdinalConsensus",
    "OutlierTest",
    "PercentScores",
    "Performance",
    "Plausibility",
    "PooledEstimate",
    "PooledEstimates",
    "Precision",
    "QualitativeHomogeneity",
    "ReferenceComparison",
    "Reported",
    "ScoredRounds",
    "Stability",
    "StabilityVerdicts",
    "Sufficiency",
    "Verdict",
    "WeightedConsensus",
    "Youden",
    "YoudenEllipse",
    "YoudenPairs",
    "action_signals",
    "aggregate",
    "agreement_score",
    "algorithm_a",
    "algorithm_s",
    "censored_median",
    "censored_normal",
    "censored_verdicts",
    "cochran",
    "cochran_critical",
    "combined_scores",
    "compare_with_reference",
    "consensus",
    "d",
    "d_percent",
    "delta_e_from_sigma_pt",
    "delta_e_prime",
    "dersimonian_laird",
    "dixon",
    "dixon_critical",
    "e_n",
    "e_n_verdict",
    "grubbs",
    "grubbs_critical",
    "hampel",
    "homogeneity",
    "homogeneity_factors",
    "homogeneity_verdicts",
    "is_negligible",
    "kernel_bandwidth",
    "kernel_density",
    "made",
    "mandel",
    "mandel_h_critical",
    "mandel_k_critical",
    "mode_consensus",
    "niqr",
    "ordinal_consensus",
    "ordinal_distance",
    "ordinal_verdicts",
    "outside_ellipse",
    "own_percentile",
    "p_a",
    "paule_mandel",
    "percent_score",
    "precision",
    "q_method",
    "qualitative_homogeneity",
    "read_reported",
    "score_rounds",
    "sigma_pt_from_limit",
    "sigma_pt_from_model",
    "sigma_pt_from_percent",
    "sigma_pt_from_precision",
    "sigma_pt_from_round",
    "stability",
    "stability_verdicts",
    "sufficiency",
    "total_u_x_pt",
    "u_plausibility",
    "u_x_pt",
    "weighted_mean",
    "within_limit",
    "x_pt_from_crm",
    "x_pt_from_experts",
    "x_pt_from_formulation",
    "youden",
    "youden_ellipse",
    "youden_pairs",
    "z",
    "z_prime",
    "z_verdict",
    "zeta",
]
