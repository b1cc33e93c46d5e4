"""The registered senders as a listener knows them, read again as time passes and when one is not found."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

import psycopg
from psycopg import AsyncConnection

from lienthong.exchange.senders import LOAD, Directory

log = logging.getLogger(__name__)

SECONDS_KEPT = 1.0
SECONDS_BETWEEN_ATTEMPTS = 0.5


@dataclass(slots=True)
class SenderCache:
    """Keeps the directory for a second. Before it was read once, whoever asks waits."""

    conninfo: str
    give_up_seconds: float = 30.0
    _known: Directory | None = None
    _until: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: AsyncConnection[tuple[object, ...]] | None = None

    async def current(self, *, afresh: bool = False) -> Directory | None:
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
            rows = await (await self._connection.execute(LOAD)).fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            log.warning("the registered senders could not be read: %s", type(error).__name__)
            await self.close()
            return False
        self._known = Directory.of((str(row[0]), str(row[1]), str(row[2]), str(row[3])) for row in rows)
        return True
