"""What the sender does by the clock: dispatches that are done are kept a while, dead letters until someone acts; what
changed of resources goes when everybody who follows it was told.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Min

from lienthong.exchange.outbound.models import FOLLOWING, Dispatch, Outlet
from lienthong.exchange.outbound.patience import KEEP_FOR
from lienthong.results.resources.changes import end_of_resource_changes, forget_resource_changes

EVERY = dt.timedelta(hours=1)
CHUNK = 10_000
DONE = (Dispatch.State.DELIVERED, Dispatch.State.SUPERSEDED, Dispatch.State.WITHHELD, Dispatch.State.CLOSED)


@dataclass(slots=True)
class Housekeeping:
    """Remembers when it is due next."""

    due_at: dt.datetime

    def do(self, at: dt.datetime) -> int:
        """Where it is due, take away what was done long ago; return how many dispatches."""
        if at < self.due_at:
            return 0
        self.due_at = at + EVERY
        forget_told_changes()
        return forget_old_dispatches(at=at)


def forget_told_changes() -> int:
    """Take away the changes of resources behind which all outlets are that follow them; return how many.

    One that is paused still waits for them. Who is registered meanwhile begins behind them.
    """
    end = end_of_resource_changes()
    following = Outlet.objects.filter(channel__in=FOLLOWING).exclude(state=Outlet.State.OFF)
    last = following.aggregate(least=Min("resource_place"))["least"]
    return forget_resource_changes(end if last is None else min(last, end))


def forget_old_dispatches(*, at: dt.datetime, keep_for: dt.timedelta = KEEP_FOR) -> int:
    """Take away dispatches that were queued before `keep_for` and are done, some thousands at a time; return how many.

    What was read is kept: the audit log has an event of each sending.
    """
    gone = 0
    old = Dispatch.objects.filter(state__in=DONE, queued_at__lt=at - keep_for).order_by("pk")
    while keys := list(old.values_list("pk", flat=True)[:CHUNK]):
        gone += len(keys)
        Dispatch.objects.filter(pk__in=keys).delete()
    return gone
