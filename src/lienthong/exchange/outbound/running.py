"""The sender as a process: it looks who is due, and works at several outlets at once: a slow one delays none."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from lienthong.exchange.outbound.channels import Channel
from lienthong.exchange.outbound.housekeeping import Housekeeping
from lienthong.exchange.outbound.patience import GIVE_UP_AFTER
from lienthong.exchange.outbound.registry import CHANNELS
from lienthong.exchange.outbound.sending import Clock, due_outlets, work_outlet

log = logging.getLogger(__name__)

LOST = (DatabaseError, InterfaceError, psycopg.Error)


@dataclass(frozen=True, slots=True)
class Conduct:
    """By which channels a sender works, at how many outlets at once, how long it waits where nothing is due, and after
    what time an outlet that is not reached is paused.
    """

    channels: Mapping[str, Channel] = field(default_factory=lambda: CHANNELS)
    threads: int = 8
    idle_seconds: float = 0.5
    give_up_after: dt.timedelta = GIVE_UP_AFTER


def run_sender(stop: threading.Event, *, clock: Clock = timezone.now, conduct: Conduct | None = None) -> None:
    """Send until `stop` is set. A lost database is waited for; what was sent and not committed is sent again."""
    conduct = conduct or Conduct()
    house, busy = Housekeeping(clock()), dict[int, Future[None]]()
    with ThreadPoolExecutor(conduct.threads, thread_name_prefix="outlet") as pool:
        while not stop.is_set():
            busy = {outlet: one for outlet, one in busy.items() if not one.done()}
            for outlet in _due(clock):
                if outlet not in busy:
                    busy[outlet] = pool.submit(_work, outlet, conduct, clock, stop)
            _keep(house, clock)
            stop.wait(conduct.idle_seconds)
    connection.close()


def _due(clock: Clock) -> list[int]:
    try:
        return due_outlets(clock())
    except LOST as error:
        log.warning("the sender waits for the database: %s", type(error).__name__)
        connection.close()
        return []


def _work(outlet_id: int, conduct: Conduct, clock: Clock, stop: threading.Event) -> None:
    try:
        patience = conduct.give_up_after
        work_outlet(outlet_id, channels=conduct.channels, clock=clock, stop=stop, give_up_after=patience)
    except LOST as error:
        log.warning("the sender lost its database: %s", type(error).__name__)
    finally:
        connection.close()


def _keep(house: Housekeeping, clock: Clock) -> None:
    try:
        house.do(clock())
    except LOST as error:
        log.warning("old dispatches could not be taken away: %s", type(error).__name__)
        connection.close()
