"""What `lienthong exchange watch` does: one folder, until stopped or once."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from django.utils import timezone

from lienthong.cli.language import terminal_language

if TYPE_CHECKING:
    from lienthong.exchange.deliveries.watching import Taken


def watch_folder(folder: Path, source: str, *, once: bool, settle_seconds: float) -> None:
    """Watch until SIGINT or SIGTERM, or look once; then exit with 1 where a file was refused."""
    from lienthong.exchange.deliveries.watching import Watch, watch

    one = Watch(folder, source, settle_seconds=settle_seconds, language=terminal_language())
    if once:
        one.prepare()
        one.look(at=timezone.now(), now=time.monotonic())
        time.sleep(settle_seconds)
        taken = one.look(at=timezone.now(), now=time.monotonic())
        for each in taken:
            _tell(each)
        sys.exit(1 if any(each.is_refused for each in taken) else 0)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    typer.echo(f"watching {folder} for {source}", err=True)
    watch(one, stop, clock=timezone.now, on_taken=_tell)


def _tell(taken: Taken) -> None:
    state = "refused" if taken.is_refused else "came before, changes nothing" if taken.is_repeated else "taken"
    numbered = f"{state} {taken.number}".rstrip()
    typer.echo(f"{taken.name}: {numbered} ({len(taken.findings)} findings)")
