"""The frames of ASTM E1381: a piece of text with its number and checksum between STX and CR LF.

Read of the standard: the contents of E1381-02 (clauses 6.3.1 Frames to 6.3.3 Checksum); how devices do it: the host
interface manual of Roche's cobas e 411, pages 21 and 22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

STX, ETX, EOT, ENQ, ACK, LF, CR, NAK, ETB = b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\n", b"\r", b"\x15", b"\x17"
CONTROLS = frozenset({ENQ[0], EOT[0], ACK[0], NAK[0]})
TEXT_OF_A_FRAME = 240
LARGEST_FRAME = 64_000

# Bytes that the line itself speaks with; a record must not hold them (E1381-02, clause 6.6).
RESTRICTED = re.compile(rb"[\x01-\x06\n\x10-\x17]")
_FRAME = re.compile(rb"\x02([0-7])([^\x02\x03\x17\n]*)([\x03\x17])([0-9A-Fa-f]{2})\r\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Frame:
    """`number` is 1 to 7, then 0, then 1 again; `is_last` says that the frame ends a text (ETX), not ETB."""

    number: int
    text: bytes
    is_last: bool


def checksum(body: bytes) -> bytes:
    """Return the sum of the bytes from the frame number to ETB or ETX, modulo 256, as two hexadecimal digits."""
    return b"%02X" % (sum(body) % 256)


def write_frame(frame: Frame) -> bytes:
    """Return the frame as it stands on the line; raise ValueError where its text holds a byte of the line's own."""
    if RESTRICTED.search(frame.text):
        raise ValueError("the text of a frame must not hold the bytes 01 to 06, 0A and 10 to 17")
    body = b"%d" % (frame.number % 8) + frame.text + (ETX if frame.is_last else ETB)
    return STX + body + checksum(body) + CR + LF


def read_frame(data: bytes) -> Frame | None:
    """Read what stands from STX to LF; None where the form or the checksum is wrong."""
    match = _FRAME.fullmatch(data)
    if match is None or checksum(data[1:-4]) != match[4].upper():
        return None
    return Frame(int(match[1]), match[2], match[3] == ETX)


def cut(message: bytes, *, size: int = TEXT_OF_A_FRAME) -> list[Frame]:
    """Cut a message into numbered frames: each record ends one, a longer record is cut into several."""
    pieces = [piece for record in _records(message) for piece in _pieces(record, size)]
    return [Frame((place + 1) % 8, text, is_last) for place, (text, is_last) in enumerate(pieces)]


def _records(message: bytes) -> list[bytes]:
    return [record + CR for record in message.split(CR) if record]


def _pieces(record: bytes, size: int) -> Iterator[tuple[bytes, bool]]:
    for start in range(0, len(record), size):
        yield record[start : start + size], start + size >= len(record)


class Tokens:
    """Cut a stream of bytes into single control bytes and whole frames, whatever pieces it arrives in.

    Between STX and LF every byte belongs to the frame, so that a disturbed byte spoils the frame and nothing else. Of
    a frame beyond `largest` only the beginning is kept: it is read as faulty. Other bytes are skipped.
    """

    def __init__(self, *, largest: int = LARGEST_FRAME) -> None:
        self.largest = largest
        self._unread = bytearray()
        self._frame: bytearray | None = None

    @property
    def held(self) -> int:
        """How many bytes wait for more."""
        return len(self._unread) + len(self._frame or b"")

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._unread += data

    def next(self, *, with_frames: bool = True) -> bytes | None:
        """Return the next control byte or frame; None where more bytes are needed. STX opens a frame `with_frames`."""
        if self._frame is None:
            for place, byte in enumerate(self._unread):
                if byte in CONTROLS:
                    del self._unread[: place + 1]
                    return bytes([byte])
                if byte == STX[0] and with_frames:
                    del self._unread[:place]
                    self._frame = bytearray()
                    return self._end_of_frame()
            self._unread.clear()
            return None
        return self._end_of_frame()

    def forget(self) -> None:
        """Drop a frame that began and will not be ended."""
        self._frame = None

    def _end_of_frame(self) -> bytes | None:
        assert self._frame is not None  # noqa: S101 — a frame has begun
        end = self._unread.find(LF)
        piece = self._unread[: end + 1] if end >= 0 else self._unread[:]
        self._frame += piece[: max(self.largest - len(self._frame), 0)]
        del self._unread[: len(piece)]
        if end < 0:
            return None
        whole, self._frame = bytes(self._frame), None
        return whole
