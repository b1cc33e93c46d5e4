"""Which of many numbers were met: a bit for each, so that a hundred million need some twelve megabytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice


@dataclass(slots=True)
class Marked:
    """A set of numbers from 0, which grows with the largest of them."""

    bits: bytearray = field(default_factory=bytearray)

    def add(self, numbers: Iterable[int]) -> None:
        for one in numbers:
            place = one >> 3
            if place >= len(self.bits):
                self.bits.extend(bytes(place + 1 - len(self.bits) + len(self.bits) // 8))
            self.bits[place] |= 1 << (one & 7)

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers in ascending order."""
        for place, byte in enumerate(self.bits):
            if byte:
                yield from (place * 8 + bit for bit in range(8) if byte >> bit & 1)

    def some_at_a_time(self, count: int) -> Iterator[list[int]]:
        numbers = iter(self)
        while some := list(islice(numbers, count)):
            yield some
