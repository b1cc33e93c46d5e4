"""Reads what is judged: the control results from an instant on, what the rules look back on, and the breaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from lienthong.iqc.judging import Breaks, Series

_RESULTS = """
WITH asked AS (SELECT * FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[]) AS t(procedure_id, since)),
counted AS (
  SELECT result.id, run.id AS run_id, run.procedure_id, run.measured_at, lot.level, lot.id AS lot_id, result.z,
    result.excluded_reason <> '' AS excluded, run.measured_at >= asked.since AS follows,
    row_number() OVER (
      PARTITION BY run.procedure_id, lot.level, run.measured_at >= asked.since, result.excluded_reason <> ''
      ORDER BY run.measured_at DESC, lot.id DESC
    ) AS back
  FROM asked
  JOIN iqc_controlrun run ON run.procedure_id = asked.procedure_id
  JOIN iqc_controlresult result ON result.run_id = run.id
  JOIN iqc_controltarget target ON target.id = result.target_id
  JOIN iqc_controllot lot ON lot.id = target.control_lot_id
)
SELECT id, run_id, procedure_id, level, z, extract(epoch FROM measured_at)::float8, excluded, follows
FROM counted WHERE follows OR (NOT excluded AND back <= %(memory)s)
ORDER BY procedure_id, measured_at, run_id, level, lot_id
"""
_BREAKS = """
SELECT procedure_id, extract(epoch FROM at)::float8 FROM iqc_resetevent WHERE procedure_id = ANY(%(ids)s)
UNION
SELECT violation.procedure_id, extract(epoch FROM action.done_at)::float8
FROM iqc_correctiveaction action
JOIN iqc_correctiveaction_violations answered ON answered.correctiveaction_id = action.id
JOIN iqc_violation violation ON violation.id = answered.violation_id
WHERE violation.procedure_id = ANY(%(ids)s) AND action.cause <> 'not_found'
UNION
SELECT procedure_id, extract(epoch FROM began)::float8 FROM (
  SELECT run.procedure_id, min(run.measured_at) AS began,
    row_number() OVER (PARTITION BY run.procedure_id, lot.level ORDER BY min(run.measured_at), lot.id) AS place
  FROM iqc_controlrun run
  JOIN iqc_controlresult result ON result.run_id = run.id
  JOIN iqc_controltarget target ON target.id = result.target_id
  JOIN iqc_controllot lot ON lot.id = target.control_lot_id
  WHERE run.procedure_id = ANY(%(ids)s)
  GROUP BY run.procedure_id, lot.level, lot.id
) AS lots WHERE place > 1
"""
_RUNS = """
WITH asked AS (SELECT * FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[]) AS t(procedure_id, since))
SELECT run.id, run.procedure_id, run.measured_at, run.verdict FROM asked
JOIN iqc_controlrun run ON run.procedure_id = asked.procedure_id AND run.measured_at >= asked.since
ORDER BY run.procedure_id, run.measured_at
"""
_LAST_PASSED = """
WITH asked AS (SELECT * FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[]) AS t(procedure_id, since))
SELECT procedure_id, (
  SELECT run.measured_at FROM iqc_controlrun run
  WHERE run.procedure_id = asked.procedure_id AND run.measured_at < asked.since
    AND run.verdict IN ('accepted', 'warning')
  ORDER BY run.measured_at DESC LIMIT 1
) FROM asked
"""

Parameter = int | list[int] | list[dt.datetime]
Since = Mapping[int, dt.datetime]  # procedure → from which instant on


@dataclass(frozen=True, slots=True)
class StoredRun:
    id: int
    procedure_id: int
    measured_at: dt.datetime
    verdict: str


def read_series(since: Since, *, memory: int) -> Series:
    """Return the results of each system's runs from its instant on, and the last `memory` of each level before it."""
    rows = _rows(_RESULTS, {**_asked(since), "memory": memory})
    columns = list(zip(*rows, strict=True)) or [()] * 8
    return Series(
        result_id=np.array(columns[0], dtype=np.int64),
        run_id=np.array(columns[1], dtype=np.int64),
        procedure_id=np.array(columns[2], dtype=np.int64),
        level=np.array(columns[3], dtype=np.int64),
        z=np.array(columns[4], dtype=np.float64),
        at=np.array(columns[5], dtype=np.float64),
        excluded=np.array(columns[6], dtype=np.bool_),
        follows=np.array(columns[7], dtype=np.bool_),
    )


def read_breaks(procedure_ids: Sequence[int]) -> Breaks:
    """Return reset events, first runs of a new lot, and actions that removed a cause."""
    rows = _rows(_BREAKS, {"ids": list(procedure_ids)})
    return Breaks(
        procedure_id=np.array([row[0] for row in rows], dtype=np.int64),
        at=np.array([row[1] for row in rows], dtype=np.float64),
    )


def read_runs(since: Since) -> list[StoredRun]:
    """Return each system's runs from its instant on, by system and in order of time."""
    return [StoredRun(*row) for row in _rows(_RUNS, _asked(since))]


def last_passed_before(since: Since) -> dict[int, dt.datetime | None]:
    """Return when each system last had an accepted run before its instant."""
    return dict(_rows(_LAST_PASSED, _asked(since)))


def _asked(since: Since) -> dict[str, Parameter]:
    return {"ids": list(since), "since": list(since.values())}


def _rows(query: str, parameters: Mapping[str, Parameter]) -> list[Any]:
    """Return rows whose columns differ by query; the callers give them their types."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
