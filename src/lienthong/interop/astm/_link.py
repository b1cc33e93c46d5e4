"""One side of an ASTM E1381 line without sockets or clock: bytes and the time go in, bytes and messages come out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from lienthong.interop.astm._assembly import Assembly, split_messages
from lienthong.interop.astm._frame import (
    ACK,
    ENQ,
    EOT,
    NAK,
    TEXT_OF_A_FRAME,
    Frame,
    Tokens,
    cut,
    read_frame,
    write_frame,
)
from lienthong.interop.astm._link_table import (
    ALLOWED_TRANSITIONS,
    ATTEMPTS,
    SECONDS,
    SECONDS_WHERE_BOTH_CALLED,
    SECONDS_WHERE_BUSY,
    Act,
    Event,
    Role,
    State,
)


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes that go to the other side now."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Complete:
    """A text of messages that are complete. The last frame is answered once `keep` or `refuse` is called."""

    text: bytes

    @property
    def messages(self) -> tuple[bytes, ...]:
        """The messages of the text, each from its header record."""
        return split_messages(self.text)


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """What came of a message whose end will not come: the transmission ended before it."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message of which the other side took every frame."""

    message: bytes


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """A message that the other side did not take; `why` is `no-answer` or `refused`."""

    message: bytes
    why: str


Effect = Send | Complete | BrokenOff | Delivered | NotDelivered


@dataclass(slots=True)
class Link:
    """A line as one side sees it; `role` decides who goes first where both call at once.

    Every call takes the time `now` in seconds of any steady clock, and returns what is to be done, in order. When
    `deadline` is reached, `pass_time` is to be called.
    """

    role: Role = "host"
    size: int = TEXT_OF_A_FRAME
    state: State = State.NEUTRAL
    deadline: float | None = None
    _tokens: Tokens = field(default_factory=Tokens)
    _assembly: Assembly = field(default_factory=Assembly)
    _outgoing: deque[bytes] = field(default_factory=deque)
    _frames: list[Frame] = field(default_factory=list)
    _place: int = 0
    _came: Frame | None = None
    _attempts: int = 0
    _pause: float = 0.0
    _effects: list[Effect] = field(default_factory=list)

    @property
    def held(self) -> int:
        """How many bytes it holds of a message that has not ended."""
        return len(self._assembly.text) + self._tokens.held

    def feed(self, data: bytes, *, now: float) -> list[Effect]:
        """Take bytes from the other side. While a message is decided on, what comes is read afterwards."""
        self._tokens.feed(data)
        return self._read_on(now)

    def send(self, message: bytes, *, now: float) -> list[Effect]:
        """Put a message in the queue; it goes when the line is free. Raise ValueError where no frame could hold it."""
        for frame in cut(message, size=self.size):
            write_frame(frame)
        self._outgoing.append(message)
        self._call(now)
        return self._take_effects()

    def keep(self, *, now: float) -> list[Effect]:
        """Say that the complete messages are kept: their last frame is acknowledged."""
        self._step(Event.KEPT, now)
        return self._read_on(now)

    def refuse(self, *, now: float) -> list[Effect]:
        """Say that they could not be kept: the sender is asked for their last frame once more."""
        self._step(Event.NOT_KEPT, now)
        return self._read_on(now)

    def pass_time(self, *, now: float) -> list[Effect]:
        """Let the time limit of the present state take effect, if it is reached."""
        if self.deadline is not None and now >= self.deadline:
            self._tokens.forget()
            self._step(Event.TIMEOUT, now)
        return self._read_on(now)

    def close(self) -> list[Effect]:
        """The connection is gone: tell what was not finished."""
        if self.state is not State.DECIDING:  # what is complete was handed over, and is being kept
            self._break_off()
        self._effects += [NotDelivered(message, "no-answer") for message in self._outgoing]
        self._outgoing.clear()
        self.state, self.deadline = State.NEUTRAL, None
        return self._take_effects()

    def _read_on(self, now: float) -> list[Effect]:
        while self.state is not State.DECIDING:
            token = self._tokens.next(with_frames=self.state is State.RECEIVING)
            if token is None:
                break
            event = self._event(token)
            if event is not None:
                self._step(event, now)
        return self._take_effects()

    def _event(self, token: bytes) -> Event | None:
        """Name what a token means in the present state."""
        if len(token) > 1 and self.state is State.RECEIVING:
            return self._frame_event(token)
        if token == ENQ:
            return Event.ENQ_CROSSED if self.state is State.CALLING else Event.ENQ
        if token == NAK:
            return self._nak_event()
        if token == ACK or (token == EOT and self.state is State.SENDING):
            # EOT in place of ACK is a receiver's wish to speak (clause 6.3.5): the message is finished first.
            return Event.ACK_OF_LAST if self._is_last_frame else Event.ACK
        return Event.EOT if token == EOT else None

    @property
    def _is_last_frame(self) -> bool:
        return self.state is State.SENDING and self._place == len(self._frames) - 1

    def _frame_event(self, token: bytes) -> Event:
        self._came = frame = read_frame(token)
        if frame is None:
            return Event.FRAME_FAULTY
        if self._assembly.is_again(frame):
            return Event.FRAME_AGAIN
        if not self._assembly.expects(frame):
            return Event.FRAME_FAULTY
        return Event.FRAME_COMPLETES if self._assembly.completes(frame) else Event.FRAME

    def _nak_event(self) -> Event:
        self._attempts += 1
        is_final = self._attempts >= ATTEMPTS
        if self.state is State.CALLING:
            return Event.ENQ_REFUSED_FINALLY if is_final else Event.ENQ_REFUSED
        return Event.NAK_FINALLY if is_final else Event.NAK

    def _step(self, event: Event, now: float) -> None:
        step = ALLOWED_TRANSITIONS.get((self.state, event))
        if step is None:
            return
        self.state, acts = step
        for act in acts:
            self._acts[act](self)
        seconds = self._pause if self.state is State.STEPPING_BACK else SECONDS.get(self.state)
        self.deadline = None if seconds is None else now + seconds
        self._call(now)

    def _call(self, now: float) -> None:
        if self._outgoing and self.state is State.NEUTRAL:
            self._step(Event.CALL, now)

    def _take_effects(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects

    def _say(self, data: bytes) -> None:
        self._effects.append(Send(data))

    def _send_frame(self) -> None:
        self._say(write_frame(self._frames[self._place]))

    def _first_frame(self) -> None:
        self._frames, self._place, self._attempts = cut(self._outgoing[0], size=self.size), 0, 0

    def _next_frame(self) -> None:
        self._place, self._attempts = self._place + 1, 0

    def _succeed(self) -> None:
        self._effects.append(Delivered(self._outgoing.popleft()))
        self._attempts = 0

    def _fail(self) -> None:
        why = "refused" if self._attempts >= ATTEMPTS else "no-answer"
        self._effects.append(NotDelivered(self._outgoing.popleft(), why))
        self._attempts = 0

    def _take_frame(self) -> None:
        assert self._came is not None  # noqa: S101 — the event says that a frame came
        self._assembly.add(self._came)

    def _hand_over(self) -> None:
        self._effects.append(Complete(bytes(self._assembly.text)))

    def _break_off(self) -> None:
        text = self._assembly.clear()
        if text.strip():
            self._effects.append(BrokenOff(text))

    def _wait_for_the_busy(self) -> None:
        self._pause = SECONDS_WHERE_BUSY

    def _wait_for_the_other(self) -> None:
        self._pause = SECONDS_WHERE_BOTH_CALLED[self.role]

    _acts: ClassVar[dict[Act, Callable[[Link], object]]] = {
        Act.SEND_ENQ: lambda link: link._say(ENQ),
        Act.SEND_EOT: lambda link: link._say(EOT),
        Act.SEND_ACK: lambda link: link._say(ACK),
        Act.SEND_NAK: lambda link: link._say(NAK),
        Act.SEND_FRAME: _send_frame,
        Act.NEXT_FRAME: _next_frame,
        Act.FIRST_FRAME: _first_frame,
        Act.SUCCEED: _succeed,
        Act.FAIL: _fail,
        Act.OPEN: lambda link: link._assembly.open(),
        Act.TAKE: _take_frame,
        Act.HAND_OVER: _hand_over,
        Act.CLEAR: lambda link: link._assembly.clear(),
        Act.PUT_BACK: lambda link: link._assembly.put_back(),
        Act.BREAK_OFF: _break_off,
        Act.WAIT_FOR_THE_BUSY: _wait_for_the_busy,
        Act.WAIT_FOR_THE_OTHER: _wait_for_the_other,
    }
