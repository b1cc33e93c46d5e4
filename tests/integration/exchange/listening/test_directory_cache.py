"""What a listener knows of its senders, asked for by many connections at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from lienthong.exchange.listening.directory_cache import DirectoryCache

Cache = DirectoryCache[list[str]]


class _Gated(Cache):
    """Reads nothing from a database; a reading ends when the test lets it."""

    async def _fetch(self) -> bool:
        self.gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self.gate
        self._known = ["S1"]
        return True


def test_one_who_asks_while_a_reading_ends_knows_what_was_read() -> None:
    async def ask(cache: Cache) -> list[str] | None:
        await cache.current()
        return cache.known

    async def run() -> list[list[str] | None]:
        cache = _Gated("", "", lambda rows: [])
        first = asyncio.create_task(ask(cache))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        cache.gate.set_result(None)
        second = asyncio.create_task(ask(cache))  # runs just after the reading ended
        return [await first, await second]

    assert _in_thread(run) == [["S1"], ["S1"]]


def _in_thread(run: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """A browser's loop may run in the main thread."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(run())))
    thread.start()
    thread.join(10)
    return found[0]
