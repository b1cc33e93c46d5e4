"""MLLP: how HL7 v2 messages stand in a stream of bytes (`0B message 1C 0D`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

START_BLOCK = b"\x0b"
END_BLOCK = b"\x1c"
_TRAILER = END_BLOCK + b"\r"
_BOUNDARY = re.compile(rb"[\x0b\x1c]")

TRUNCATED = "frame-truncated"
TOO_LARGE = "frame-too-large"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as framed; `fault` is empty, `frame-truncated`, or `frame-too-large` (only the beginning is kept)."""

    payload: bytes
    fault: str = ""

    @property
    def is_complete(self) -> bool:
        return not self.fault


def frame(payload: bytes) -> bytes:
    """Return `payload` between start and end block; raise ValueError where it holds one itself."""
    if _BOUNDARY.search(payload):
        raise ValueError("the message must not hold the bytes 0B and 1C; escape them as \\X0B\\ and \\X1C\\")
    return START_BLOCK + payload + _TRAILER


class Frames:
    """Cut a stream into frames, whatever pieces it arrives in.

    1C ends a frame, with or without the 0D that should follow it: neither byte can occur in a message, and a peer that
    forgets the 0D would otherwise wait for ever. Bytes between frames are skipped and counted in `stray`.
    """

    def __init__(self, *, maximum: int = 16 * 1024 * 1024) -> None:
        if maximum < 1:
            raise ValueError(f"maximum must be at least 1 byte, but got {maximum}")
        self.maximum = maximum
        self.stray = 0
        self._buffer = bytearray()
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether a frame has begun that has not ended."""
        return self._is_open

    @property
    def held(self) -> int:
        """How many bytes of a frame that has not ended are held."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes and return the frames that they complete."""
        if not self._is_open and len(data) <= self.maximum and _is_one_frame(data):
            return [Frame(data[1:-2])]
        frames: list[Frame] = []
        position = 0
        for match in _BOUNDARY.finditer(data):
            self._take(data[position : match.start()], frames)
            self._meet(match.group(), frames)
            position = match.end()
        self._take(data[position:], frames)
        return frames

    def close(self) -> list[Frame]:
        """Return what the end of the stream leaves unfinished, as a truncated frame."""
        frames: list[Frame] = []
        self._end(frames, fault=TRUNCATED)
        return frames

    def _take(self, data: bytes, frames: list[Frame]) -> None:
        if not self._is_open:
            self.stray += len(data) - data.count(b"\r") - data.count(b"\n")
            return
        self._buffer += data
        if len(self._buffer) > self.maximum:
            del self._buffer[self.maximum :]
            self._end(frames, fault=TOO_LARGE)

    def _meet(self, boundary: bytes, frames: list[Frame]) -> None:
        self._end(frames, fault=TRUNCATED if boundary == START_BLOCK else "")
        self._is_open = boundary == START_BLOCK

    def _end(self, frames: list[Frame], *, fault: str) -> None:
        if self._is_open:
            frames.append(Frame(bytes(self._buffer), fault))
        self._buffer.clear()
        self._is_open = False


def _is_one_frame(data: bytes) -> bool:
    """Whether the bytes are exactly one frame, as they come from a sender that waits for each answer."""
    return data.rfind(START_BLOCK) == 0 and data.find(END_BLOCK) == len(data) - 2 and data.endswith(b"\r")
