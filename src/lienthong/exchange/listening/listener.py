"""The MLLP listener: frames in, raw bytes to the inbox, the answer after commit. asyncio without the ORM."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import connections
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from lienthong.exchange.listening.committer import LARGEST_BATCH, Committer
from lienthong.exchange.listening.conversation import Conversation, FrontDesk, Limits
from lienthong.exchange.listening.directory_cache import DirectoryCache
from lienthong.exchange.senders import LOAD, Directory

SWEEP_SECONDS = 1.0
DRAIN_SECONDS = 15.0
OPEN_FILES = 65_536


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a listener listens: a plain port, a TLS port, or both; port 0 chooses a free one, None is closed.

    `is_shared` lets several listener processes listen on the same ports; the kernel deals connections out among them.
    """

    host: str
    port: int | None
    tls_port: int | None = None
    tls: ssl.SSLContext | None = None
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a listener behaves: limits of connections, and how many messages share a commit at most."""

    limits: Limits = field(default_factory=Limits)
    largest_batch: int = LARGEST_BATCH
    give_up_seconds: float = 30.0


def run_listener(
    host: str,
    port: int,
    *,
    stop: threading.Event | None = None,
    on_ready: Callable[[int], None] | None = None,
    conduct: Conduct | None = None,
) -> None:
    """Listen without TLS until `stop` is set, or SIGTERM or SIGINT comes; tell `on_ready` the port."""
    ready = (lambda ports: on_ready(ports[0])) if on_ready else None
    run_listener_at(Doors(host, port), stop=stop, on_ready=ready, conduct=conduct)


def run_listener_at(
    doors: Doors,
    *,
    stop: threading.Event | None = None,
    on_ready: Callable[[list[int]], None] | None = None,
    conduct: Conduct | None = None,
) -> None:
    """Listen at `doors` until `stop` is set, or SIGTERM or SIGINT comes; tell `on_ready` the ports, plain before TLS.

    What was read by then is answered before it ends.
    """
    asyncio.run(_listen(doors, stop or threading.Event(), on_ready, conduct or Conduct()))


async def _listen(
    doors: Doors, stop: threading.Event, on_ready: Callable[[list[int]], None] | None, conduct: Conduct
) -> None:
    allow_many_connections()
    committer = Committer(
        conninfo(), timezone.now, give_up_seconds=conduct.give_up_seconds, largest_batch=conduct.largest_batch
    )
    desk = FrontDesk(committer, DirectoryCache(conninfo(), LOAD, Directory.of), conduct.limits)
    committing = asyncio.create_task(committer.run())
    servers = await _open(doors, desk)
    with _stopped_by_signals(stop):
        if on_ready:
            on_ready([server.sockets[0].getsockname()[1] for server in servers])
        await _serve(desk, stop, committing)
    for server in servers:
        server.close()
    await _drain(desk, committing)
    await desk.senders.close()
    await _end(committing)


async def _open(doors: Doors, desk: FrontDesk) -> list[asyncio.Server]:
    loop = asyncio.get_running_loop()
    plain = [] if doors.port is None else [(doors.port, None)]
    private = [] if doors.tls_port is None else [(doors.tls_port, doors.tls)]
    return [
        await loop.create_server(
            lambda: Conversation(desk), doors.host, port, ssl=tls, backlog=1024, reuse_port=doors.is_shared or None
        )
        for port, tls in (*plain, *private)
    ]


async def _serve(desk: FrontDesk, stop: threading.Event, committing: asyncio.Task[None]) -> None:
    loop = asyncio.get_running_loop()
    swept_at = loop.time()
    while not stop.is_set() and not committing.done():
        await asyncio.sleep(0.05)
        if loop.time() - swept_at >= SWEEP_SECONDS:
            swept_at = loop.time()
            for one in list(desk.conversations):
                one.sweep(swept_at)


async def _drain(desk: FrontDesk, committing: asyncio.Task[None]) -> None:
    """Answer what was read. What the database does not take in time stays unanswered, and its sender sends it again."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DRAIN_SECONDS
    for one in list(desk.conversations):
        one.drain()
    while desk.conversations and loop.time() < deadline and not committing.done():
        await asyncio.sleep(0.01)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for it; where it ended by a fault, raise that here."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def conninfo() -> str:
    """Return the connection string of Django's database, for connections without the ORM."""
    settings = connections["default"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {key: str(settings[name]) for key, name in names.items() if settings.get(name)}
    # A database machine that is gone without a word is noticed within half a minute.
    alive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
    return make_conninfo("", **given, **alive, application_name="lienthong-listener")


def allow_many_connections() -> None:
    """Raise this process's limit of open files as far as it may; each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the loop; only the main thread can hear them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
