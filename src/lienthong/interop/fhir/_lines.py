"""Segments being written: fields by number, each encoded with the standard delimiters."""

from __future__ import annotations

import re

from lienthong.interop.hl7v2 import STANDARD, Segment, escape

_SPECIAL = re.compile(r"[|^~\\&\x00-\x1f\x7f]")


def encoded(text: str) -> str:
    """Return a text so that no delimiter of it parts a field."""
    if not text or not _SPECIAL.search(text):
        return text
    return escape(text.replace("\r\n", "\n").replace("\r", "\n"))


def components(*parts: str) -> str:
    """Join parts that are encoded already; empty ones at the end are left out."""
    return "^".join(parts).rstrip("^")


def subcomponents(*parts: str) -> str:
    return "&".join(parts).rstrip("&")


def repetitions(values: list[str]) -> str:
    return "~".join(value for value in values if value)


class Line:
    """One segment; fields are set in any order."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._fields: dict[int, str] = {}

    def put(self, number: int, value: str) -> None:
        """Set a field to a value that is encoded already."""
        if value:
            self._fields[number] = value

    def put_text(self, number: int, text: str) -> None:
        self.put(number, encoded(text))

    def has(self, *numbers: int) -> bool:
        """Whether one of the fields is valued; without numbers, whether any is."""
        return any(number in self._fields for number in numbers) if numbers else bool(self._fields)

    def segment(self) -> Segment:
        last = max(self._fields, default=0)
        return Segment(self._name, tuple([self._fields.get(number, "") for number in range(1, last + 1)]), STANDARD)
