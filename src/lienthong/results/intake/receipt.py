"""Whether a batch reached the inbox, asked after a connection was lost while it was committed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from psycopg import AsyncConnection

from lienthong.results.intake.inbox import Arrival

_FIND = """
SELECT EXISTS (
  SELECT 1 FROM unnest(%(digest)s::text[], %(received_at)s::timestamptz[]) AS sent(digest, received_at)
  JOIN results_inbox USING (digest, received_at)
)
"""


async def was_received_on(connection: AsyncConnection[tuple[object, ...]], arrivals: Sequence[Arrival]) -> bool:
    """Tell whether messages that were sent in one commit are in the inbox: all of them are, or none.

    Bytes and instant of receipt (to the microsecond) name a message; where two listeners took the same bytes at the
    same microsecond, one row of them is enough.
    """
    parameters = {
        "digest": [sha256(one.raw).hexdigest() for one in arrivals],
        "received_at": [one.received_at for one in arrivals],
    }
    row = await (await connection.execute(_FIND, parameters)).fetchone()
    return bool(row and row[0])
