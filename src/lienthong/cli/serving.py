"""`lienthong serve`: web application, listeners, worker and sender under one supervisor; the database stops last."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from lienthong.cli.start import start
from lienthong.core.embedded import DatabaseUnavailable, EmbeddedServer

STOP_SECONDS = 20
RESTART_SECONDS = 2
START_SECONDS = 60


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the web application")] = 8000,
    mllp_port: Annotated[int, typer.Option(help="Port of the MLLP listener")] = 2575,
    astm_port: Annotated[list[int] | None, typer.Option(help="Port for analysers (ASTM); may be repeated")] = None,
    watch: Annotated[list[str] | None, typer.Option(help="Watched folder, as FOLDER=SENDER; may be repeated")] = None,
    dicom_port: Annotated[int | None, typer.Option(help="Port for DICOM objects; without it none is opened")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder; default: LIENTHONG_DATA, else .data")] = None,
) -> None:
    """Serve the web application, receive messages (HL7 v2, ASTM, DICOM) and files, process and send them on."""
    folders = _folders(watch or ())
    server = start(data=data, migrate=True)
    try:
        run_until_stopped(
            host=host,
            port=port,
            mllp_port=mllp_port,
            astm_ports=astm_port or (),
            dicom_port=dicom_port,
            folders=folders,
            server=server,
        )
    finally:
        if server:
            server.stop()


def run_until_stopped(
    *,
    host: str,
    port: int,
    mllp_port: int,
    astm_ports: Sequence[int] = (),
    dicom_port: int | None = None,
    folders: Mapping[str, str] | None = None,
    server: EmbeddedServer | None = None,
) -> None:
    """Keep web, listeners and worker running until SIGINT or SIGTERM, and the embedded server where one is given."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with supervised(
        host=host,
        port=port,
        mllp_port=mllp_port,
        astm_ports=astm_ports,
        dicom_port=dicom_port,
        folders=folders or {},
    ) as processes:
        while not stop.wait(0.5):
            for process in processes:
                process.keep_alive()
            if server:
                keep_database(server)


def keep_database(server: EmbeddedServer) -> None:
    """Start the embedded server again where it is gone; listener and worker wait for it meanwhile."""
    if any(server.is_alive() for _ in range(2)):
        return
    typer.echo("the embedded PostgreSQL does not answer; starting it again", err=True)
    with contextlib.suppress(DatabaseUnavailable):  # tried again at the next turn
        server.start()


@contextlib.contextmanager
def supervised(
    *,
    host: str,
    port: int,
    mllp_port: int,
    astm_ports: Sequence[int] = (),
    dicom_port: int | None = None,
    folders: Mapping[str, str] | None = None,
) -> Iterator[list[Process]]:
    """Run worker, sender, listeners and web, and a watcher for each folder (folder to sender); the first stops last."""
    processes = [
        Process("worker", [sys.executable, "-m", "lienthong", "exchange", "work"]),
        Process("listener", [*_listener(host, mllp_port, astm_ports)]),
        Process("sender", [sys.executable, "-m", "lienthong", "exchange", "outbound"]),
        *([] if dicom_port is None else [Process("DICOM listener", [*_dicom(host, dicom_port)])]),
        *(Process(f"watcher of {folder}", _watcher(folder, source)) for folder, source in (folders or {}).items()),
        Process("web", web_command(host, port)),
    ]
    try:
        for process in processes:
            process.start()
        yield processes
    finally:
        for process in reversed(processes):
            process.stop()


@dataclass
class Process:
    """A child process that is started again when it dies."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.running = subprocess.Popen(  # noqa: S603 — our own programs
            self.command, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def keep_alive(self) -> None:
        if self.running and self.running.poll() is not None and time.monotonic() - self.started_at > RESTART_SECONDS:
            typer.echo(f"{self.name} ended with code {self.running.returncode}; starting it again", err=True)
            self.start()

    def stop(self) -> None:
        if self.running is None or self.running.poll() is not None:
            return
        self.running.terminate()
        try:
            self.running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()


def web_command(host: str, port: int) -> list[str]:
    """Return the command that serves the web application."""
    options = ("--workers", "1", "--threads", "8", "--bind", f"{host}:{port}", "--log-level", "warning")
    longest = ("--limit-request-line", "8190")  # as far as gunicorn goes: the address of a page holds what was asked
    return [sys.executable, "-m", "gunicorn", *options, *longest, "lienthong.config.wsgi:application"]


def _listener(host: str, port: int, astm_ports: Sequence[int]) -> list[str]:
    command = [sys.executable, "-m", "lienthong", "exchange", "listen", "--host", host, "--port", str(port)]
    return command + [part for one in astm_ports for part in ("--astm-port", str(one))]


def _dicom(host: str, port: int) -> list[str]:
    return [sys.executable, "-m", "lienthong", "exchange", "dicom", "--host", host, "--port", str(port)]


def _watcher(folder: str, source: str) -> list[str]:
    return [sys.executable, "-m", "lienthong", "exchange", "watch", folder, "--source", source]


def _folders(watched: Sequence[str]) -> dict[str, str]:
    """Return each watched folder with its sender; refuse what is not FOLDER=SENDER."""
    pairs = [one.rpartition("=") for one in watched]
    if not all(folder and source for folder, _sign, source in pairs):
        raise typer.BadParameter("--watch must be FOLDER=SENDER")
    return {folder: source for folder, _sign, source in pairs}
