"""The worker's part in the verifiable log: it runs the sequencer, in a thread of its own.

Every worker does, and whoever has the sequencer's turn works: where one ends, another goes on.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import sequence
from lienthong.core.log.storage import LogBroken
from lienthong.core.models import User
from lienthong.errors import LienthongError
from lienthong.results.actions import seal_earlier_reports

log = logging.getLogger(__name__)

KEEPER = "log"
FAULTS = (DatabaseError, InterfaceError, psycopg.Error, LienthongError, OSError)
AFTER_A_FAULT = 5.0  # seconds


def keep_log(stop: threading.Event, *, clock: Callable[[], dt.datetime], look_seconds: float = 0.5) -> None:
    """Append to the log and sign it until `stop` is set. What fails is logged and tried again at the next turn.

    A lost database is waited for: nothing is lost by it, as what waits for its leaf was committed.
    """
    keeper, pause = Keeper(), look_seconds
    while not stop.wait(pause):
        try:
            pause = 0.0 if keeper.turn(clock()) else look_seconds
        except LogBroken as error:
            log.critical("the log is not gone on with: %s; run `lienthong log verify`", error)
            pause = AFTER_A_FAULT
        except FAULTS as error:
            log.error("the log could not be kept: %s", type(error).__name__)
            connection.close()
            pause = AFTER_A_FAULT
    connection.close()


@dataclass(slots=True)
class Keeper:
    """Remembers in whose name it acts, and whether reports from before there was a log are all sealed."""

    by: User | None = None
    is_behind: bool = True

    def turn(self, at: dt.datetime) -> bool:
        """Seal some earlier reports where there are any, then append and sign; return whether there is more to do."""
        self.by = self.by or system_user(KEEPER)
        self.is_behind = self.is_behind and bool(seal_earlier_reports(by=self.by))
        sequence(by=self.by, at=at)
        return self.is_behind
