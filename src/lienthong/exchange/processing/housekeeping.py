"""What the worker does by the clock: time alone ends proof, fills partitions and makes assertions expire."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from lienthong.core.access.housekeeping import forget_expired_access
from lienthong.core.actions import system_user
from lienthong.core.partitions import ensure_months
from lienthong.errors import LienthongError
from lienthong.exchange.bulk.actions import forget_expired_exports
from lienthong.exchange.bulk.files import ExportFiles
from lienthong.exchange.quality.actions import count_due_days
from lienthong.recognition.actions import recompute_grants
from lienthong.registry import reads as registry
from lienthong.results.imaging.actions import tie_waiting_objects
from lienthong.results.people.name_counting import count_names

log = logging.getLogger(__name__)

EVERY, FIRST = dt.timedelta(hours=1), dt.timedelta(minutes=1)


def keep_house(stop: threading.Event, *, clock: Callable[[], dt.datetime], look_seconds: float = 1.0) -> None:
    """Do what is due until `stop` is set. What fails is logged and tried again at the next turn.

    It has a thread of its own: to judge the rights of a whole region takes longer than messages can wait.
    """
    house = Housekeeping.from_start(clock())
    while not stop.wait(look_seconds):
        if (at := clock()) < house.due_at:
            continue
        try:
            house.do(at)
        except (DatabaseError, InterfaceError, LienthongError) as error:
            log.error("the housekeeping could not be done: %s", type(error).__name__)
        finally:
            connection.close()


@dataclass(slots=True)
class Housekeeping:
    """Remembers when it is due next: a minute after the start, then every hour. Doing it twice changes nothing."""

    due_at: dt.datetime
    names_counted_on: dt.date = dt.date.min

    @classmethod
    def from_start(cls, at: dt.datetime) -> Housekeeping:
        return cls(at + FIRST)

    def do(self, at: dt.datetime) -> None:
        """Judge rights as of now, forget what has expired, count names and what senders sent, tie images, and
        make partitions.

        A laboratory that stops running controls sends nothing: its right falls because a day passes. Partitions come
        late: they wait for a lock only briefly, and what fails is tried again at the next turn.
        """
        self.due_at, today = at + EVERY, timezone.localdate(at)
        recompute_grants(list(registry.procedures(on=today)), by=system_user("recognition"), at=at)
        forget_expired_access(at=at)
        forget_expired_exports(files=ExportFiles.of_installation(), by=system_user("exports"), at=at)
        if today > self.names_counted_on:
            count_names(by=system_user("results"))
            self.names_counted_on = today
        tie_waiting_objects(by=system_user("results"), at=at)
        ensure_months(on=at.date())
        count_due_days(at=at)
