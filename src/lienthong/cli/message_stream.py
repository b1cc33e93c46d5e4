"""HL7 v2 messages and FHIR Bundles out of a stream of bytes, one after the other, so that memory stays bounded."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from lienthong.findings import Finding
from lienthong.interop import fhir, hl7v2

LARGEST = 64 * 2**20  # bytes of one message or one Bundle
_CHUNK = 2**20
# MSH where a line begins, with what may stand before it: a byte order mark, blanks, the frame of MLLP.
_START = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|(?<=[\r\n\x0b\x1c]))[ \t]*(?=MSH[^A-Za-z0-9\s])")
_ENVELOPE = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|(?<=[\r\n]))[ \t]*(?:FHS|BHS|BTS|FTS)[^A-Za-z0-9\s][^\r\n]*")
_AROUND = b" \t\r\n\x0b\x1c\x1a\0"
_LOOK_BACK = 16


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from a stream: the bytes of one message or Bundle, or why there are none."""

    data: bytes
    fault: Finding | None = None


def messages(stream: BinaryIO, *, on_bytes: Callable[[int], None], largest: int = LARGEST) -> Iterator[Taken]:
    """Yield each message of a file, a batch or a run of messages; what stands before the first is one piece, too.

    A message longer than `largest` bytes is skipped with a fault. Those of a stream in UTF-16 come in UTF-8, each with
    the mark that tells so whatever MSH-18 says.
    """
    held, searched, is_skipping = b"", 0, False
    first = stream.read(_CHUNK)
    codec, _rest = hl7v2.by_byte_order(first) or ("", b"")
    mark = codecs.BOM_UTF8 if codec.startswith("utf-16") else b""
    as_text = codecs.getincrementaldecoder(codec)(errors="replace") if mark else None
    for chunk in chain([first], iter(lambda: stream.read(_CHUNK), b"")):
        on_bytes(len(chunk))
        held += as_text.decode(chunk).removeprefix("\ufeff").encode() if as_text else chunk
        starts = [match.end() for match in _START.finditer(held, max(0, searched - _LOOK_BACK)) if match.end() > 0]
        if starts:
            pieces = [held[begin:end] for begin, end in zip([0, *starts], starts, strict=False)]
            yield from _whole(pieces[1:] if is_skipping else pieces, mark)
            held, is_skipping = held[starts[-1] :], False
        searched = len(held)
        if len(held) > largest:
            if not is_skipping:
                yield Taken(b"", _too_large(largest))
            held, searched, is_skipping = held[-_LOOK_BACK:], 0, True
    if not is_skipping:
        yield from _whole([held], mark)


def bundles(stream: BinaryIO, *, on_bytes: Callable[[int], None], largest: int = LARGEST) -> Iterator[Taken]:
    """Yield each Bundle: one a line (NDJSON) where the first line is whole JSON, else the file as one."""
    first = stream.readline(largest + 1)
    while first and not first.strip():
        first = stream.readline(largest + 1)
    on_bytes(len(first))
    if not first:
        return
    if not _is_json(first):
        rest = stream.read(largest + 1 - len(first))
        on_bytes(len(rest))
        whole = first + rest
        yield Taken(whole) if len(whole) <= largest else Taken(b"", _too_large(largest))
        return
    line = first
    while line:
        if len(line) > largest:
            yield Taken(b"", _too_large(largest))
            while line and not line.endswith(b"\n"):
                line = stream.readline(_CHUNK)
        elif line.strip():
            yield Taken(line)
        line = stream.readline(largest + 1)
        on_bytes(len(line))


def _whole(pieces: list[bytes], mark: bytes) -> Iterator[Taken]:
    for piece in pieces:
        data = _ENVELOPE.sub(b"", piece).strip(_AROUND)
        if data:
            yield Taken(mark + data + b"\r")


def _is_json(line: bytes) -> bool:
    try:
        fhir.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return False
    return True


def _too_large(largest: int) -> Finding:
    return Finding("message", "too-large", f"The message is longer than {largest} bytes and was skipped.")
