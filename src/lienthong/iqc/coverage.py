"""What the runs of a period amount to: the days with an accepted run, and the imprecision of the controls."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from lienthong.iqc.models import ControlRun
from lienthong.iqc.systems import System

_SPREAD = """
SELECT run.procedure_id, lot.level, count(*), avg(result.value), stddev_samp(result.value)
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS asked(procedure_id, first, last)
JOIN iqc_controlrun run ON run.procedure_id = asked.procedure_id
  AND run.measured_at >= asked.first AND run.measured_at < asked.last AND run.verdict <> 'rejected'
JOIN iqc_controlresult result ON result.run_id = run.id AND result.excluded_reason = ''
JOIN iqc_controltarget target ON target.id = result.target_id
JOIN iqc_controllot lot ON lot.id = target.control_lot_id
GROUP BY run.procedure_id, lot.level, lot.id HAVING count(*) > 1
"""


@dataclass(frozen=True, slots=True)
class Control:
    """Days with a run in which every level was measured and no rule rejects, and the largest CV of a level."""

    days_passed: frozenset[dt.date]
    cv_percent: float | None


def controls_of(known: Mapping[int, System], *, start: dt.date, end: dt.date) -> dict[int, Control]:
    """Return what the runs from `start` to `end` show, for each system that ever had a run."""
    ever = ControlRun.objects.of(known).order_by().values_list("procedure_id", flat=True).distinct()
    periods = {key: _period(known[key], start, end) for key in ever}
    days, spread = _days_passed(known, periods), _largest_cv(periods)
    return {key: Control(frozenset(days[key]), spread.get(key)) for key in periods}


def _period(system: System, start: dt.date, end: dt.date) -> tuple[dt.datetime, dt.datetime]:
    return system.midnight(start), system.midnight(end + dt.timedelta(days=1))


def _days_passed(
    known: Mapping[int, System], periods: Mapping[int, tuple[dt.datetime, dt.datetime]]
) -> dict[int, set[dt.date]]:
    days: dict[int, set[dt.date]] = defaultdict(set)
    if not periods:
        return days
    first, last = min(period[0] for period in periods.values()), max(period[1] for period in periods.values())
    runs = ControlRun.objects.of(periods).between(first, last).passed().values_list("procedure_id", "measured_at")
    for procedure_id, measured_at in runs:
        days[procedure_id].add(known[procedure_id].day(measured_at))
    return days


def _largest_cv(periods: Mapping[int, tuple[dt.datetime, dt.datetime]]) -> dict[int, float]:
    """Return the largest CV of a level: lots of a level pooled by their degrees of freedom, rejected runs left out."""
    squares: dict[tuple[int, int], float] = defaultdict(float)
    freedom: dict[tuple[int, int], int] = defaultdict(int)
    with connection.cursor() as cursor:
        bounds = [[period[side] for period in periods.values()] for side in (0, 1)]
        cursor.execute(_SPREAD, [list(periods), *bounds])
        for procedure_id, level, n, mean, sd in cursor.fetchall():
            if mean:
                squares[procedure_id, level] += (n - 1) * (100 * sd / abs(mean)) ** 2
                freedom[procedure_id, level] += n - 1
    largest: dict[int, float] = {}
    for (procedure_id, level), total in squares.items():
        cv = math.sqrt(total / freedom[procedure_id, level])
        largest[procedure_id] = max(cv, largest.get(procedure_id, 0.0))
    return largest
