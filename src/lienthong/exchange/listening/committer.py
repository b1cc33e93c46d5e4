"""Group commit: messages that arrive on many connections while one commit runs share the next one.

Nothing is lost: whoever hands messages over is told only after their commit. Nothing is doubled: where a connection is
lost while a commit runs, nobody knows whether it took effect; the next connection waits until that session has ended,
looks whether the batch is there, and sends it again only where it is not.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import psycopg

from lienthong.exchange.listening.session import LOST, Session
from lienthong.results.actions import Arrival, receive_on
from lienthong.results.intake.receipt import was_received_on

log = logging.getLogger(__name__)
Clock = Callable[[], dt.datetime]
Told = Callable[[bool], None]

LARGEST_BATCH = 500
LARGEST_BATCH_BYTES = 16 * 1024 * 1024
MOST_WAITING = 4_000
MOST_WAITING_BYTES = 32 * 1024 * 1024
SECONDS_BETWEEN_ATTEMPTS = 0.25


@dataclass(frozen=True, slots=True)
class _Place:
    """Messages that stand or fall together, on their way to disk, and who is to be told whether they are kept."""

    arrivals: tuple[Arrival, ...]
    told: Told
    deadline: float
    size: int


@dataclass(slots=True)
class Committer:
    """One connection that commits in batches, in the order in which messages were handed over.

    The queue is bounded by `is_full`: whoever reads from senders stops reading then, until `on_room` calls. A batch is
    what has gathered while the commit before ran, so it grows with the load and a lone message waits for nobody.
    """

    conninfo: str
    clock: Clock
    give_up_seconds: float = 30.0
    largest_batch: int = LARGEST_BATCH
    commits: int = 0
    messages: int = 0
    _waiting: deque[_Place] = field(default_factory=deque)
    _bytes: int = 0
    _work: asyncio.Event = field(default_factory=asyncio.Event)
    _in_want_of_room: list[Callable[[], None]] = field(default_factory=list)
    _session: Session | None = None

    @property
    def is_full(self) -> bool:
        """Whether readers must stop: as much waits as may."""
        return len(self._waiting) >= MOST_WAITING or self._bytes >= MOST_WAITING_BYTES

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = Session(self.conninfo)
        return self._session

    def offer(self, arrivals: Sequence[Arrival], told: Told) -> None:
        """Hand over messages of one frame; `told` is called once, with true after commit, false where it failed."""
        deadline = asyncio.get_running_loop().time() + self.give_up_seconds
        place = _Place(tuple(arrivals), told, deadline, sum(len(one.raw) for one in arrivals))
        self._waiting.append(place)
        self._bytes += place.size
        self._work.set()

    def on_room(self, call: Callable[[], None]) -> None:
        """Call back once there is room again."""
        self._in_want_of_room.append(call)

    async def keep(self, *arrivals: Arrival) -> bool:
        """Return true once the messages are committed, all in one commit, false where that took too long."""
        loop = asyncio.get_running_loop()
        while self.is_full:
            room = loop.create_future()
            self.on_room(lambda room=room: None if room.done() else room.set_result(None))  # type: ignore[misc]
            await room
        done: asyncio.Future[bool] = loop.create_future()
        self.offer(arrivals, lambda is_kept: None if done.done() else done.set_result(is_kept))
        return await done

    async def run(self) -> None:
        """Commit what waits, batch by batch, until cancelled."""
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                while self._waiting:
                    await self._commit(self._next_batch())
        finally:
            await self.session.close()

    def _next_batch(self) -> list[_Place]:
        batch = [self._take()]
        size, count = batch[0].size, len(batch[0].arrivals)
        while self._waiting and count < self.largest_batch and size < LARGEST_BATCH_BYTES:
            batch.append(self._take())
            size, count = size + batch[-1].size, count + len(batch[-1].arrivals)
        if not self.is_full:
            calls, self._in_want_of_room = self._in_want_of_room, []
            for call in calls:
                call()
        return batch

    def _take(self) -> _Place:
        place = self._waiting.popleft()
        self._bytes -= place.size
        return place

    async def _commit(self, batch: list[_Place]) -> None:
        """Try until it is committed or time is up, and tell the senders."""
        is_in_doubt = False
        while batch := self._give_up_on_late(batch):
            arrivals = [one for place in batch for one in place.arrivals]
            try:
                connection = await self.session.connection()
                if not (is_in_doubt and await was_received_on(connection, arrivals)):
                    is_in_doubt = True
                    await receive_on(connection, arrivals, at=self.clock())
            except psycopg.DataError as error:
                log.error("the inbox refused %d messages: %s", len(arrivals), type(error).__name__)
                await self._commit_apart(batch)
                return
            except psycopg.Error as error:
                await self._recover(error, len(arrivals))
            else:
                self.commits += 1
                self.messages += len(arrivals)
                # The next batch is on its way to the database before the answers of this one are written.
                asyncio.get_running_loop().call_soon(partial(_tell, batch, is_kept=True))
                return

    async def _commit_apart(self, batch: list[_Place]) -> None:
        """One message of the batch can't be stored: find which, so that it takes no other with it."""
        if len(batch) == 1:
            _tell(batch, is_kept=False)
            return
        for place in batch:
            await self._commit([place])

    async def _recover(self, error: psycopg.Error, count: int) -> None:
        """Wait a moment; a session that may be broken is dropped, so that the next attempt looks what became of it."""
        log.warning("the inbox did not take %d messages yet: %s", count, type(error).__name__)
        if isinstance(error, LOST):
            await self.session.close()
        await asyncio.sleep(SECONDS_BETWEEN_ATTEMPTS)

    def _give_up_on_late(self, batch: list[_Place]) -> list[_Place]:
        """Tell those whose time is up that they can't be sure; return the others. Who waits behind is told as well."""
        now = asyncio.get_running_loop().time()
        late = [place for place in batch if place.deadline <= now]
        _tell(late, is_kept=False)
        if late and len(late) == len(batch):
            while self._waiting and self._waiting[0].deadline <= now:
                _tell([self._take()], is_kept=False)
        return [place for place in batch if place.deadline > now]


def _tell(batch: Sequence[_Place], *, is_kept: bool) -> None:
    for place in batch:
        place.told(is_kept)
