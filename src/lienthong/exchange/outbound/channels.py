"""What a way out must know: which changes a receiver is to be told, and how one of them is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from lienthong.results.feed import Change
from lienthong.results.resources.changes import ResourceChange

REPORT = "report"
SendOutcome = Literal["delivered", "again", "refused", "withheld"]


@dataclass(frozen=True, slots=True)
class OutletFacts:
    """An outlet as a channel sees it; `settings` are the channel's own."""

    id: int
    code: str
    name: str
    channel: str
    facility_id: int
    client: str
    settings: Mapping[str, Any]
    position: int
    valid_from: dt.datetime
    valid_to: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DispatchFacts:
    """One thing to be told. `id` stays the same however often it is sent: the receiver tells repetitions by it.

    `attempt` is 1 where it is sent for the first time.
    """

    id: int
    position: int
    kind: str
    subject: str
    version: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a change goes out: kind and key of the thing, and its version, 0 where it has none."""

    position: int
    kind: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one attempt. `code` and `text` say what went wrong, without any patient's value.

    - `delivered`: the receiver has it. `version` is what it was told where that is newer than what was asked.
    - `again`: it can't be reached or is busy; nothing is sent to it before `retry_after`, or what the backoff says.
    - `refused`: it was reached and doesn't take this one.
    - `withheld`: its facility may not read this any more, or there is nothing left to tell; nothing was sent.
    """

    outcome: SendOutcome
    code: str = ""
    text: str = ""
    version: int | None = None
    retry_after: dt.timedelta | None = None


class Channel(Protocol):
    """A way out. Both are called without a transaction; `send` writes the read to the audit log before it sends.

    One thread at a time works at an outlet, several work at different ones.
    """

    def wanted(self, changes: Sequence[Change], outlet: OutletFacts, *, at: dt.datetime) -> list[Wanted]:
        """Return what of these changes goes to the outlet: by its settings, and what its facility may read now."""

    def send(self, dispatch: DispatchFacts, outlet: OutletFacts, *, at: dt.datetime) -> Sent:
        """Tell one thing as it is now, if the outlet's facility may still read it; raises nothing that is foreseen."""


@runtime_checkable
class Following(Protocol):
    """A channel that tells of resources as well which no change of a report touches, such as a patient's new name."""

    def wanted_of_resources(
        self, changes: Sequence[ResourceChange], outlet: OutletFacts, *, at: dt.datetime
    ) -> list[Wanted]:
        """Return what of these changes goes to the outlet, as `wanted` does."""


@runtime_checkable
class Resting(Protocol):
    """A channel that holds something open between two sendings, such as a connection."""

    def rest(self, outlet_id: int) -> None:
        """Let go of it: there is nothing more to send to the outlet now."""
