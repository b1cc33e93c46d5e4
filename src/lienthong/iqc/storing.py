"""Writes runs and their results in bulk: keys drawn at once, rows by COPY."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lienthong.core.bulk import copy_rows, drawn_keys
from lienthong.iqc.forming import Run

_RUN_COLUMNS = ("id", "procedure_id", "measured_at", "number", "verdict", "source", "recorded_at")
_RESULT_COLUMNS = ("run_id", "target_id", "value", "z", "measured_at", "operator", "excluded_reason")


@dataclass(frozen=True, slots=True)
class Value:
    """A control value in the unit of its target, as it will be stored."""

    target_id: int
    value: float
    z: float
    operator: str = ""
    excluded_reason: str = ""


def store_runs(runs: Sequence[Run], values: Mapping[int, Value], *, source: str, at: dt.datetime) -> int:
    """Store new runs, and all results that joined a run; `values` are by a control's `row`. Return how many are new.

    A new run has the verdict "incomplete" until it is judged.
    """
    new = [run for run in runs if run.id is None]
    for run, key in zip(new, drawn_keys("iqc_controlrun", len(new)), strict=True):
        run.id = key
    copy_rows(
        "iqc_controlrun",
        _RUN_COLUMNS,
        ((run.id, run.procedure_id, run.measured_at, run.number, "incomplete", source, at) for run in new),
    )
    copy_rows("iqc_controlresult", _RESULT_COLUMNS, _results(runs, values))
    return len(new)


def _results(runs: Sequence[Run], values: Mapping[int, Value]) -> Iterable[tuple[object, ...]]:
    for run in runs:
        for control in run.joined:
            one = values[control.row]
            yield (
                *(run.id, one.target_id, one.value, one.z),
                *(control.measured_at, one.operator, one.excluded_reason),
            )
