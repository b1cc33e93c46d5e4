"""Two sides of a line beside each other, and a line that disturbs what goes over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lienthong.interop.astm import BrokenOff, Complete, Delivered, Effect, Link, NotDelivered, Send

MESSAGE = (
    b"H|\\^&|||BS-240^Mindray^SN7|||||||P|LIS2-A2|20261120080500\r"
    b"P|1\r"
    b"O|1|SP1001||^^^GLU\\^^^K|R||||||N\r"
    b"R|1|^^^GLU|5.6|mmol/L|3.9^6.4|N||F||NHA|20261120080000|20261120080300|BS-240\r"
    b"R|2|^^^K|4.1|mmol/L|||||||20261120080300\r"
    b"L|1|N\r"
)
Wire = Callable[[str, bytes], bytes]


def undisturbed(_side: str, data: bytes) -> bytes:
    return data


@dataclass
class Conversation:
    """The host keeps every complete message, unless `keeps` says otherwise; time runs when both sides wait."""

    wire: Wire = undisturbed
    keeps: Callable[[int], bool] = lambda _number: True
    host: Link = field(default_factory=lambda: Link("host"))
    instrument: Link = field(default_factory=lambda: Link("instrument"))
    now: float = 0.0
    kept: list[bytes] = field(default_factory=list)
    broken: list[bytes] = field(default_factory=list)
    told: list[Delivered | NotDelivered] = field(default_factory=list)
    handed_over: int = 0
    said: list[tuple[str, bytes]] = field(default_factory=list)

    def send(self, message: bytes) -> None:
        """Let the instrument send a message, and follow it to its end."""
        self.follow("instrument", self.instrument.send(message, now=self.now))

    def follow(self, side: str, effects: list[Effect]) -> None:
        waiting = [(side, one) for one in effects]
        for _ in range(10_000):
            while waiting:
                speaker, effect = waiting.pop(0)
                waiting += self._do(speaker, effect)
            if not (waiting := self._pass_time()):
                return
        raise AssertionError("the conversation does not end")

    def _do(self, side: str, effect: Effect) -> list[tuple[str, Effect]]:
        if isinstance(effect, Send):
            self.said.append((side, effect.data))
            other = "host" if side == "instrument" else "instrument"
            heard = self.wire(side, effect.data)
            return [(other, one) for one in self._link(other).feed(heard, now=self.now)]
        if isinstance(effect, Complete):
            self.handed_over += 1
            if not self.keeps(self.handed_over):
                return [(side, one) for one in self._link(side).refuse(now=self.now)]
            self.kept += effect.messages
            return [(side, one) for one in self._link(side).keep(now=self.now)]
        if isinstance(effect, BrokenOff):
            self.broken.append(effect.text)
        else:
            self.told.append(effect)
        return []

    def _pass_time(self) -> list[tuple[str, Effect]]:
        """Go to the next time limit of either side."""
        limits = [link.deadline for link in (self.host, self.instrument) if link.deadline is not None]
        if not limits:
            return []
        self.now = min(limits)
        sides = ("host", "instrument")
        effects = [(side, one) for side in sides for one in self._link(side).pass_time(now=self.now)]
        return effects or (self._pass_time() if min(limits) < self._latest() else [])

    def _latest(self) -> float:
        limits = [link.deadline for link in (self.host, self.instrument) if link.deadline is not None]
        return max(limits, default=0.0)

    def _link(self, side: str) -> Link:
        return self.host if side == "host" else self.instrument
