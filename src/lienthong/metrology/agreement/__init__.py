"""Comparison of two procedures, agreement of qualitative ones, and reference intervals.

Of two procedures x is the comparative one and y the candidate: differences are y − x, and lines are of y on x.
CLSI EP09c, EP12 and EP28 are cited by topic: their printed texts were not compared.
"""

from __future__ import annotations

from lienthong.metrology.agreement._bland_altman import BlandAltman, Interval, LimitMethod, Scale, bland_altman
from lienthong.metrology.agreement._box_cox import BoxCox, box_cox, reference_interval_box_cox
from lienthong.metrology.agreement._comparison import BiasVerdict, Comparison, Regression, bias_verdict, compare
from lienthong.metrology.agreement._concordance import Concordance, concordance
from lienthong.metrology.agreement._deming import deming, variance_ratio, weighted_deming
from lienthong.metrology.agreement._deviates import Deviates, extreme_deviates
from lienthong.metrology.agreement._kappa import Kappa, Weights, kappa
from lienthong.metrology.agreement._lines import Line, bias_at, least_squares, weighted_least_squares
from lienthong.metrology.agreement._passing_bablok import (
    Linearity,
    PassingBablok,
    cusum_linearity,
    passing_bablok,
    passing_bablok_bias_at,
)
from lienthong.metrology.agreement._qualitative import (
    McNemar,
    PercentAgreement,
    Proportion,
    mcnemar,
    percent_agreement,
    wilson,
)
from lienthong.metrology.agreement._reference_checks import (
    Partition,
    Verification,
    dixon_reed,
    harris_boyd,
    tukey_fences,
    verify_reference_interval,
)
from lienthong.metrology.agreement._reference_interval import Ranks, ReferenceInterval, reference_interval
from lienthong.metrology.agreement._robust_interval import reference_interval_robust
from lienthong.metrology.agreement._tables import CrossTable, cross_table

__all__ = [
    "BiasVerdict",
    "BlandAltman",
    "BoxCox",
    "Comparison",
    "Concordance",
    "CrossTable",
    "Deviates",
    "Interval",
    "Kappa",
    "LimitMethod",
    "Line",
    "Linearity",
    "McNemar",
    "Partition",
    "PassingBablok",
    "PercentAgreement",
    "Proportion",
    "Ranks",
    "ReferenceInterval",
    "Regression",
    "Scale",
    "Verification",
    "Weights",
    "bias_at",
    "bias_verdict",
    "bland_altman",
    "box_cox",
    "compare",
    "concordance",
    "cross_table",
    "cusum_linearity",
    "deming",
    "dixon_reed",
    "extreme_deviates",
    "harris_boyd",
    "kappa",
    "least_squares",
    "mcnemar",
    "passing_bablok",
    "passing_bablok_bias_at",
    "percent_agreement",
    "reference_interval",
    "reference_interval_box_cox",
    "reference_interval_robust",
    "tukey_fences",
    "variance_ratio",
    "verify_reference_interval",
    "weighted_deming",
    "weighted_least_squares",
    "wilson",
]
