"""Counting what senders sent, day by day."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from lienthong.exchange.quality.models import SourceDay
from lienthong.results.reads import DELAY_ENDS, RESULT_FIELDS, Traffic, traffic

DAYS_KEPT_FRESH = 7  # a held message that is replayed changes the day of its receipt
DAYS_LOOKED_BACK = 30


def count_due_days(*, at: dt.datetime) -> int:
    """Count today, and of the last thirty days those that were not counted since they ended; return how many.

    The last seven are counted once a day, because what was held then is stored since. Twice changes nothing.
    """
    today = timezone.localdate(at)
    first = today - dt.timedelta(days=DAYS_LOOKED_BACK)
    rows = SourceDay.objects.filter(day__gte=first).values_list("day").annotate(last=Max("counted_at"))
    counted = {day: timezone.localdate(last) for day, last in rows}
    due = [today]
    for back in range(1, DAYS_LOOKED_BACK + 1):
        day = today - dt.timedelta(days=back)
        least = today if back <= DAYS_KEPT_FRESH else day + dt.timedelta(days=1)
        if counted.get(day, dt.date.min) < least:
            due.append(day)
    for day in due:
        count_day(day, at=at)
    return len(due)


@transaction.atomic
def count_day(day: dt.date, *, at: dt.datetime) -> None:
    """Count what each sender sent on a day of the platform's zone, in the place of what was counted before."""
    start = timezone.make_aware(dt.datetime.combine(day, dt.time()))
    found = traffic(start=start, end=start + dt.timedelta(days=1))
    SourceDay.objects.filter(day=day).delete()
    SourceDay.objects.bulk_create(_row(source, day, one, at) for source, one in found.items())


def _row(source: str, day: dt.date, one: Traffic, at: dt.datetime) -> SourceDay:
    expected = one.results * len(RESULT_FIELDS)
    return SourceDay(
        source=source,
        day=day,
        messages=one.messages,
        duplicates=one.duplicates,
        held=one.held,
        rejected=one.rejected,
        results=one.results,
        results_unmapped=one.unmapped,
        expected=expected,
        filled=expected - sum(one.missing.values()),
        missing=one.missing,
        delays=one.delays[: len(DELAY_ENDS) + 1],
        counted_at=at,
    )
