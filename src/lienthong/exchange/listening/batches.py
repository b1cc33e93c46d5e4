"""Several messages in one frame: a file or batch (FHS, BHS … BTS, FTS) or a plain run, and the answer to all of them.

HL7 v2.5.1 chapter 2, batch protocol: the acknowledgments come back as a batch; BHS-12 and FHS-12 name what they answer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.interop import hl7v2

_LINE_END = re.compile(rb"[\r\n]+")
_SECOND = re.compile(rb"[\r\n][ \t]*(?:MSH|FHS|BHS|BTS|FTS)")
_NAMES = (b"MSH", b"FHS", b"BHS", b"BTS", b"FTS")
_OUTSIDE = "outside-message"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The header lines as sent, each empty where there was none, and what is wrong with the envelope."""

    file: bytes = b""
    batch: bytes = b""
    message: bytes = b""
    findings: tuple[Finding, ...] = ()

    @property
    def is_leaky(self) -> bool:
        """Whether the frame holds bytes that belong to none of its messages."""
        return any(finding.code == _OUTSIDE for finding in self.findings)


def take_apart(payload: bytes) -> tuple[tuple[bytes, ...], Envelope | None]:
    """Return the messages of a frame in order, and their envelope; None where the frame is one message or no HL7."""
    if payload.startswith(b"MSH") and not any(payload.find(name, 3) >= 0 for name in _NAMES):
        return (payload,), None
    begin = payload[:16].lstrip(b"\xef\xbb\xbf\r\n \t")[:3]
    is_one = begin == b"MSH" and not _SECOND.search(payload)
    if is_one or begin not in (b"MSH", b"FHS", b"BHS"):
        return (payload,), None
    messages, findings = hl7v2.split_batch(payload)
    heads = {line[:3]: line for line in reversed(_LINE_END.split(payload.lstrip(b"\xef\xbb\xbf"))[:4])}
    head = {name: heads.get(name, b"") for name in (b"FHS", b"BHS", b"MSH")}
    return messages, Envelope(head[b"FHS"], head[b"BHS"], head[b"MSH"], findings)


def answer_batch(envelope: Envelope, answers: Sequence[bytes], *, control_id: str, at: dt.datetime) -> bytes:
    """Lay the acknowledgments of a frame's messages into one batch, in a file where a file was sent."""
    about = envelope.batch or envelope.file or envelope.message
    separator = about[3:4] or b"|"
    lines = [
        _head(b"BHS", about, envelope.batch, control_id, at),
        *answers,
        b"BTS" + separator + b"%d\r" % len(answers),
    ]
    if envelope.file:
        lines = [_head(b"FHS", envelope.file, envelope.file, control_id, at), *lines, b"FTS" + separator + b"1\r"]
    return b"".join(lines)


def _head(name: bytes, about: bytes, answered: bytes, control_id: str, at: dt.datetime) -> bytes:
    """Write BHS or FHS: sender and receiver change places, field 12 is the other's field 11."""
    separator = about[3:4] or b"|"
    sent = [*about.split(separator), *([b""] * 6)][1:6]
    fields = answered.split(separator)
    reference = fields[10] if len(fields) > 10 else b""
    encoding = sent[0] or b"^~\\&"
    swapped = [sent[3], sent[4], sent[1], sent[2]]
    instant = hl7v2.write_instant(at).encode("ascii")
    line = [name, encoding, *swapped, instant, b"", b"", b"", control_id.encode("ascii"), reference]
    return separator.join(line).rstrip(separator) + b"\r"
