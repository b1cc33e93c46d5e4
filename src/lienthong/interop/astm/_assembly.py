"""Frames become messages: from a header record (H) to its terminator (L), as devices cut them.

Some devices end each record with ETX, others the whole message; both are read. The text is kept as sent, and a record
that ends a frame without its CR gets one.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from lienthong.interop.astm._frame import CR, Frame

_HEADER = re.compile(rb"(?:\A|(?<=\r))(?=[Hh][^\r])")
_TERMINATOR = re.compile(rb"(?:\A|\r)[Ll][^\r]*\r?\Z")

LARGEST_TEXT = 4 * 1024 * 1024


@dataclass(slots=True)
class Assembly:
    """The text of what is on its way, and how many frames of this transmission were taken."""

    text: bytearray = field(default_factory=bytearray)
    taken: int = 0
    largest: int = LARGEST_TEXT
    _length_before: int = 0

    def open(self) -> None:
        """Begin anew after ENQ: the next frame has the number 1."""
        self.text.clear()
        self.taken = 0

    def expects(self, frame: Frame) -> bool:
        """Whether the frame is the next one, and the text does not outgrow what a message may be."""
        return frame.number == (self.taken + 1) % 8 and len(self.text) + len(frame.text) <= self.largest

    def is_again(self, frame: Frame) -> bool:
        """Whether the frame has the number of the last one that was taken: its ACK was lost."""
        return self.taken > 0 and frame.number == self.taken % 8

    def completes(self, frame: Frame) -> bool:
        """Whether this frame would end a message: it ends its text, and the last record is a terminator."""
        return frame.is_last and _TERMINATOR.search(bytes(self.text[-500:]) + frame.text) is not None

    def add(self, frame: Frame) -> None:
        self._length_before = len(self.text)
        self.text += frame.text
        if frame.is_last and not self.text.endswith(CR):
            self.text += CR
        self.taken += 1

    def put_back(self) -> None:
        """Take the last frame out again: it is not acknowledged, and will come once more."""
        del self.text[self._length_before :]
        self.taken -= 1

    def clear(self) -> bytes:
        """Return the text and forget it; the numbers go on."""
        text = bytes(self.text)
        self.text.clear()
        return text


def messages_in(text: bytes) -> int:
    """Return how many header records a text has, without taking it apart."""
    return sum(1 for _header in _HEADER.finditer(text))


def split_messages(text: bytes) -> tuple[bytes, ...]:
    """Cut a text before each header record; what stands before the first one is a piece of its own."""
    bounds = sorted({0, *(match.start() for match in _HEADER.finditer(text)), len(text)})
    pieces = [text[first:last] for first, last in itertools.pairwise(bounds)]
    return tuple(piece for piece in pieces if piece.strip())
