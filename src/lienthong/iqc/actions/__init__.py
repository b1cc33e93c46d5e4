"""Every write of quality control: runs, targets, corrective actions, reset events, exclusions."""

from __future__ import annotations

from lienthong.iqc.actions.answers import ActionOutcome, ResetOutcome, record_action, record_reset
from lienthong.iqc.actions.drafts import drop_draft, import_draft, import_target_draft, keep_draft
from lienthong.iqc.actions.imports import ImportReport, check_runs, import_runs
from lienthong.iqc.actions.ingestion import GivenControl, Recorded, record_controls
from lienthong.iqc.actions.lots import correct_lot_expiry
from lienthong.iqc.actions.runs import RunOutcome, exclude_result, record_run
from lienthong.iqc.actions.targets import TargetReport, check_targets, import_targets

__all__ = [
    "ActionOutcome",
    "GivenControl",
    "ImportReport",
    "Recorded",
    "ResetOutcome",
    "RunOutcome",
    "TargetReport",
    "check_runs",
    "check_targets",
    "correct_lot_expiry",
    "drop_draft",
    "exclude_result",
    "import_draft",
    "import_runs",
    "import_target_draft",
    "import_targets",
    "keep_draft",
    "record_action",
    "record_controls",
    "record_reset",
    "record_run",
]
