"""A lean MLLP client for load: many stop-and-wait connections, in a process outside the listener.

It prints a JSON object: messages acknowledged and refused, seconds, and the times of the answers in seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from array import array
from dataclasses import dataclass, field

from bench.works import works

DISTINCT = 2_000


@dataclass(slots=True)
class Load:
    """The messages, each with a control id and order numbers of its own, and what came back."""

    until: float
    every: float
    first: int
    templates: list[list[bytes]]
    sent: int = 0
    refused: int = 0
    last_at: float = 0.0
    times: array[float] = field(default_factory=lambda: array("d"))

    def next_message(self) -> bytes:
        number = self.first + self.sent
        self.sent += 1
        return (b"%09d" % number).join(self.templates[number % len(self.templates)])


class Line(asyncio.Protocol):
    """One connection: a message, its answer, the next message when it is due."""

    def __init__(self, load: Load, done: asyncio.Future[None]) -> None:
        self.load, self.done = load, done
        self.transport: asyncio.Transport | None = None
        self.sent_at = self.due_at = 0.0
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self.transport = transport

    def send(self) -> None:
        """Send the next message, or hang up where the time is over."""
        assert self.transport is not None  # noqa: S101
        now = time.perf_counter()
        if now >= self.load.until:
            self.transport.close()
            return
        self.sent_at, self.due_at = now, max(self.due_at + self.load.every, now - 1.0)
        self.transport.write(b"\x0b" + self.load.next_message() + b"\x1c\r")

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if b"\x1c" not in self.rest:
            return
        now = time.perf_counter()
        self.load.times.append(now - self.sent_at)
        self.load.last_at = now
        self.load.refused += b"|CA|" not in self.rest and b"|AA|" not in self.rest
        self.rest = b""
        wait = self.due_at - now
        if self.load.every and wait > 0:
            asyncio.get_running_loop().call_later(wait, self.send)
        else:
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def run(port: int, connections: int, load: Load) -> None:
    """Open the connections, then send on all of them until the time is over."""
    loop = asyncio.get_running_loop()
    lines = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        _, line = await loop.create_connection(lambda done=done: Line(load, done), "127.0.0.1", port)
        lines.append(line)
    begin = time.perf_counter()
    for number, line in enumerate(lines):
        line.due_at = begin + load.every * number / len(lines)
        loop.call_later(min(line.due_at - begin, load.until - begin), line.send)
    await asyncio.gather(*(line.done for line in lines))


def main() -> None:
    """Send for some seconds as fast as answers come, or at a rate."""
    parser = argparse.ArgumentParser()
    for name, kind in (("port", int), ("connections", int), ("seconds", float), ("rate", float), ("first", int)):
        parser.add_argument(name, type=kind)
    asked = parser.parse_args()
    messages = [text.encode() for text in works().oru(DISTINCT)]
    templates = [one.split(b"%09d" % number) for number, one in enumerate(messages)]
    every = asked.connections / asked.rate if asked.rate else 0.0
    begin = time.perf_counter()
    load = Load(begin + asked.seconds, every, asked.first, templates)
    asyncio.run(run(asked.port, asked.connections, load))
    seconds = max(load.last_at - begin, asked.seconds if asked.rate else 0.0)
    times = sorted(load.times)
    told = {
        "seconds": seconds,
        "refused": load.refused,
        "count": len(times),
        "times": times[:: len(times) // 20_000 + 1],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
