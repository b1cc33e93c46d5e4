"""The components of one repetition of a field, or the subcomponents of one component, as text that FHIR can hold."""

from __future__ import annotations

import re

from lienthong.interop.hl7v2 import Segment

_NULL = '""'
_LETTER = re.compile(r"[^\W_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class Parts:
    """A composite value. HL7's null (`""`) reads as blank."""

    __slots__ = ("_items", "_segment")

    def __init__(self, segment: Segment, items: list[str]) -> None:
        self._segment = segment
        self._items = items

    def __bool__(self) -> bool:
        return any(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def text(self, number: int) -> str:
        """Return a component as text (of a component with subcomponents, the first); empty where it is absent."""
        if number > len(self._items):
            return ""
        sent = self._items[number - 1]
        if not sent:
            return ""
        subcomponent = self._segment.delimiters.subcomponent
        return clean(self._segment, sent.split(subcomponent, 1)[0] if subcomponent and subcomponent in sent else sent)

    def inner(self, number: int) -> Parts:
        """Return the subcomponents of a component."""
        sent = self._items[number - 1] if 0 < number <= len(self._items) else ""
        subcomponent = self._segment.delimiters.subcomponent
        return Parts(self._segment, sent.split(subcomponent) if subcomponent else [sent])

    def code(self, number: int) -> str:
        """Return a component as FHIR's `code`: single blanks between words."""
        return " ".join(self.text(number).split())


def parts_of(segment: Segment, number: int) -> Parts:
    """Return the components of the first repetition."""
    found = repetitions_of(segment, number)
    return found[0] if found else Parts(segment, [])


def repetitions_of(segment: Segment, number: int) -> list[Parts]:
    """Return the components of each repetition that holds anything."""
    sent = segment.sent(number)
    if not sent:
        return []
    delimiters = segment.delimiters
    mark = delimiters.repetition
    every = sent.split(mark) if mark and mark in sent else [sent]
    return [Parts(segment, one.split(delimiters.component)) for one in every if _holds_text(segment, one)]


def _holds_text(segment: Segment, sent: str) -> bool:
    delimiters = segment.delimiters
    if _LETTER.search(sent) and not (delimiters.escape and delimiters.escape in sent):
        return True
    parts = Parts(segment, sent.split(delimiters.component))
    return any(parts.text(place + 1) for place in range(len(parts)))


def value_of(segment: Segment, number: int, component: int = 1) -> str:
    """Return one value as text."""
    sent = segment.sent(number)
    if not sent:
        return ""
    delimiters = segment.delimiters
    first = sent.split(delimiters.repetition, 1)[0] if delimiters.repetition else sent
    items = first.split(delimiters.component)
    return Parts(segment, items).text(component)


def code_of(segment: Segment, number: int, component: int = 1) -> str:
    """Return one value as FHIR's `code`."""
    return " ".join(value_of(segment, number, component).split())


def clean(segment: Segment, sent: str) -> str:
    """Undo escapes, and leave out control characters, which no FHIR string may hold."""
    mark = segment.delimiters.escape
    text = (segment.text(sent) if mark and mark in sent else sent).strip()
    if text == _NULL:
        return ""
    return text if text.isprintable() else _CONTROL.sub("", text).strip()
