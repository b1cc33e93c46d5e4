"""A witness as others run it: `lienthong log witness` in a process of its own, at the loopback address."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 30


@dataclass(slots=True)
class Running:
    """A witness that runs: its key as it printed it, and where it listens."""

    process: subprocess.Popen[str]
    key: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it and what it started at once, as a machine does that loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def witnessing(folder: Path, log: str, *, port: int = 0) -> Iterator[Running]:
    """Run a witness of a log until the block ends."""
    chosen = port or free_port()
    command = [sys.executable, "-m", "lienthong", "log", "witness", "--state", str(folder), "--log", log]
    process = subprocess.Popen(
        [*command, "--port", str(chosen)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    running = Running(process, process.stdout.readline().strip(), chosen)
    try:
        _wait_for(chosen)
        yield running
    finally:
        if process.poll() is None:
            running.kill()
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the witness does not listen")
