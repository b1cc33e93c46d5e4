"""Files and batches (FHS, BHS … BTS, FTS): the messages in them, whether the counts agree, and the answer to them.

HL7 chapter 2, batch protocol: `[FHS] { [BHS] { MSH … } [BTS] } [FTS]`. Each envelope segment may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lienthong.findings import Finding
from lienthong.interop.hl7v2._charset import by_byte_order
from lienthong.interop.hl7v2._delimiters import STANDARD
from lienthong.interop.hl7v2._instant import write_instant

_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_TRAILERS = {b"BHS": "BTS", b"FHS": "FTS"}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SEVERAL = re.compile(rb"[\r\n][ \t]*MSH[^A-Za-z0-9\s]")
_PART = re.compile(rb"(?:^|[\r\n])[ \t]*(?:MSH|FHS|BHS|BTS|FTS)")
# Bytes of any character set stand for themselves, so that an answer returns names as they came.
_AS_SENT = "latin-1"


@dataclass(frozen=True, slots=True)
class Envelope:
    """FHS or BHS as sent: `fields[0]` is field 1, the field separator. Control ids are HL7's field 11."""

    name: str
    fields: tuple[str, ...]

    @property
    def control_id(self) -> str:
        return self.field(11)

    def field(self, number: int) -> str:
        """Return a field as sent; empty where there is none."""
        return self.fields[number - 1] if 1 <= number <= len(self.fields) else ""


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages between BHS and BTS, or those that stand outside both (`header` is None)."""

    header: Envelope | None
    messages: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BatchFile:
    """What one file or frame holds. Each message has CR after each segment and is otherwise as sent."""

    header: Envelope | None
    batches: tuple[Batch, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def messages(self) -> tuple[bytes, ...]:
        return tuple(message for batch in self.batches for message in batch.messages)


def is_batch(data: bytes) -> bool:
    """Whether a frame holds an envelope or several messages, so that it is answered as a batch."""
    if data.startswith(b"MSH") and data.find(b"MSH", 3) < 0:
        return False
    start = data.removeprefix(_BYTE_ORDER_MARK).lstrip(b"\r\n \t")
    return start[:3] in (b"FHS", b"BHS") or (start[:3] == b"MSH" and _SEVERAL.search(start) is not None)


def parts_in(data: bytes) -> int:
    """Return how many messages and envelope segments begin in a frame, without taking it apart."""
    return sum(1 for _part in _PART.finditer(data))


def split_batch(data: bytes) -> tuple[tuple[bytes, ...], tuple[Finding, ...]]:
    """Return each message of a file, a batch, or a plain run of messages, and what is wrong with the envelope.

    A file in UTF-16, told by its first bytes, is parted as text; its messages are in UTF-16 again.
    """
    codec, rest = by_byte_order(data) or ("utf-8", data)
    if codec == "utf-8":
        read = read_batch(data)
        return read.messages, read.findings
    read = read_batch(rest.decode(codec, errors="replace").encode())
    return tuple(one.decode().encode(codec) for one in read.messages), read.findings


def read_batch(data: bytes) -> BatchFile:
    """Read a file or a frame with its envelopes.

    The character set must hold ASCII as single bytes, as all but UTF-16 and UTF-32 do.
    """
    reader = _Reader()
    for number, line in enumerate(_lines(data.removeprefix(_BYTE_ORDER_MARK)), start=1):
        if line.strip():
            reader.take(number, line.lstrip(b" \t"))
    return reader.finish()


def batch_acknowledgement(
    received: BatchFile, answers: Sequence[bytes | None], *, control_id: str, at: datetime
) -> bytes:
    """Write the one answer to a file or frame: its envelopes with sender and receiver changed, and an answer for each.

    `answers` are whole acknowledgments in the order of `received.messages`, None where a sender wants none; of another
    number raises ValueError. BHS-12 and FHS-12 name the batch and the file that are answered, BTS-2 and FTS-2 what was
    wrong with the envelopes. Without any envelope the answers follow each other.
    """
    if len(answers) != len(received.messages):
        raise ValueError(f"answers must be one for each of {len(received.messages)} messages, but got {len(answers)}")
    remaining = iter(answers)
    said = " ".join(f"{one.where}: {one.message}" for one in received.findings)
    written = bytearray()
    for number, batch in enumerate(received.batches, start=1):
        own = [answer for _, answer in zip(batch.messages, remaining, strict=False) if answer]
        body = b"".join(answer if answer.endswith(b"\r") else answer + b"\r" for answer in own)
        about = f"{control_id}.{number}" if received.header else control_id
        written += _enclose(batch.header, body, len(own), said, control_id=about, at=at)
    return _enclose(received.header, bytes(written), len(received.batches), said, control_id=control_id, at=at)


def _enclose(header: Envelope | None, body: bytes, count: int, said: str, *, control_id: str, at: datetime) -> bytes:
    """Write header and trailer in the delimiters of what is answered."""
    if header is None:
        return body
    separator = header.field(1)
    characters = header.field(2) or STANDARD.encoding_characters
    head = [
        header.name,
        characters,
        *(header.field(number) for number in (5, 6, 3, 4)),
        write_instant(at),
        *("", "", ""),
        control_id,
        header.control_id,
    ]
    comment = "".join(" " if one in separator + characters else one for one in said)
    tail = [_TRAILERS[header.name.encode()], str(count), comment]
    lines = [separator.join(one).rstrip(separator) + "\r" for one in (head, tail)]
    return lines[0].encode(_AS_SENT) + body + lines[1].encode(_AS_SENT, errors="ignore")


def _lines(data: bytes) -> Iterator[bytes]:
    """Part lines at CR, LF or both; where CR parts them, an LF that no segment follows is text of a field."""
    separator = rb"\r\n?|\n"
    if b"\r" in data:
        separator = rb"\r\n?|\n(?=[A-Z][A-Z0-9]{2}(?:[^A-Za-z0-9\s]|[\r\n]|\Z)|[\r\n]|\Z)"
    yield from re.split(separator, data)


@dataclass(slots=True)
class _Open:
    header: Envelope | None
    messages: list[list[bytes]] = field(default_factory=list)

    def close(self) -> Batch:
        return Batch(self.header, tuple(b"".join(one + b"\r" for one in message) for message in self.messages))


@dataclass(slots=True)
class _Reader:
    findings: list[Finding] = field(default_factory=list)
    _file: Envelope | None = None
    _batches: list[_Open] = field(default_factory=list)
    _batch: _Open | None = None  # where the next message goes
    _unclosed: list[bytes] = field(default_factory=list)
    _is_inside: bool = False  # of a message

    def take(self, number: int, line: bytes) -> None:
        name = line[:3]
        if name == b"MSH":
            self._begin_message(line)
        elif name in _ENVELOPE:
            self._is_inside = False
            self._begin(number, name, line) if name in _TRAILERS else self._end(number, name, line)
        elif self._is_inside and self._batch:
            self._batch.messages[-1].append(line)
        else:
            self._report(number, "outside-message", "A segment stands outside any message; MSH must come first.")

    def finish(self) -> BatchFile:
        for name in self._unclosed:
            trailer = _TRAILERS[name]
            message = f"{name.decode()} has no {trailer}; the file may be cut short."
            self.findings.append(Finding(trailer, "trailer-missing", message))
        return BatchFile(self._file, tuple(one.close() for one in self._batches), tuple(self.findings))

    def _begin_message(self, line: bytes) -> None:
        if self._batch is None:
            self._open(None)
        if self._batch:
            self._batch.messages.append([line])
        self._is_inside = True

    def _begin(self, number: int, name: bytes, line: bytes) -> None:
        if name in self._unclosed:
            self._report(number, "header-repeated", f"{name.decode()} comes again before {_TRAILERS[name]}.")
        else:
            self._unclosed.append(name)
        if name == b"BHS":
            self._open(_envelope(line))
        else:
            self._file = self._file or _envelope(line)

    def _end(self, number: int, name: bytes, line: bytes) -> None:
        header = b"BHS" if name == b"BTS" else b"FHS"
        if header not in self._unclosed:
            self._report(number, "header-missing", f"{name.decode()} comes without {header.decode()}.")
        else:
            self._unclosed.remove(header)
        if name == b"BTS":
            self._check_count(number, line, len(self._batch.messages) if self._batch else 0)
            self._batch = None
        elif named := sum(one.header is not None for one in self._batches):
            self._check_count(number, line, named)  # without BHS the whole file counts as a batch, or as none

    def _open(self, header: Envelope | None) -> None:
        self._batch = _Open(header)
        self._batches.append(self._batch)

    def _check_count(self, number: int, line: bytes, found: int) -> None:
        match = re.match(rb"...[^0-9A-Za-z\s]\s*(\d{1,9})\b", line)
        if match and int(match[1]) != found:
            name = line[:3].decode()
            self._report(number, "count", f"{name}-1 does not agree with what the file holds, which is {found}.")

    def _report(self, number: int, code: str, message: str) -> None:
        self.findings.append(Finding(f"line {number}", code, message))


def _envelope(line: bytes) -> Envelope:
    text = line.decode(_AS_SENT)
    separator = text[3:4] or "|"
    return Envelope(text[:3], (separator, *(part.strip() for part in text[4:].split(separator))))
