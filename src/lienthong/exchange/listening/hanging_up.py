"""How a line that is read as a stream ends, whatever its other side does."""

from __future__ import annotations

import asyncio
import contextlib

SECONDS_TO_SAY_GOODBYE = 2.0


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close the line; a peer that does not read what is left, or does not say goodbye by TLS, is not waited for."""
    writer.close()
    try:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(SECONDS_TO_SAY_GOODBYE):
                await writer.wait_closed()
    finally:
        writer.transport.abort()
