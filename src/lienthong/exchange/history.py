"""What was done to a sender, a connected system or an outlet, as the page of each tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lienthong.core.audit import Event

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    at: dt.datetime
    who: str
    what: str
    details: tuple[tuple[str, str], ...]


def in_words(
    events: Iterable[Event], *, action: Words, detail: Words, value: Callable[[str, object], str]
) -> list[HistoryRow]:
    """Lay out events; `value` says what a detail of a name is, and nothing for one that is left out."""
    return [
        HistoryRow(
            at=one.at,
            who=one.actor_label,
            what=action(one.action),
            details=tuple((detail(name), told) for name, given in one.detail.items() if (told := value(name, given))),
        )
        for one in events
    ]
