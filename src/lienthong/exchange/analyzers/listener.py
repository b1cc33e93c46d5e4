"""The ASTM listener: analysers' lines over TCP, messages to the inbox, the last frame acknowledged after commit."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from lienthong.exchange.analyzers.arrivals import AstmReception, Place, receive_text
from lienthong.exchange.analyzers.directory import LOAD, AnalyzerDirectory
from lienthong.exchange.listening.committer import Committer
from lienthong.exchange.listening.conversation import Limits, keep_alive
from lienthong.exchange.listening.directory_cache import DirectoryCache
from lienthong.exchange.listening.hanging_up import hang_up
from lienthong.exchange.listening.held_bytes import HeldBytes
from lienthong.exchange.listening.listener import allow_many_connections, conninfo
from lienthong.exchange.listening.strangers import Allowance
from lienthong.interop import astm

log = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
SECONDS_TO_FIND = 10.0  # who calls; no longer than an analyser waits
SECONDS_TO_KEEP = 12.0  # the analyser gives up after 15: it is asked for the frame again before
MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class AstmConduct:
    """How the listener behaves. Beyond `most_lines` the one that is silent for longest is closed: an analyser may be
    silent for days, so that silence alone closes none, and `limits.idle_seconds` is not asked.
    """

    limits: Limits = field(default_factory=Limits)
    most_lines: int = MOST_LINES
    seconds_to_keep: float = SECONDS_TO_KEEP


@dataclass(slots=True)
class AstmListener:
    """Serves analysers, each on its connection, at the ports that it was given."""

    committer: Committer
    analyzers: DirectoryCache[AnalyzerDirectory]
    conduct: AstmConduct = field(default_factory=AstmConduct)
    clock: Callable[[], dt.datetime] = timezone.now
    serving: set[asyncio.Task[None]] = field(default_factory=set)
    _lines: set[_Line] = field(default_factory=set)
    _held: HeldBytes = field(init=False)
    _strangers: Allowance = field(init=False)

    def __post_init__(self) -> None:
        self._held = HeldBytes(self.conduct.limits.open_bytes)
        self._strangers = Allowance(self.conduct.limits.stranger_bytes)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Follow one line until the analyser hangs up; what is cut off by that is kept as refused."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 — asyncio serves each connection in a task
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        line = _Line(self, writer, _place(writer))
        self._open(line)
        try:
            await line.follow(reader)
        except OSError:
            log.info("an analyser broke its connection, or did not read what it was sent")
        finally:
            await self._close(line)

    def _open(self, line: _Line) -> None:
        self._lines.add(line)
        if len(self._lines) > self.conduct.most_lines:
            log.warning("more than %d connections of analysers; the most silent is closed", self.conduct.most_lines)
            silent = min(self._lines, key=lambda one: one.last_heard)
            self._lines.discard(silent)
            silent.drain()

    async def _close(self, line: _Line) -> None:
        """Keep what is cut off and hang up, even where the listener is told to stop meanwhile."""
        try:
            with contextlib.suppress(OSError):
                await line.act(line.link.close())
        finally:
            self._lines.discard(line)
            self.hold(-line.counted)
            await hang_up(line.writer)

    def hold(self, more: int) -> None:
        """Count bytes of messages that have not ended."""
        self._held.add(more, self._lines)

    async def receive(self, text: bytes, place: Place, *, is_whole: bool = True) -> Sequence[AstmReception] | None:
        """Read what a transmission holds. None where the analysers can't be read; where one is unknown, they are read
        once more.
        """
        directory = await self.analyzers.current()
        if directory is None:
            return None
        receptions = receive_text(text, place, directory, at=self.clock(), is_whole=is_whole)
        if not all(one.arrival.source for one in receptions):
            before, directory = directory, await self.analyzers.current(afresh=True) or directory
            if directory is not before:
                receptions = receive_text(text, place, directory, at=self.clock(), is_whole=is_whole)
        return receptions

    async def keep(self, receptions: Sequence[AstmReception], size: int) -> bool:
        """Return whether all are committed in time. What is committed later is known when it comes again."""
        if not self._may_keep(receptions, size):
            return False
        keeping = self.committer.keep(*(one.arrival for one in receptions))
        try:
            return await asyncio.wait_for(keeping, self.conduct.seconds_to_keep)
        except TimeoutError:
            log.warning("%d messages of an analyser could not be kept in time", len(receptions))
            return False

    def _may_keep(self, receptions: Sequence[AstmReception], size: int) -> bool:
        """Whether a transmission is kept: always where it is of a registered analyser, else while there is an
        allowance.
        """
        if any(one.arrival.source for one in receptions):
            return True
        return self._strangers.take(size, messages=len(receptions), now=asyncio.get_running_loop().time())


@dataclass(slots=True, eq=False)
class _Line:
    """One connection: the link's effects become bytes on the wire and rows in the inbox."""

    listener: AstmListener
    writer: asyncio.StreamWriter
    place: Place
    link: astm.Link = field(default_factory=lambda: astm.Link("host"))
    last_heard: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    counted: int = 0
    _is_given_up: bool = False

    @property
    def held(self) -> int:
        """How many bytes it holds of a message that may go on."""
        return 0 if self._is_given_up else self.link.held

    def drain(self) -> None:
        """Give the line up. What came of a message that has not ended is kept as cut off."""
        self._is_given_up = True
        self.writer.transport.abort()
        self._count()

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
            self.last_heard = self.now
            await self.act(self.link.feed(data, now=self.now))

    async def act(self, effects: Sequence[astm.Effect]) -> None:
        waiting = deque(effects)
        self._count()
        while waiting:
            if isinstance(waiting[0], astm.Send):
                await self._send(_said_next(waiting))
                continue
            effect = waiting.popleft()
            if isinstance(effect, astm.Complete):
                waiting.extendleft(reversed(await self._decide(effect)))
                self._count()
            elif isinstance(effect, astm.BrokenOff):
                await self._keep_rest(effect.text)

    def _count(self) -> None:
        more, self.counted = self.held - self.counted, self.held
        self.listener.hold(more)

    async def _send(self, data: bytes) -> None:
        """Write; raise TimeoutError where the other side sends and never reads what it is sent."""
        self.writer.write(data)
        async with asyncio.timeout(self.listener.conduct.limits.frame_seconds):
            await self.writer.drain()

    async def _decide(self, complete: astm.Complete) -> list[astm.Effect]:
        """Keep what is complete, then let its last frame be acknowledged; else ask for that frame again."""
        receptions = await self.listener.receive(complete.text, self.place)
        if receptions is None or not await self.listener.keep(receptions, len(complete.text)):
            return self.link.refuse(now=self.now)
        effects = self.link.keep(now=self.now)
        for answer in (one.answer for one in receptions if one.answer):
            effects += self.link.send(answer, now=self.now)
        return effects

    async def _keep_rest(self, text: bytes) -> None:
        receptions = await self.listener.receive(text, self.place, is_whole=False)
        if receptions is not None:
            await self.listener.keep(receptions, len(text))


def _said_next(waiting: deque[astm.Effect]) -> bytes:
    """Take all that is said before anything else is to be done: one write, not one for each byte of a flood."""
    said = bytearray()
    while waiting and isinstance(effect := waiting[0], astm.Send):
        said += effect.data
        waiting.popleft()
    return bytes(said)


def run_astm_listener(
    host: str,
    ports: Sequence[int],
    *,
    stop: threading.Event,
    on_ready: Callable[[list[int]], None] | None = None,
    conduct: AstmConduct | None = None,
) -> None:
    """Listen at each port until `stop` is set; tell `on_ready` the ports (0 chooses a free one)."""
    asyncio.run(_listen(host, ports, stop=stop, on_ready=on_ready, conduct=conduct or AstmConduct()))


async def _listen(
    host: str,
    ports: Sequence[int],
    *,
    stop: threading.Event,
    on_ready: Callable[[list[int]], None] | None,
    conduct: AstmConduct,
) -> None:
    allow_many_connections()
    committer = Committer(conninfo=conninfo(), clock=timezone.now)
    analyzers = DirectoryCache(conninfo(), LOAD, AnalyzerDirectory.of, give_up_seconds=SECONDS_TO_FIND)
    listener = AstmListener(committer, analyzers, conduct)
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
    keep_alive(writer.get_extra_info("socket"))
    peer, own = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
    return Place(str(peer[0]) if peer else "", int(own[1]) if own else 0)
