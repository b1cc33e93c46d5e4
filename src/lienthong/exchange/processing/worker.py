"""Workers: they claim lanes, store what the messages hold, and follow what happened. Any number may run."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from lienthong.core import happenings
from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.exchange.bulk.keeping import keep_exports
from lienthong.exchange.deliveries.queue import keep_deliveries
from lienthong.exchange.processing.desk import Desk
from lienthong.exchange.processing.housekeeping import keep_house
from lienthong.exchange.processing.log_keeping import keep_log
from lienthong.exchange.processing.pipeline import LARGEST, process_batch
from lienthong.exchange.witnesses.running import keep_witnesses
from lienthong.recognition.actions import followers
from lienthong.results.actions import Outcome

log = logging.getLogger(__name__)

WORKER = "exchange"
# Django's errors and the driver's own, which one that comes from beneath Django may still be: no worker dies of a loss.
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
AFTER_A_FAULT = 1.0  # seconds
SECONDS_FOR_THE_HOUSE = 10  # what housekeeping has not done by then, the next worker does


@dataclass(slots=True)
class BatchSize:
    """How many messages a batch has: many where much waits, few where a batch takes long or was lost.

    A long batch keeps its locks long, and what was done in vain is done again.
    """

    messages: int = 100
    longest_seconds: float = 2.0

    def learn(self, done: int, *, seconds: float) -> None:
        if seconds > self.longest_seconds:
            self.shrink()
        elif done >= self.messages:
            self.messages = min(self.messages * 2, LARGEST)

    def shrink(self) -> None:
        self.messages = max(self.messages // 2, 1)


@dataclass(frozen=True, slots=True)
class Processed:
    """What was done: messages by state, results stored and held, happenings followed."""

    stored: int = 0
    duplicate: int = 0
    control: int = 0
    held: int = 0
    rejected: int = 0
    training: int = 0
    results_stored: int = 0
    results_held: int = 0
    followed: int = 0

    @property
    def messages(self) -> int:
        return self.stored + self.duplicate + self.control + self.held + self.rejected + self.training

    @classmethod
    def of(cls, outcomes: Iterable[Outcome], *, followed: int = 0) -> Processed:
        counts: Counter[str] = Counter()
        for one in outcomes:
            counts.update({one.state: 1, "results_stored": one.results_stored, "results_held": one.results_held})
        return cls(**counts, followed=followed)


def process_waiting(at: dt.datetime, *, limit: int = LARGEST) -> Processed:
    """Process all that waits now, then follow what happened."""
    by = system_user(WORKER)
    desk = Desk()
    outcomes: list[Outcome] = []
    while batch := process_batch(by=by, at=at, limit=limit, desk=desk):
        outcomes += batch
    return Processed.of(outcomes, followed=follow_happenings(at=at))


def run_worker(
    stop: threading.Event, *, clock: Callable[[], dt.datetime] = timezone.now, idle_seconds: float = 0.2
) -> None:
    """Work until `stop` is set. A lost database is waited for; nothing is lost by it, the batch was not committed."""
    beside = [
        threading.Thread(target=_keep_up, args=(keep, stop), kwargs={"clock": clock}, daemon=True)
        for keep in (keep_house, keep_log, keep_witnesses, keep_deliveries, keep_exports)
    ]
    for thread in beside:
        thread.start()
    try:
        _work(stop, clock=clock, idle_seconds=idle_seconds)
    finally:
        stop.set()
        for thread in beside:
            thread.join(timeout=SECONDS_FOR_THE_HOUSE)
        connection.close()


def _keep_up(keep: Callable[..., None], stop: threading.Event, *, clock: Callable[[], dt.datetime]) -> None:
    """Keep something until `stop` is set: what ends by a fault that nobody foresaw is begun anew."""
    while not stop.is_set():
        try:
            keep(stop, clock=clock)
        except Exception as error:  # whatever it is, the others depend on it
            log.error("%s ended by a fault that nobody foresaw: %s", keep.__name__, type(error).__name__)
            connection.close()
            stop.wait(AFTER_A_FAULT)


def _work(stop: threading.Event, *, clock: Callable[[], dt.datetime], idle_seconds: float) -> None:
    by: User | None = None
    desk, size = Desk(), BatchSize()
    while not stop.is_set():
        try:
            by = by or system_user(WORKER)
            begun = time.monotonic()
            done = process_batch(by=by, at=clock(), limit=size.messages, desk=desk)
            size.learn(len(done), seconds=time.monotonic() - begun)
            is_busy = bool(follow_happenings(at=clock()) or done)
        except LOST as error:
            log.warning("the worker lost its database or its turn: %s", type(error).__name__)
            connection.close()
            size.shrink()
            is_busy = False
        except Exception as error:  # no worker ends by what it works on
            log.error("the worker met a fault that nobody foresaw: %s", type(error).__name__)
            connection.close()
            desk, is_busy = Desk(), False
            stop.wait(AFTER_A_FAULT)
        if not is_busy:
            stop.wait(idle_seconds)


def follow_happenings(*, at: dt.datetime) -> int:
    """Hand what happened to those who must follow it, until nothing waits; return how many."""
    followed = 0
    while count := happenings.follow(followers(), at=at):
        followed += count
    return followed
