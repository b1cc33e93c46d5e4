"""What senders sent within a time, counted from the inbox and the results, without reading a message again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from lienthong.core.timekey import first_key

# Upper ends of the classes of delay, in seconds: from half a minute to six days, each a quarter longer than the last.
DELAY_ENDS = tuple(round(30 * 1.25**step, 1) for step in range(45))
# What a good result has; the first six are its own, the last two its patient's.
FIELDS = ("collected_at", "measured_at", "released_at", "reference_range", "unit", "procedure", "birth_date", "sex")
_MESSAGES = """
SELECT source, count(*), count(*) FILTER (WHERE state = 'duplicate'), count(*) FILTER (WHERE state = 'held'),
       count(*) FILTER (WHERE state = 'rejected')
FROM results_inbox
WHERE id >= %(start)s AND id < %(end)s AND source <> '' AND state <> 'training'
  AND reason <> 'acknowledgment'
GROUP BY source
"""
_RESULTS = """
SELECT inbox.source, count(*),
       count(*) FILTER (WHERE result.collected_at IS NULL OR strpos(result.filled_in, 'collected_at') > 0),
       count(*) FILTER (WHERE result.measured_at IS NULL),
       count(*) FILTER (WHERE result.released_at IS NULL),
       count(*) FILTER (WHERE result.value IS NOT NULL AND result.reference_range = ''),
       count(*) FILTER (WHERE result.value IS NOT NULL AND result.reported_unit = ''),
       count(*) FILTER (WHERE result.procedure_id IS NULL),
       count(*) FILTER (WHERE patient.birth_date IS NULL), count(*) FILTER (WHERE patient.sex = '')
FROM results_inbox inbox
JOIN results_result result ON result.inbox_id = inbox.id AND result.id >= %(start)s
JOIN results_patientrecord patient ON patient.id = result.patient_record_id
WHERE inbox.id >= %(start)s AND inbox.id < %(end)s AND inbox.source <> ''
GROUP BY inbox.source
"""
_DELAYS = """
SELECT inbox.source,
       width_bucket(extract(epoch FROM inbox.received_at - result.released_at)::float8, %(ends)s::float8[]), count(*)
FROM results_inbox inbox
JOIN results_result result ON result.inbox_id = inbox.id AND result.id >= %(start)s
WHERE inbox.id >= %(start)s AND inbox.id < %(end)s AND inbox.source <> '' AND result.released_at IS NOT NULL
  AND result.version = 1
GROUP BY 1, 2
"""
_UNMAPPED = """
SELECT source, count(*) FROM results_heldresult
WHERE inbox_id >= %(start)s AND inbox_id < %(end)s AND reason = 'code-unknown' AND released_at IS NULL GROUP BY source
"""


@dataclass(slots=True)
class Traffic:
    """What one sender sent: messages by what became of them, results, what they lack, and their delays by class.

    `delays[k]` counts results that came within `DELAY_ENDS[k]` seconds of their release, and not within the class
    before; the last class is later than all.
    """

    messages: int = 0
    duplicates: int = 0
    held: int = 0
    rejected: int = 0
    results: int = 0
    unmapped: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    delays: list[int] = field(default_factory=lambda: [0] * (len(DELAY_ENDS) + 1))


def traffic(*, start: dt.datetime, end: dt.datetime) -> dict[str, Traffic]:
    """Count by sender what was received from `start` on and before `end`, but for training and for answers."""
    parameters: dict[str, Any] = {"start": first_key(start), "end": first_key(end), "ends": list(DELAY_ENDS)}
    found: dict[str, Traffic] = {}
    for source, *counts in _rows(_MESSAGES, parameters):
        one = found.setdefault(source, Traffic())
        one.messages, one.duplicates, one.held, one.rejected = counts
    for source, results, *missing in _rows(_RESULTS, parameters):
        one = found.setdefault(source, Traffic())
        one.results, one.missing = results, dict(zip(FIELDS, missing, strict=True))
    for source, place, count in _rows(_DELAYS, parameters):
        found.setdefault(source, Traffic()).delays[place] += count
    for source, count in _rows(_UNMAPPED, parameters):
        found.setdefault(source, Traffic()).unmapped = count
    return found


def _rows(statement: str, parameters: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows
