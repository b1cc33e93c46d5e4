"""The ASTM listener: analysers' lines over TCP, messages to the inbox, the last frame acknowledged after commit."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from lienthong.exchange.analyzers.arrivals import UNKNOWN_SENDER, AstmReception, Place, receive_message
from lienthong.exchange.analyzers.directory import LOAD, AnalyzerDirectory
from lienthong.exchange.listening.committer import Committer
from lienthong.exchange.listening.directory_cache import DirectoryCache
from lienthong.exchange.listening.listener import conninfo
from lienthong.interop import astm

log = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
SECONDS_TO_FIND = 10.0  # who calls; no longer than an analyser waits
SECONDS_TO_KEEP = 12.0  # the analyser gives up after 15: it is asked for the frame again before


@dataclass(slots=True)
class AstmListener:
    """Serves any number of analysers, each on its connection, at the ports that it was given."""

    committer: Committer
    analyzers: DirectoryCache[AnalyzerDirectory]
    clock: Callable[[], dt.datetime] = timezone.now
    seconds_to_keep: float = SECONDS_TO_KEEP
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Follow one line until the analyser hangs up; what is cut off by that is kept as refused."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 — asyncio serves each connection in a task
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        line = _Line(self, writer, _place(writer))
        try:
            await line.follow(reader)
        except OSError:
            log.info("an analyser broke its connection")
        finally:
            with contextlib.suppress(OSError):
                await line.act(line.link.close())
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def receive(self, data: bytes, place: Place, *, is_whole: bool = True) -> AstmReception | None:
        """Read a message; an unknown analyser is looked up once more. None where the analysers can't be read."""
        directory = await self.analyzers.current()
        if directory is None:
            return None
        reception = receive_message(data, place, directory, at=self.clock(), is_whole=is_whole)
        if not reception.arrival.source or reception.arrival.reason == UNKNOWN_SENDER.code:
            directory = await self.analyzers.current(afresh=True) or directory
            reception = receive_message(data, place, directory, at=self.clock(), is_whole=is_whole)
        return reception

    async def keep(self, receptions: Sequence[AstmReception]) -> bool:
        """Return whether all are committed in time. One that is committed later is known when it comes again."""
        keeping = [self.committer.keep(one.arrival) for one in receptions]
        try:
            return all(await asyncio.wait_for(asyncio.gather(*keeping), self.seconds_to_keep))
        except TimeoutError:
            log.warning("%d messages of an analyser could not be kept in time", len(keeping))
            return False


@dataclass(slots=True)
class _Line:
    """One connection: the link's effects become bytes on the wire and rows in the inbox."""

    listener: AstmListener
    writer: asyncio.StreamWriter
    place: Place
    link: astm.Link = field(default_factory=lambda: astm.Link("host"))

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def follow(self, reader: asyncio.StreamReader) -> None:
        while True:
            limit = None if self.link.deadline is None else max(self.link.deadline - self.now, 0.0)
            try:
                data = await asyncio.wait_for(reader.read(READ_BYTES), limit)
            except TimeoutError:
                await self.act(self.link.pass_time(now=self.now))
                continue
            if not data:
                return
            await self.act(self.link.feed(data, now=self.now))

    async def act(self, effects: Sequence[astm.Effect]) -> None:
        waiting = list(effects)
        while waiting:
            effect = waiting.pop(0)
            if isinstance(effect, astm.Send):
                self.writer.write(effect.data)
                await self.writer.drain()
            elif isinstance(effect, astm.Complete):
                waiting = [*await self._decide(effect), *waiting]
            elif isinstance(effect, astm.BrokenOff):
                await self._keep_rest(effect.text)

    async def _decide(self, complete: astm.Complete) -> list[astm.Effect]:
        """Keep what is complete, then let its last frame be acknowledged; else ask for that frame again."""
        receptions = [await self.listener.receive(one, self.place) for one in complete.messages]
        known = [one for one in receptions if one is not None]
        if len(known) < len(receptions) or not await self.listener.keep(known):
            return self.link.refuse(now=self.now)
        effects = self.link.keep(now=self.now)
        for answer in (one.answer for one in known if one.answer):
            effects += self.link.send(answer, now=self.now)
        return effects

    async def _keep_rest(self, text: bytes) -> None:
        reception = await self.listener.receive(text, self.place, is_whole=False)
        if reception is not None:
            await self.listener.keep([reception])


def run_astm_listener(
    host: str,
    ports: Sequence[int],
    *,
    stop: threading.Event,
    on_ready: Callable[[list[int]], None] | None = None,
    seconds_to_keep: float = SECONDS_TO_KEEP,
) -> None:
    """Listen at each port until `stop` is set; tell `on_ready` the ports (0 chooses a free one)."""
    asyncio.run(_listen(host, ports, stop=stop, on_ready=on_ready, seconds_to_keep=seconds_to_keep))


async def _listen(
    host: str,
    ports: Sequence[int],
    *,
    stop: threading.Event,
    on_ready: Callable[[list[int]], None] | None,
    seconds_to_keep: float,
) -> None:
    committer = Committer(conninfo=conninfo(), clock=timezone.now)
    analyzers = DirectoryCache(conninfo(), LOAD, AnalyzerDirectory.of, give_up_seconds=SECONDS_TO_FIND)
    listener = AstmListener(committer, analyzers, seconds_to_keep=seconds_to_keep)
    committing = asyncio.create_task(committer.run())
    servers = [await asyncio.start_server(listener.serve, host, port, backlog=128) for port in ports]
    if on_ready:
        on_ready([server.sockets[0].getsockname()[1] for server in servers])
    while not stop.is_set() and not committing.done():
        await asyncio.sleep(0.05)
    for server in servers:
        server.close()
    await _end(listener.serving)
    await listener.analyzers.close()
    await _end({committing})


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them; what ended by a fault raises it here."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    for outcome in await asyncio.gather(*ending, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def _place(writer: asyncio.StreamWriter) -> Place:
    """Return where a connection came in, and let the system notice when its other end is gone."""
    line: socket.socket | None = writer.get_extra_info("socket")
    if line is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    peer, own = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
    return Place(str(peer[0]) if peer else "", int(own[1]) if own else 0)
