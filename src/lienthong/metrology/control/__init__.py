"""What control results are judged against and what they amount to: targets, limits, changes of lot, summaries.

What is said to be in CLSI C24, EP26 and EP33, in WS/T 407 or in ISO 15189 is what others report of them; it was not
compared with the printed texts.
"""

from __future__ import annotations

from lienthong.metrology.control._charts import Cusum, Ewma, cusum, ewma
from lienthong.metrology.control._delta import Deltas, delta_check
from lienthong.metrology.control._immediate import Immediate, ImmediateVerdict, immediate
from lienthong.metrology.control._limits import Limits, c4, prediction_limits, tolerance_limits, unbiased_sd
from lienthong.metrology.control._lots import LotTargets, ReagentLot, new_control_lot, verify_reagent_lot
from lienthong.metrology.control._months import Months, Summaries, by_month
from lienthong.metrology.control._moving_targets import cumulative, rolling, rolling_time
from lienthong.metrology.control._outliers import Outliers, beyond_sd, grubbs
from lienthong.metrology.control._peers import PeerTargets, peer_group
from lienthong.metrology.control._pooled import Pooled, pooled_cv, pooled_sd
from lienthong.metrology.control._summary import Summary, summary
from lienthong.metrology.control._targets import Targets, fixed, manufacturer_range

__all__ = [
    "Cusum",
    "Deltas",
    "Ewma",
    "Immediate",
    "ImmediateVerdict",
    "Limits",
    "LotTargets",
    "Months",
    "Outliers",
    "PeerTargets",
    "Pooled",
    "ReagentLot",
    "Summaries",
    "Summary",
    "Targets",
    "beyond_sd",
    "by_month",
    "c4",
    "cumulative",
    "cusum",
    "delta_check",
    "ewma",
    "fixed",
    "grubbs",
    "immediate",
    "manufacturer_range",
    "new_control_lot",
    "peer_group",
    "pooled_cv",
    "pooled_sd",
    "prediction_limits",
    "rolling",
    "rolling_time",
    "summary",
    "tolerance_limits",
    "unbiased_sd",
    "verify_reagent_lot",
]
