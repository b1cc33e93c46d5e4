"""The registered analysers as the ASTM listener knows them, read again as time passes and when one is not found."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

import psycopg
from psycopg import AsyncConnection

from lienthong.exchange.analyzers.directory import LOAD, AnalyzerDirectory

log = logging.getLogger(__name__)

SECONDS_KEPT = 1.0
SECONDS_BETWEEN_ATTEMPTS = 0.5
SECONDS_TO_CONNECT = 5


@dataclass(slots=True)
class AnalyzerCache:
    """Keeps the directory for a second. Before it was read once, whoever asks waits, but no longer than an analyser."""

    conninfo: str
    give_up_seconds: float = 10.0
    _known: AnalyzerDirectory | None = None
    _until: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: AsyncConnection[tuple[object, ...]] | None = None

    async def current(self, *, afresh: bool = False) -> AnalyzerDirectory | None:
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
                self._connection = await AsyncConnection.connect(
                    self.conninfo, autocommit=True, connect_timeout=SECONDS_TO_CONNECT
                )
            rows = await (await self._connection.execute(LOAD)).fetchall()
        except psycopg.Error as error:
            log.warning("the registered analysers could not be read: %s", type(error).__name__)
            await self.close()
            return False
        self._known = AnalyzerDirectory.of(rows)
        return True
