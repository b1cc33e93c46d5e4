"""Uncertainty of results (ISO/TS 20914, Nordtest TR 537), and what explains the difference of two of them.

Standard uncertainties are ``u``, expanded ones ``U``; a function takes all of them in the unit of the results, or all
of them in percent of the value. ISO/TS 20914 is cited by topic, without clauses: its printed text was not compared.
"""

from __future__ import annotations

from lienthong.metrology.uncertainty._bias import BiasEstimate, bias, u_bias
from lienthong.metrology.uncertainty._combined import Combined, combined, u_from_expanded, u_stream
from lienthong.metrology.uncertainty._derived import u_derived, u_product, u_sum
from lienthong.metrology.uncertainty._differences import (
    Change,
    measurement_difference,
    probability_of_change,
    reference_change_value,
    reference_change_value_lognormal,
)
from lienthong.metrology.uncertainty._goals import (
    Side,
    allowable_u,
    guard_band,
    is_within_allowable,
    side_of_limit,
)
from lienthong.metrology.uncertainty._individuality import index_of_individuality, specimens_for_set_point
from lienthong.metrology.uncertainty._nordtest import (
    NordtestBias,
    nordtest_bias_from_crm,
    nordtest_bias_from_crms,
    nordtest_bias_from_eqa,
    repeatability_from_ranges,
    u_c_ref_eqa,
)
from lienthong.metrology.uncertainty._printed import Printed, printed
from lienthong.metrology.uncertainty._procedures import PairedBias, RegressionBias, paired_bias, regression_bias
from lienthong.metrology.uncertainty._within import WithinLaboratory, u_rw

__all__ = [
    "BiasEstimate",
    "Change",
    "Combined",
    "NordtestBias",
    "PairedBias",
    "Printed",
    "RegressionBias",
    "Side",
    "WithinLaboratory",
    "allowable_u",
    "bias",
    "combined",
    "guard_band",
    "index_of_individuality",
    "is_within_allowable",
    "measurement_difference",
    "nordtest_bias_from_crm",
    "nordtest_bias_from_crms",
    "nordtest_bias_from_eqa",
    "paired_bias",
    "printed",
    "probability_of_change",
    "reference_change_value",
    "reference_change_value_lognormal",
    "regression_bias",
    "repeatability_from_ranges",
    "side_of_limit",
    "specimens_for_set_point",
    "u_bias",
    "u_c_ref_eqa",
    "u_derived",
    "u_from_expanded",
    "u_product",
    "u_rw",
    "u_stream",
    "u_sum",
]
