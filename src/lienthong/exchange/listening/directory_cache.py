"""The registered senders as a listener knows them, read again as time passes and when one is not found."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import psycopg
from psycopg import AsyncConnection

from lienthong.exchange.listening.session import CONNECT_SECONDS

log = logging.getLogger(__name__)

# Thousands of senders are read only when one of them changed: reading them would hold up every connection.
FINGERPRINT = "SELECT count(*), sum(hashtextextended(one::text, 0)) FROM exchange_source AS one"
SECONDS_KEPT = 1.0
SECONDS_BETWEEN_ATTEMPTS = 0.5

Known = TypeVar("Known")


@dataclass(slots=True)
class DirectoryCache(Generic[Known]):
    """Keeps what `made_of` makes of the rows of `query` for a second. Before it was read once, whoever asks waits, but
    no longer than `give_up_seconds`.
    """

    conninfo: str
    query: str
    made_of: Callable[[Sequence[tuple[Any, ...]]], Known]
    give_up_seconds: float = 30.0
    _known: Known | None = None
    _until: float = 0.0
    _mark: tuple[object, ...] | None = None
    _reading: asyncio.Task[bool] | None = None
    _connection: AsyncConnection[tuple[Any, ...]] | None = None

    @property
    def known(self) -> Known | None:
        """The directory without waiting, if it is younger than two seconds; None where it must be waited for."""
        late_by = asyncio.get_running_loop().time() - self._until
        if late_by >= 0 and self._reading is None:
            self._read_again()
        return self._known if late_by < SECONDS_KEPT else None

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
        return self._reading

    async def _read(self) -> bool:
        """Read, and be read before anybody can see that the task has ended."""
        try:
            return await self._fetch()
        finally:
            self._reading = None
            self._until = asyncio.get_running_loop().time() + SECONDS_KEPT

    async def _fetch(self) -> bool:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await AsyncConnection.connect(
                    self.conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS
                )
            mark = await (await self._connection.execute(FINGERPRINT, prepare=True)).fetchone()
            if mark is not None and mark == self._mark:
                return True
            rows = await (await self._connection.execute(self.query)).fetchall()
        except psycopg.Error as error:
            log.warning("the registered senders could not be read: %s", type(error).__name__)
            await self.close()
            return False
        self._mark = mark
        self._known = self.made_of(rows)
        return True
