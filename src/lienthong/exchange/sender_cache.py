"""The registered senders as a listener knows them, read again as time passes and when one is not found."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, LiteralString, TypeVar

import psycopg
from psycopg import AsyncConnection

from lienthong.exchange.senders import LOAD, Directory

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
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: AsyncConnection[tuple[object, ...]] | None = None

    async def current(self, *, afresh: bool = False) -> Known | None:
        """Return the directory, read `afresh` if asked; None where the database could not be read in time."""
        async with self._lock:
            clock = asyncio.get_running_loop().time
            deadline = clock() + self.give_up_seconds
            while afresh or self._known is None or clock() >= self._until:
                if await self._read():
                    self._until = clock() + SECONDS_KEPT
                elif self._known is not None or clock() >= deadline:
                    break
                else:
                    await asyncio.sleep(SECONDS_BETWEEN_ATTEMPTS)
                afresh = False
            return self._known

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _read(self) -> bool:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await AsyncConnection.connect(self.conninfo, autocommit=True, connect_timeout=5)
            rows = await (await self._connection.execute(self.load)).fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
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
