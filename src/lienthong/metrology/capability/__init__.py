"""What a measurement procedure is able to, and which control rules suit it.

Formulas are those of the papers and pages named; books and CLSI C24 were not compared in print.
"""

from __future__ import annotations

from lienthong.metrology.capability._bias import Bias, bias_from_certified, bias_from_eqa, bias_from_peer_group
from lienthong.metrology.capability._decision_chart import DecisionChart, decision_chart
from lienthong.metrology.capability._errors import (
    GoalReading,
    critical_systematic_error,
    error_limit,
    goal_reading,
    quality_goal_index,
    total_error,
)
from lienthong.metrology.capability._power import FalseRejection, Power, false_rejection, long_run_power, power
from lienthong.metrology.capability._risk import (
    RunSize,
    UnreliableResults,
    largest_run,
    unreliable_probability,
    unreliable_results,
)
from lienthong.metrology.capability._sigma import SigmaClass, defects_per_million, sigma_class, sigma_metric
from lienthong.metrology.capability._sigma_rules import Procedure, sigma_rules

__all__ = [
    "Bias",
    "DecisionChart",
    "FalseRejection",
    "GoalReading",
    "Power",
    "Procedure",
    "RunSize",
    "SigmaClass",
    "UnreliableResults",
    "bias_from_certified",
    "bias_from_eqa",
    "bias_from_peer_group",
    "critical_systematic_error",
    "decision_chart",
    "defects_per_million",
    "error_limit",
    "false_rejection",
    "goal_reading",
    "largest_run",
    "long_run_power",
    "power",
    "quality_goal_index",
    "sigma_class",
    "sigma_metric",
    "sigma_rules",
    "total_error",
    "unreliable_probability",
    "unreliable_results",
]
