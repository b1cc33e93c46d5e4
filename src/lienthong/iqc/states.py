"""The runs and open rules that a system's state at an instant rests on, for many instants in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

_STATES = """
SELECT asked.procedure_id, asked.at,
  (SELECT run.measured_at FROM iqc_controlrun run
   WHERE run.procedure_id = asked.procedure_id AND run.measured_at <= asked.at
   ORDER BY run.measured_at DESC LIMIT 1),
  (SELECT run.measured_at FROM iqc_controlrun run
   WHERE run.procedure_id = asked.procedure_id AND run.measured_at <= asked.at
     AND run.verdict IN ('accepted', 'warning')
   ORDER BY run.measured_at DESC LIMIT 1),
  (SELECT array_agg(DISTINCT violation.rule ORDER BY violation.rule) FROM iqc_violation violation
   JOIN iqc_controlrun run ON run.id = violation.run_id
   WHERE violation.procedure_id = asked.procedure_id AND NOT violation.is_warning AND violation.withdrawn_at IS NULL
     AND run.measured_at <= asked.at AND (violation.cleared_at IS NULL OR violation.cleared_at > asked.at))
FROM unnest(%s::bigint[], %s::timestamptz[]) AS asked(procedure_id, at)
"""


@dataclass(frozen=True, slots=True)
class StateRow:
    procedure_id: int
    at: dt.datetime
    last_run_at: dt.datetime | None
    last_accepted_at: dt.datetime | None
    open_rules: tuple[str, ...]


def read_states(pairs: Sequence[tuple[int, dt.datetime]]) -> list[StateRow]:
    """Return for each system and instant its last run, its last accepted run, and the rules that were open."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [[pair[0] for pair in pairs], [pair[1] for pair in pairs]])
        return [StateRow(row[0], row[1], row[2], row[3], tuple(row[4] or ())) for row in cursor.fetchall()]
