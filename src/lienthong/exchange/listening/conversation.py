"""One MLLP connection: frames in, their messages to the committer, the answers out in order. asyncio without streams.

A sender that is faster than the database, or does not read its answers, is not read from until there is room again, so
that the listener's memory is bounded by its limits and never by what is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils import timezone

from lienthong.exchange.listening.arrivals import Received, answer, receive_all
from lienthong.exchange.listening.certificates import names_in
from lienthong.exchange.listening.committer import Committer
from lienthong.exchange.listening.directory_cache import DirectoryCache
from lienthong.exchange.listening.held_bytes import HeldBytes
from lienthong.exchange.listening.strangers import NOT_KEPT_OF_STRANGER, Allowance
from lienthong.exchange.senders import Directory
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Frame, Frames

log = logging.getLogger(__name__)

NOT_KEPT = Finding(
    "MSH",
    "not-stored",
    "The message could not be stored for certain; send it again later. Sending the same message twice does no harm.",
)
MOST_UNANSWERED = 200
MOST_UNANSWERED_BYTES = 1024 * 1024
UNREAD_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """When a connection is given up: silent for so long between messages, or within one; and the largest message.

    `open_bytes` is how much all connections together may hold of messages that have not ended; beyond it the one that
    holds most is given up, so that no number of slow senders fills the memory. `stranger_bytes` is how much is kept in
    an hour of frames that name no registered sender.
    """

    idle_seconds: float = 3600.0
    frame_seconds: float = 60.0
    largest_message: int = 16 * 1024 * 1024
    open_bytes: int = 256 * 1024 * 1024
    stranger_bytes: int = 64 * 1024 * 1024


@dataclass(slots=True)
class FrontDesk:
    """What all conversations of a listener share."""

    committer: Committer
    senders: DirectoryCache[Directory]
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], dt.datetime] = timezone.now
    conversations: set[Conversation] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _second: dt.datetime | None = None
    _stamp: str = ""
    _strangers: Allowance = field(init=False)
    _held: HeldBytes = field(init=False)

    def __post_init__(self) -> None:
        self._strangers = Allowance(self.limits.stranger_bytes)
        self._held = HeldBytes(self.limits.open_bytes)

    def may_keep(self, received: Received, size: int) -> bool:
        """Whether a frame is kept: always where it is of a registered sender, else while there is an allowance."""
        if not received.is_of_stranger:
            return True
        now = asyncio.get_running_loop().time()
        return self._strangers.take(size, messages=len(received.arrivals), now=now)

    def hold(self, more: int) -> None:
        """Count bytes of messages that have not ended; where they are too many, give up who holds most."""
        self._held.add(more, self.conversations)

    def control_id(self, at: dt.datetime) -> str:
        """Return the next MSH-10 of our own: second, process and number, 20 characters, as version 2.3 allows."""
        if (second := at.replace(microsecond=0)) != self._second:
            self._second, self._stamp = second, f"L{at:%y%m%d%H%M%S}{os.getpid() % 0x100:02X}"
        return f"{self._stamp}{next(self._numbers) % 0x100000:05X}"


@dataclass(slots=True)
class _Slot:
    """A frame that waits for its answer; `is_kept` is None until the commit is known, `refusal` is why it is not."""

    received: Received
    size: int
    is_kept: bool | None = None
    refusal: Finding = NOT_KEPT


class Conversation(asyncio.Protocol):
    """Reads one sender. What it read is answered in the order of its messages, whatever becomes of each."""

    def __init__(self, desk: FrontDesk) -> None:
        self.desk = desk
        self.last_heard = 0.0
        self._frames = Frames(maximum=desk.limits.largest_message)
        self._arrived: deque[Frame] = deque()
        self._slots: deque[_Slot] = deque()
        self._bytes = 0
        self._transport: asyncio.Transport | None = None
        self._peer: frozenset[str] = frozenset()
        self._asking: asyncio.Task[None] | None = None
        self._was_asked = self._is_blocked = self._is_paused = self._is_ending = self._wants_room = False
        self._is_echo_told = False

    @property
    def is_done(self) -> bool:
        """Whether nothing that was read waits for its answer."""
        return not (self._slots or self._arrived)

    @property
    def held(self) -> int:
        """How many bytes it holds of a message that has not ended."""
        return self._frames.held

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 — what a stream server makes
        self._transport = transport
        self.last_heard = asyncio.get_running_loop().time()
        self._peer = names_in(transport.get_extra_info("peercert"))
        transport.set_write_buffer_limits(high=UNREAD_ANSWER_BYTES)
        keep_alive(transport.get_extra_info("socket"))
        self.desk.conversations.add(self)

    def data_received(self, data: bytes) -> None:
        """Take what came; frames are handled in order."""
        self.last_heard, before = asyncio.get_running_loop().time(), self.held
        came = self._frames.feed(data)
        self.desk.hold(self.held - before)
        for one in came:
            self._arrived.append(one)
            if one.fault == hl7v2.TOO_LARGE:  # what follows is the rest of it, without end
                self._end()
        self._go_on()

    def eof_received(self) -> bool:
        """Answer what was read before the line goes down; the sender may have closed its own direction only."""
        self._end()
        return self._transport is not None and self._transport.get_extra_info("ssl_object") is None

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep what was cut off as refused; nobody is left to be told."""
        if exc is not None:
            log.info("a sender broke its connection: %s", type(exc).__name__)
        self._transport = None
        self._end()

    def pause_writing(self) -> None:
        self._is_blocked = True
        self._settle()

    def resume_writing(self) -> None:
        self._is_blocked = False
        self._settle()

    def sweep(self, now: float) -> None:
        """Give up a connection that was silent for too long; a frame that it left open is kept as cut off."""
        limits = self.desk.limits
        allowed = limits.frame_seconds if self._frames.is_open or self._is_blocked else limits.idle_seconds
        if self._transport is None or now - self.last_heard < allowed:
            return
        if self.is_done and not self._is_blocked:
            self._end()
        elif self._is_blocked:  # it sends and never reads its answers
            self._transport.abort()

    def drain(self) -> None:
        """Read no further; close once all that was read is answered."""
        self._end()

    def _end(self) -> None:
        if not self._is_ending:
            self._is_ending, held = True, self.held
            self._arrived.extend(self._frames.close())
            self.desk.hold(-held)
        self._go_on()

    def _go_on(self) -> None:
        """Hand over the frames that came; where the senders must be looked up first, go on after that."""
        while self._arrived and self._asking is None:
            directory = self.desk.senders.known
            if directory is None and not self._was_asked:
                self._ask()
                break
            received = self._receive(self._arrived[0], directory or Directory({}))
            if received.has_unknown_sender and not self._was_asked:
                self._ask()
                break
            frame, self._was_asked = self._arrived.popleft(), False
            self._tell_of_echo(received)
            self._keep(received, len(frame.payload), is_readable=directory is not None)
        self._settle()

    def _receive(self, frame: Frame, directory: Directory) -> Received:
        return receive_all(frame, directory, at=self.desk.clock(), peer=self._peer)

    def _tell_of_echo(self, received: Received) -> None:
        """Log once a connection that its engine acknowledges acknowledgments."""
        echo = next((one.arrival for one in received.receptions if one.code is None), None)
        if echo is not None and not self._is_echo_told:
            self._is_echo_told = True
            log.warning("%s sends acknowledgments here; they are kept, and not answered", echo.source or "a sender")

    def _ask(self) -> None:
        """Read the senders afresh before one is refused as unknown."""

        async def ask() -> None:
            await self.desk.senders.current(afresh=self.desk.senders.known is not None)
            self._asking, self._was_asked = None, True
            self._go_on()

        self._asking = asyncio.create_task(ask())

    def _keep(self, received: Received, size: int, *, is_readable: bool) -> None:
        """Without the senders nothing is kept: a known one must not be refused as unknown."""
        slot = _Slot(received, size)
        self._slots.append(slot)
        self._bytes += size

        def told(is_kept: bool) -> None:
            slot.is_kept = is_kept
            self._answer()

        if not is_readable:
            told(False)
        elif self.desk.may_keep(received, size):
            self.desk.committer.offer(received.arrivals, told)
        else:
            slot.refusal = NOT_KEPT_OF_STRANGER
            told(False)

    def _answer(self) -> None:
        """Write the answers of all frames whose commit is known and that no earlier frame holds back."""
        answers = []
        while self._slots and self._slots[0].is_kept is not None:
            slot = self._slots.popleft()
            self._bytes -= slot.size
            payload = self._acknowledge(slot.received, not_kept=None if slot.is_kept else slot.refusal)
            if payload is not None:
                answers.append(hl7v2.frame(payload))
        if answers and self._transport is not None:
            self._transport.write(b"".join(answers))
        self._settle()

    def _acknowledge(self, received: Received, *, not_kept: Finding | None) -> bytes | None:
        at, number = self.desk.clock(), self.desk.control_id
        answers = [answer(one, control_id=number(at), at=at, not_kept=not_kept) for one in received.receptions]
        if received.batch is None:
            return answers[0]
        if answers and not any(answers):
            return None
        return hl7v2.batch_acknowledgement(received.batch, answers, control_id=self.desk.control_id(at), at=at)

    def _settle(self) -> None:
        """Read on, wait, or close, as things stand."""
        if self._is_ending and self.is_done:
            self.desk.conversations.discard(self)
            if self._transport is not None:
                self._transport.close()
        if self._transport is None or self._transport.is_closing():
            return
        committer = self.desk.committer
        is_full = len(self._slots) + len(self._arrived) > MOST_UNANSWERED or self._bytes > MOST_UNANSWERED_BYTES
        if committer.is_full and not self._wants_room:
            self._wants_room = True
            committer.on_room(self._room)
        must_wait = is_full or self._is_blocked or self._is_ending or self._wants_room
        if must_wait and not self._is_paused:
            self._transport.pause_reading()
        elif self._is_paused and not must_wait:
            self._transport.resume_reading()
        self._is_paused = must_wait

    def _room(self) -> None:
        self._wants_room = False
        self._settle()


def keep_alive(line: socket.socket | None) -> None:
    """Let the kernel find out within two minutes that the other machine is gone."""
    with contextlib.suppress(OSError, AttributeError):
        assert line is not None  # noqa: S101 — told by AttributeError otherwise
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
