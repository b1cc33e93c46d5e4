"""A database session that knows when its predecessor has ended, so that what that one left open can be looked up."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import psycopg
from psycopg import AsyncConnection

Connection = AsyncConnection[tuple[object, ...]]

LOST = (psycopg.OperationalError, psycopg.InterfaceError)
CONNECT_SECONDS = 5

# A session that hangs half dead may still commit: it is ended, and its lock says when it is gone.
_END_PREDECESSOR = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = %(key)s >> 32 AND objid::bigint = %(key)s & 4294967295 AND objsubid = 1 AND granted
  AND pid <> pg_backend_pid()
"""


@dataclass(slots=True)
class Session:
    """One connection at a time. Each takes the session's own lock first, and so waits until the one before is gone."""

    conninfo: str
    _key: int = field(default_factory=lambda: secrets.randbits(62))
    _connection: Connection | None = None

    async def connection(self) -> Connection:
        """Return the open connection, made anew after a failure; raise OperationalError where none is to be had."""
        if self._connection is None or self._connection.closed:
            fresh = await AsyncConnection.connect(self.conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS)
            try:
                await self._succeed(fresh)
            except BaseException:
                await fresh.close()
                raise
            self._connection = fresh
        return self._connection

    async def close(self) -> None:
        """Drop the connection; the next one is made when it is asked for."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _succeed(self, fresh: Connection) -> None:
        await fresh.execute(_END_PREDECESSOR, {"key": self._key})
        await fresh.execute("SET lock_timeout = '5s'")
        await fresh.execute("SELECT pg_advisory_lock(%s)", [self._key])
        await fresh.execute("RESET lock_timeout")
