"""Listener and worker while the demonstration's messages arrive."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lienthong.cli.progress import Steps
from lienthong.cli.serving import Process
from lienthong.errors import LienthongError
from lienthong.exchange.reads import inbox_counts

PATIENCE_SECONDS = 300


class IntakeStuck(LienthongError):
    code = "intake-stuck"


@contextmanager
def listening(folder: Path) -> Iterator[int]:
    """Run listener and worker as the processes they are in service; yield the MLLP port."""
    port_file = folder / "mllp-port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "lienthong", "exchange"]
    processes = [
        Process("listener", [*command, "listen", "--port", "0", "--port-file", str(port_file)]),
        Process("worker", [*command, "work"]),
    ]
    for process in processes:
        process.start()
    try:
        yield _port(port_file)
    finally:
        for process in processes:
            process.stop()


def wait_until_processed(steps: Steps) -> None:
    """Wait until no message waits; raise IntakeStuck where nothing moves for too long."""
    waiting = _waiting()
    forward = steps.advance("messages processed", waiting)
    moved = time.monotonic()
    while waiting:
        time.sleep(0.2)
        left = _waiting()
        if left < waiting:
            forward(waiting - left)
            waiting, moved = left, time.monotonic()
        elif time.monotonic() - moved > PATIENCE_SECONDS:
            raise IntakeStuck(f"{left} messages wait and none was processed for {PATIENCE_SECONDS} s")


def _waiting() -> int:
    return sum(one.messages for one in inbox_counts() if one.state == "received")


def _port(path: Path) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text().strip()):
            return int(text)
        time.sleep(0.05)
    raise IntakeStuck("the MLLP listener did not start within 60 s")
