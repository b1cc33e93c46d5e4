"""The MLLP listener: frames in, raw bytes to the inbox, the answer after commit. asyncio without the ORM."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import logging
import os
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import connections
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from lienthong.exchange.arrivals import UNKNOWN_SENDER, Reception, answer, receive_frame
from lienthong.exchange.committer import Committer
from lienthong.exchange.sender_cache import SenderCache
from lienthong.exchange.senders import Directory
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Frame, Frames, frame

log = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
NOT_KEPT = Finding("MSH", "not-stored", "The message could not be stored; nothing was kept, send it again later.")


@dataclass(slots=True)
class Listener:
    """Serves any number of connections; each gets its answers in the order of its messages."""

    committer: Committer
    senders: SenderCache
    clock: Callable[[], dt.datetime] = timezone.now
    serving: set[asyncio.Task[None]] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read frames until the sender hangs up; what is cut off by that is kept as refused."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 — asyncio serves each connection in a task
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        frames = Frames()
        try:
            while data := await reader.read(READ_BYTES):
                await self._answer(frames.feed(data), writer)
        except OSError:
            log.info("a sender broke its connection")
        finally:
            with contextlib.suppress(OSError):
                await self._answer(frames.close(), writer)
            await _hang_up(writer)

    async def _answer(self, received: list[Frame], writer: asyncio.StreamWriter) -> None:
        """Keep all that came in one read, then answer in order as each is committed."""
        receptions = [await self._receive(one) for one in received]
        keeping = [asyncio.ensure_future(self._keep(one)) for one in receptions]
        for reception, kept in zip(receptions, keeping, strict=True):
            payload = self._acknowledgment(reception, is_kept=await kept)
            if payload is not None:
                writer.write(frame(payload))
                await writer.drain()

    async def _receive(self, received: Frame) -> Reception:
        """Read a frame; an unknown sender is looked up once more before it is refused."""
        directory = await self.senders.current()
        reception = receive_frame(received, directory or Directory({}), at=self.clock())
        if directory is not None and reception.arrival.reason == UNKNOWN_SENDER.code:
            directory = await self.senders.current(afresh=True)
            reception = receive_frame(received, directory or Directory({}), at=self.clock())
        return reception

    async def _keep(self, reception: Reception) -> bool:
        """Nothing is kept before the senders were read once: a known one must not be refused as unknown."""
        is_known = await self.senders.current() is not None
        return is_known and await self.committer.keep(reception.arrival)

    def _acknowledgment(self, reception: Reception, *, is_kept: bool) -> bytes | None:
        at = self.clock()
        control_id = f"LT{at:%y%m%d%H%M%S}{os.getpid() % 10000:04d}{next(self._numbers) % 1000000:06d}"
        return answer(reception, control_id=control_id, at=at, not_kept=None if is_kept else NOT_KEPT)


def run_listener(
    host: str,
    port: int,
    *,
    stop: threading.Event | None = None,
    on_ready: Callable[[int], None] | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Listen until `stop` is set, or SIGTERM or SIGINT comes; tell `on_ready` the port (0 chooses a free one)."""
    asyncio.run(_listen(host, port, stop=stop or threading.Event(), on_ready=on_ready, tls=tls))


async def _listen(
    host: str,
    port: int,
    *,
    stop: threading.Event,
    on_ready: Callable[[int], None] | None,
    tls: ssl.SSLContext | None,
) -> None:
    committer = Committer(conninfo=conninfo(), clock=timezone.now)
    listener = Listener(committer, SenderCache(conninfo()))
    committing = asyncio.create_task(committer.run())
    server = await asyncio.start_server(listener.serve, host, port, ssl=tls, backlog=512)
    with _stopped_by_signals(stop):
        if on_ready:
            on_ready(server.sockets[0].getsockname()[1])
        while not stop.is_set() and not committing.done():
            await asyncio.sleep(0.05)
    server.close()
    await _end(listener.serving)
    await listener.senders.close()
    await _end({committing})


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them; what ended by a fault raises it here."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    for outcome in await asyncio.gather(*ending, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def conninfo() -> str:
    """Return the connection string of Django's database, for connections without the ORM."""
    settings = connections["default"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {key: str(settings[name]) for key, name in names.items() if settings.get(name)}
    return make_conninfo(**given, application_name="lienthong-listener")


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


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
