"""Group commit: frames that arrive on many connections while one commit runs share the next one."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from psycopg import AsyncConnection

from lienthong.results.actions import Arrival, receive_on

log = logging.getLogger(__name__)
Clock = Callable[[], dt.datetime]

LARGEST_BATCH = 500
LARGEST_BATCH_BYTES = 16 * 1024 * 1024
SECONDS_BETWEEN_ATTEMPTS = 0.5


@dataclass(frozen=True, slots=True)
class _Place:
    """A message on its way to disk; `done` becomes true after commit, false where it could not be kept."""

    arrival: Arrival
    done: asyncio.Future[bool]


@dataclass(slots=True)
class Committer:
    """One connection that commits in batches. The queue is bounded: when the database is slow, connections wait."""

    conninfo: str
    clock: Clock
    give_up_seconds: float = 30.0
    commits: int = 0
    _queue: asyncio.Queue[_Place] = field(default_factory=lambda: asyncio.Queue(maxsize=2000))
    _connection: AsyncConnection[tuple[object, ...]] | None = None

    async def keep(self, arrival: Arrival) -> bool:
        """Return true once the message is committed, false where the database did not take it in time."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Place(arrival, done))
        return await done

    async def run(self) -> None:
        """Commit what waits, batch by batch, until cancelled."""
        try:
            while True:
                batch = await self._next_batch()
                verdicts = await self._commit([place.arrival for place in batch])
                for place, is_kept in zip(batch, verdicts, strict=True):
                    if not place.done.done():
                        place.done.set_result(is_kept)
        finally:
            await self._drop_connection()

    async def connection(self) -> AsyncConnection[tuple[object, ...]]:
        """Return the open connection, made anew after a failure."""
        if self._connection is None or self._connection.closed:
            self._connection = await AsyncConnection.connect(self.conninfo, autocommit=True, connect_timeout=5)
        return self._connection

    async def _next_batch(self) -> list[_Place]:
        batch = [await self._queue.get()]
        size = len(batch[0].arrival.raw)
        while len(batch) < LARGEST_BATCH and size < LARGEST_BATCH_BYTES and not self._queue.empty():
            batch.append(self._queue.get_nowait())
            size += len(batch[-1].arrival.raw)
        return batch

    async def _commit(self, arrivals: list[Arrival]) -> list[bool]:
        """Try until it is committed or time is up. Kept twice is harmless: the same message again changes nothing."""
        deadline = asyncio.get_running_loop().time() + self.give_up_seconds
        while True:
            try:
                await receive_on(await self.connection(), arrivals, at=self.clock())
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                log.warning("the inbox did not take %d messages: %s", len(arrivals), type(error).__name__)
                await self._drop_connection()
            except psycopg.DataError as error:
                log.error("the inbox refused %d messages: %s", len(arrivals), type(error).__name__)
                return [False] if len(arrivals) == 1 else [(await self._commit([one]))[0] for one in arrivals]
            else:
                self.commits += 1
                return [True] * len(arrivals)
            if asyncio.get_running_loop().time() >= deadline:
                return [False] * len(arrivals)
            await asyncio.sleep(SECONDS_BETWEEN_ATTEMPTS)

    async def _drop_connection(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
