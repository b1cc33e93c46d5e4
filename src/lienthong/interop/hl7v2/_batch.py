"""Files and batches (FHS, BHS … BTS, FTS): the messages in them and whether the counts agree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lienthong.findings import Finding

_SEPARATOR = re.compile(rb"\r\n?|\n")
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_TRAILERS = {b"BHS": "BTS", b"FHS": "FTS"}


def split_batch(data: bytes) -> tuple[tuple[bytes, ...], tuple[Finding, ...]]:
    """Return each message of a file, a batch, or a plain run of messages, and what is wrong with the envelope.

    The character set must hold ASCII as single bytes, as all but UTF-16 and UTF-32 do.
    """
    splitter = _Splitter()
    lines = _SEPARATOR.split(data.removeprefix(b"\xef\xbb\xbf"))
    for number, line in enumerate(lines, start=1):
        if line.strip():
            splitter.take(number, line.lstrip(b" \t"))
    splitter.finish()
    return tuple(b"".join(one + b"\r" for one in message) for message in splitter.messages), tuple(splitter.findings)


@dataclass(slots=True)
class _Splitter:
    messages: list[list[bytes]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _is_inside: bool = False
    _open: list[bytes] = field(default_factory=list)
    _batches: int = 0
    _messages_before: int = 0

    def take(self, number: int, line: bytes) -> None:
        name = line[:3]
        if name == b"MSH":
            self.messages.append([line])
            self._is_inside = True
        elif name in _ENVELOPE:
            self._is_inside = False
            self._take_envelope(number, name, line)
        elif self._is_inside:
            self.messages[-1].append(line)
        else:
            self._report(number, "outside-message", "A segment stands outside any message; MSH must come first.")

    def finish(self) -> None:
        for name in self._open:
            trailer = _TRAILERS[name]
            message = f"{name.decode()} has no {trailer}; the file may be cut short."
            self.findings.append(Finding(trailer, "trailer-missing", message))

    def _take_envelope(self, number: int, name: bytes, line: bytes) -> None:
        if name in _TRAILERS:
            if name in self._open:
                self._report(number, "header-repeated", f"{name.decode()} comes again before {_TRAILERS[name]}.")
            else:
                self._open.append(name)
            self._batches += name == b"BHS"
            self._messages_before = len(self.messages) if name == b"BHS" else self._messages_before
            return
        header = b"BHS" if name == b"BTS" else b"FHS"
        if header not in self._open:
            self._report(number, "header-missing", f"{name.decode()} comes without {header.decode()}.")
        else:
            self._open.remove(header)
        if name == b"BTS":
            self._check_count(number, line, len(self.messages) - self._messages_before)
        elif self._batches:  # without BHS the whole file counts as a batch, or as none: senders differ
            self._check_count(number, line, self._batches)

    def _check_count(self, number: int, line: bytes, found: int) -> None:
        match = re.match(rb"...[^0-9A-Za-z\s]\s*(\d{1,9})\b", line)
        if match and int(match[1]) != found:
            name = line[:3].decode()
            self._report(number, "count", f"{name}-1 does not agree with what the file holds, which is {found}.")

    def _report(self, number: int, code: str, message: str) -> None:
        self.findings.append(Finding(f"line {number}", code, message))
