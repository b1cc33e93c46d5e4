"""What `lienthong exchange listen` starts: one listener, or several processes that share its ports."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typer

from lienthong.cli.serving import Process
from lienthong.core.collector import rest_the_collector

KEPT_BACK = ("--port-file", "--astm-port")
Ports = tuple[int | None, int | None]
Files = tuple[Path | None, Path | None, Path | None]


def listen_at(
    host: str,
    ports: Ports,
    files: Files,
    *,
    stop: threading.Event,
    port_file: Path | None,
    is_shared: bool,
    idle_seconds: float,
    stranger_mb: float,
    largest_batch: int | None,
) -> None:
    """Listen in this process at the plain and the TLS port; None is closed."""
    from lienthong.exchange.listening.certificates import TlsFiles, server_context
    from lienthong.exchange.listening.committer import LARGEST_BATCH
    from lienthong.exchange.listening.conversation import Limits
    from lienthong.exchange.listening.listener import Conduct, Doors, run_listener_at

    plain, private = ports
    tls = server_context(TlsFiles(*files)) if private is not None else None
    limits = Limits(idle_seconds=idle_seconds, stranger_bytes=_bytes(stranger_mb))
    conduct = Conduct(limits, largest_batch=largest_batch or LARGEST_BATCH)
    doors = Doors(host, plain, private, tls, is_shared=is_shared)
    rest_the_collector()
    run_listener_at(doors, stop=stop, on_ready=lambda chosen: _tell(host, chosen, port_file), conduct=conduct)


@contextlib.contextmanager
def astm_listener(host: str, ports: list[int], stop: threading.Event, *, stranger_mb: float = 64.0) -> Iterator[None]:
    """Run the ASTM listener beside the block; where it ends by a fault, the block is stopped and the fault raised."""
    if not ports:
        yield
        return
    from lienthong.exchange.analyzers.listener import AstmConduct, run_astm_listener
    from lienthong.exchange.listening.conversation import Limits

    conduct = AstmConduct(Limits(stranger_bytes=_bytes(stranger_mb)))

    def ready(chosen: list[int]) -> None:
        typer.echo(f"ASTM listener at {', '.join(f'{host}:{one}' for one in chosen)}", err=True)

    def run() -> None:
        try:
            run_astm_listener(host, ports, stop=stop, on_ready=ready, conduct=conduct)
        finally:
            stop.set()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="astm") as pool:
        running = pool.submit(run)
        try:
            yield
        finally:
            stop.set()
            running.result()


def listen_in_processes(count: int, host: str, ports: Ports, *, stop: threading.Event, port_file: Path | None) -> None:
    """Run several listeners on the same ports until SIGINT or SIGTERM; one that dies is started again.

    Their other options are those of this command line, which each of them reads for itself.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with contextlib.ExitStack() as kept:
        plain, private = (None if port is None else kept.enter_context(_reserved(host, port)) for port in ports)
        options = ["--shared", "--processes", "1", "--host", host]
        options += [] if plain is None else ["--port", str(plain)]
        options += [] if private is None else ["--tls-port", str(private)]
        command = [sys.executable, "-m", "lienthong", *_own_arguments(), *options]
        listeners = [Process(f"listener {number}", command) for number in range(1, count + 1)]
        for one in listeners:
            one.start()
        try:
            _tell(host, [port for port in (plain, private) if port is not None], port_file)
            while not stop.wait(0.5):
                for one in listeners:
                    one.keep_alive()
        finally:
            for one in listeners:
                one.stop()


def _bytes(megabytes: float) -> int:
    return int(megabytes * 1024 * 1024)


def _own_arguments() -> list[str]:
    """This command line without port file and analysers' ports: they belong to the process that starts others."""
    kept: list[str] = []
    arguments = iter(sys.argv[1:])
    for one in arguments:
        if one in KEPT_BACK:
            next(arguments, None)
        elif not one.startswith(tuple(f"{name}=" for name in KEPT_BACK)):
            kept.append(one)
    return kept


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[int]:
    """Hold a port that listeners of this user can share; 0 chooses a free one. It gets no connection itself."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((host, port))
        yield int(holder.getsockname()[1])


def _tell(host: str, chosen: list[int], port_file: Path | None) -> None:
    if port_file:
        port_file.write_text("\n".join(str(port) for port in chosen))
    typer.echo("MLLP listener at " + " and ".join(f"{host}:{port}" for port in chosen), err=True)
