"""What a worker does about exports: it starts a process of its own for them, which ends when none waits.

To make a million lines takes longer than messages can wait, and as much of the processor as it gets.
"""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
import threading
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from lienthong.exchange.bulk.queue import waiting_exports

log = logging.getLogger(__name__)

STOP_SECONDS = 5


def keep_exports(stop: threading.Event, *, clock: Callable[[], dt.datetime], look_seconds: float = 2.0) -> None:
    """Have exports made until `stop` is set; what fails is logged and tried again at the next turn."""
    while not stop.wait(look_seconds):
        try:
            if waiting_exports():
                _make_beside(stop)
        except (DatabaseError, InterfaceError) as error:
            log.warning("exports wait for the database: %s", type(error).__name__)
        finally:
            connection.close()


def _make_beside(stop: threading.Event) -> None:
    connection.close()
    command = [sys.executable, "-m", "lienthong", "exchange", "export"]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 — our own program
    while child.poll() is None and not stop.wait(0.5):
        pass
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
