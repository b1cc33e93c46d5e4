"""What the worker does by the clock: time alone ends proof, fills partitions and makes assertions expire."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lienthong.core.actions import system_user
from lienthong.core.assertions import forget_expired_assertions
from lienthong.core.partitions import ensure_months
from lienthong.recognition.actions import recompute_grants
from lienthong.registry import reads as registry
from lienthong.results.name_counting import count_names

EVERY, FIRST = dt.timedelta(hours=1), dt.timedelta(minutes=1)


@dataclass(slots=True)
class Housekeeping:
    """Remembers when it is due next: a minute after the start, then every hour. Doing it twice changes nothing."""

    due_at: dt.datetime
    names_counted_on: dt.date = dt.date.min

    @classmethod
    def from_start(cls, at: dt.datetime) -> Housekeeping:
        return cls(at + FIRST)

    def do(self, at: dt.datetime) -> None:
        """Judge every right as of now, forget what has expired, count names once a day, and make months' partitions.

        A laboratory that stops running controls sends nothing: its right falls because a day passes. Partitions come
        last: they wait for a lock only briefly, and what fails is tried again at the next turn.
        """
        self.due_at = at + EVERY
        recompute_grants(list(registry.procedures(on=at.date())), by=system_user("recognition"), at=at)
        forget_expired_assertions(at=at)
        if at.date() > self.names_counted_on:
            count_names(by=system_user("results"))
            self.names_counted_on = at.date()
        ensure_months(on=at.date())
