"""Which analyser calls: the registered sources that speak ASTM, by the header's sender, the address and the port."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from lienthong.exchange.models import Source
from lienthong.exchange.senders import Sender
from lienthong.interop.hl7v2 import find_codec

# The same columns for the listener, which has no ORM.
LOAD = """
SELECT code, default_charset, sending_application, coalesce(host(peer_address), ''), coalesce(listening_port, 0),
       control_specimens
FROM exchange_source WHERE protocol = 'astm'
"""
_APART = " / "


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called: H-5 as sent, the peer's address, and the port that was called."""

    name: str
    address: str
    port: int

    @property
    def label(self) -> str:
        """Name the caller for people, and so that it can be found again when its message is replayed."""
        return _APART.join((self.name[:120] or "?", self.address, str(self.port)))

    @classmethod
    def of_label(cls, label: str) -> Caller | None:
        """Read what `label` wrote."""
        name, _, rest = label.rpartition(_APART)
        name, _, address = name.rpartition(_APART)
        return cls("" if name == "?" else name, address, int(rest)) if name and rest.isdecimal() else None


@dataclass(frozen=True, slots=True)
class AnalyzerSender(Sender):
    """An analyser, and by which numbers it is known that a specimen is a control."""

    control_specimens: tuple[str, ...] = ()

    def is_control(self, specimen: str) -> bool:
        return any(fnmatchcase(specimen, pattern) for pattern in self.control_specimens)


@dataclass(frozen=True, slots=True)
class Analyzer:
    """A registered analyser; what is empty, or 0, is not asked."""

    sender: AnalyzerSender
    name: str
    address: str
    port: int

    def fits(self, caller: Caller) -> bool:
        is_named = not self.name or self.name in (caller.name, caller.name.split("^")[0].strip())
        return is_named and self.address in ("", caller.address) and self.port in (0, caller.port)

    @property
    def asked(self) -> int:
        """How many of the three are asked."""
        return sum(map(bool, (self.name, self.address, self.port)))


@dataclass(frozen=True, slots=True)
class AnalyzerDirectory:
    analyzers: tuple[Analyzer, ...]

    @classmethod
    def of(cls, rows: Iterable[Any]) -> AnalyzerDirectory:
        """Take rows of LOAD; an unknown character set is read as UTF-8."""
        return cls(tuple(_analyzer(*row) for row in rows))

    def find(self, caller: Caller) -> AnalyzerSender | None:
        """Return the source that fits and asks most; None where none fits, or two fit equally well."""
        fitting = sorted((one for one in self.analyzers if one.fits(caller)), key=lambda one: -one.asked)
        if not fitting or (len(fitting) > 1 and fitting[1].asked == fitting[0].asked):
            return None
        return fitting[0].sender


def analyzer_directory() -> AnalyzerDirectory:
    """Load the registered analysers."""
    names = ("code", "default_charset", "sending_application", "peer_address", "listening_port", "control_specimens")
    rows = Source.objects.filter(protocol="astm").values_list(*names)
    return AnalyzerDirectory.of(rows)


def _analyzer(
    code: str, charset: str, name: str, address: str | None, port: int | None, controls: str = ""
) -> Analyzer:
    known = charset if find_codec(charset) else "utf-8"
    sender = AnalyzerSender(code, known, control_specimens=tuple(controls.split()))
    return Analyzer(sender, name, address or "", port or 0)
