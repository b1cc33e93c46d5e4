"""Patient-based real-time quality control: moving statistics of patients' results."""

from __future__ import annotations

from lienthong.metrology.pbrtqc._algorithm import Algorithm
from lienthong.metrology.pbrtqc._box_cox import box_cox_power
from lienthong.metrology.pbrtqc._bull import BullAverages, bull
from lienthong.metrology.pbrtqc._detection import BiasDetection, bias_detection
from lienthong.metrology.pbrtqc._evaluation import flags, statistics
from lienthong.metrology.pbrtqc._limits import (
    FalseAlarmLimits,
    Limits,
    ewma_limits,
    limits_by_false_alarms,
    limits_by_sd,
)
from lienthong.metrology.pbrtqc._optimisation import Comparison, compare

__all__ = [
    "Algorithm",
    "BiasDetection",
    "BullAverages",
    "Comparison",
    "FalseAlarmLimits",
    "Limits",
    "bias_detection",
    "box_cox_power",
    "bull",
    "compare",
    "ewma_limits",
    "flags",
    "limits_by_false_alarms",
    "limits_by_sd",
    "statistics",
]
