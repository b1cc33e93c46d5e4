"""The registered senders as a listener knows them, read again as time passes and when one is not found."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeVar

from psycopg import AsyncConnection

from lienthong.exchange.senders import LOAD, Directory
from lienthong.exchange.session import CONNECT_SECONDS, LOST

log = logging.getLogger(__name__)

SECONDS_KEPT = 1.0
SECONDS_BETWEEN_ATTEMPTS = 0.5


Known = TypeVar("Known")


@dataclass(slots=True)
class DirectoryCache(Generic[Known]):
    """Keeps a directory for a second; `load` is its statement, `make` makes it of the rows.

    Before it was read once, whoever asks waits.
    """

    conninfo: str
    load: LiteralString
    make: Callable[[Iterable[Any]], Known]
    give_up_seconds: float = 30.0
    _known: Known | None = None
    _until: float = 0.0
    _reading: asyncio.Task[bool] | None = None
    _connection: AsyncConnection[tuple[object, ...]] | None = None

    @property
    def known(self) -> Known | None:
        """The directory without waiting, at most a moment older than a second; None before it was read once."""
        if asyncio.get_running_loop().time() >= self._until and self._reading is None:
            self._read_again()
        return self._known

    async def current(self, *, afresh: bool = False) -> Known | None:
        """Return the directory, read `afresh` if asked; None where the database could not be read in time.

        Those who ask for it afresh while it is being read share the reading that follows.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.give_up_seconds
        if afresh and self._reading is not None:
            await asyncio.shield(self._reading)
        while afresh or self._known is None or clock() >= self._until:
            if await asyncio.shield(self._reading or self._read_again()) or self._known is not None:
                break
            if clock() >= deadline:
                break
            await asyncio.sleep(SECONDS_BETWEEN_ATTEMPTS)
        return self._known

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    def _read_again(self) -> asyncio.Task[bool]:
        self._reading = asyncio.create_task(self._read())
        self._reading.add_done_callback(self._done)
        return self._reading

    def _done(self, _task: asyncio.Task[bool]) -> None:
        self._reading = None
        self._until = asyncio.get_running_loop().time() + SECONDS_KEPT

    async def _read(self) -> bool:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await AsyncConnection.connect(
                    self.conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS
                )
            rows = await (await self._connection.execute(self.load)).fetchall()
        except LOST as error:
            log.warning("the registered senders could not be read: %s", type(error).__name__)
            await self.close()
            return False
        self._known = self.make(rows)
        return True


@dataclass(slots=True)
class SenderCache(DirectoryCache[Directory]):
    """The senders that MSH names."""

    load: LiteralString = LOAD
    make: Callable[[Iterable[Any]], Directory] = Directory.of
