"""An MLLP client: sends messages over several connections and waits for each answer before the next message."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lienthong.errors import LienthongError
from lienthong.exchange.listening.acknowledgment_mode import is_answer_certain
from lienthong.exchange.listening.hanging_up import hang_up
from lienthong.exchange.listening.lanes import lane_of
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Frames, frame

READ_BYTES = 64 * 1024


class NoAnswer(LienthongError):
    """Raised where the other side hung up, kept silent too long, or answered another message."""

    code = "no-answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """The acknowledgment of one message: MSA-1, MSA-2, and the ERR segments in words.

    The code is empty where MSH-15 and MSH-16 of the message ask for no certain answer.
    """

    code: str
    control_id: str
    errors: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        return self.code in ("AA", "CA")


@dataclass(slots=True)
class Sent:
    """The answers in the order of the messages."""

    answers: list[Answer] = field(default_factory=list)

    @property
    def by_code(self) -> dict[str, int]:
        return dict(Counter(answer.code for answer in self.answers))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to send, and how long to wait for an answer."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    timeout_seconds: float


def send_messages(
    messages: Sequence[bytes],
    host: str,
    port: int,
    *,
    connections: int = 1,
    timeout_seconds: float = 60.0,
    on_progress: Callable[[int], None] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Sent:
    """Send messages, keeping those of one report on one connection and in order; call `on_progress` with 1 for each.

    With `tls` the listener must have a certificate for `host`. Raises NoAnswer where an answer does not come or belongs
    to another message.
    """
    found: dict[int, Answer] = {}
    queues = _share_out(messages, connections)

    async def send_all() -> None:
        async with asyncio.TaskGroup() as group:
            for queue in queues:
                group.create_task(_send(queue, _Place(host, port, tls, timeout_seconds), found, on_progress))

    try:
        asyncio.run(send_all())
    except* NoAnswer as group:
        raise NoAnswer(str(group.exceptions[0])) from None
    except* OSError as group:
        raise NoAnswer(f"{host}:{port} does not listen or broke off: {type(group.exceptions[0]).__name__}") from None
    return Sent([found[index] for index in range(len(messages))])


def _share_out(messages: Sequence[bytes], connections: int) -> list[list[tuple[int, bytes]]]:
    """Deal the messages out by lane, so that two of one report never race each other."""
    if connections < 1:
        raise ValueError(f"connections must be at least 1, but got {connections}")
    queues: list[list[tuple[int, bytes]]] = [[] for _ in range(connections)]
    chosen: dict[str, int] = {}
    for index, message in enumerate(messages):
        lane = chosen.setdefault(_lane(message) or str(index), len(chosen) % connections)
        queues[lane].append((index, message))
    return [queue for queue in queues if queue]


def _lane(message: bytes) -> str:
    header = hl7v2.header(message)
    sender = f"{header.sending_application}{header.sending_facility}" if header else ""
    if header is None:
        return ""
    text = message.decode("latin-1")
    return lane_of(sender, text, header)


async def _send(
    queue: Sequence[tuple[int, bytes]],
    place: _Place,
    found: dict[int, Answer],
    on_progress: Callable[[int], None] | None,
) -> None:
    """Send one connection's share. A message that asks for no certain answer is not waited for."""
    reader, writer = await asyncio.open_connection(place.host, place.port, ssl=place.tls)
    line = _Line(reader, place.timeout_seconds)
    try:
        for index, message in queue:
            writer.write(frame(message))
            await writer.drain()
            header = hl7v2.header(message)
            control_id = header.control_id if header else ""
            found[index] = await line.answer_to(control_id) if is_answer_certain(header) else line.skip(control_id)
            if on_progress:
                on_progress(1)
    finally:
        await hang_up(writer)


@dataclass(slots=True)
class _Line:
    """The answers that come back on one connection."""

    reader: asyncio.StreamReader
    timeout_seconds: float
    frames: Frames = field(default_factory=Frames)
    _skipped: set[str] = field(default_factory=set)
    _waiting: list[Answer] = field(default_factory=list)

    def skip(self, control_id: str) -> Answer:
        """Remember that an answer to this message may still come, and stand in for it."""
        self._skipped.add(control_id)
        return Answer("", control_id)

    async def answer_to(self, control_id: str) -> Answer:
        """Wait for the answer with the control id; answers to skipped messages may come before it."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                while True:
                    answer = await self._next()
                    if answer.control_id == control_id:
                        return answer
                    if answer.control_id not in self._skipped:
                        raise NoAnswer("the answer belongs to another message: MSA-2 is not the control id sent")
        except TimeoutError:
            raise NoAnswer(f"no answer came within {self.timeout_seconds:g} s") from None

    async def _next(self) -> Answer:
        while not self._waiting:
            data = await self.reader.read(READ_BYTES)
            if not data:
                raise NoAnswer("the listener hung up before it answered")
            self._waiting += [read_answer(one.payload) for one in self.frames.feed(data)]
        return self._waiting.pop(0)


def read_answer(payload: bytes) -> Answer:
    """Read an acknowledgment; raise NoAnswer where the bytes are none."""
    message, _ = hl7v2.parse(payload)
    if message is None:  # an answer returns the sender's names byte by byte, even where they are not in MSH-18's set
        message, _ = hl7v2.parse(payload.decode("ascii", errors="replace").encode("ascii", errors="replace"))
    if message is None or not message.all("MSA"):
        raise NoAnswer("the listener answered with something that is no acknowledgment")
    errors = tuple(
        " ".join(part for part in (segment.value(2), segment.value(3), segment.value(8) or segment.value(7)) if part)
        for segment in message.all("ERR")
    )
    return Answer(message.get("MSA-1"), message.get("MSA-2"), errors)
