"""The worker's part: it hands checkpoints over beside its other work, several witnesses at once: none delays another.

Nothing here holds the log's turn, so that a witness who is slow or dead never delays what is signed.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from random import SystemRandom

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from lienthong.core.actions import system_user
from lienthong.exchange.witnesses.handing import due_witnesses, hand_over

log = logging.getLogger(__name__)

HANDER = "log"
THREADS = 4
LOST = (DatabaseError, InterfaceError, psycopg.Error)
_chance = SystemRandom().random


def keep_witnesses(stop: threading.Event, *, clock: Callable[[], dt.datetime], look_seconds: float = 1.0) -> None:
    """Hand checkpoints to witnesses until `stop` is set. A lost database is waited for."""
    busy: dict[int, Future[None]] = {}
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="witness")
    while not stop.wait(look_seconds):
        busy = {witness: one for witness, one in busy.items() if not one.done()}
        for witness in _due(clock):
            if witness not in busy:
                busy[witness] = pool.submit(_hand_over, witness, clock)
    pool.shutdown(cancel_futures=True)  # an attempt ends by its limits, and with it its connection
    connection.close()


def _due(clock: Callable[[], dt.datetime]) -> list[int]:
    try:
        return due_witnesses(clock())
    except LOST as error:
        log.warning("witnesses wait for the database: %s", type(error).__name__)
        connection.close()
        return []


def _hand_over(witness_id: int, clock: Callable[[], dt.datetime]) -> None:
    try:
        hand_over(witness_id, by=system_user(HANDER), at=clock(), chance=_chance())
    except LOST as error:
        log.warning("a witness was not handed the checkpoint: %s", type(error).__name__)
    finally:
        connection.close()
