"""Messages in the inbox as a worker claims them, and whoever knows the senders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from tests.factories.exchange import moment

from lienthong.core.actions import system_user
from lienthong.exchange.processing.outcomes import Opened, lock_opened
from lienthong.exchange.senders import SourceFacts, sources_by_code
from lienthong.results import actions as results
from lienthong.results.actions import Arrival, Outcome, Waiting

NOW = moment("2026-11-20 09:00")
_lanes = count()


@dataclass(frozen=True, slots=True)
class Senders:
    """The registered senders on a day."""

    known: dict[str, SourceFacts] = field(default_factory=lambda: sources_by_code(on=NOW.date()))

    def source_of(self, one: Waiting) -> SourceFacts | None:
        return self.known.get(one.source)


def claimed(*messages: bytes, source: str = "SX", at: dt.datetime = NOW) -> list[Waiting]:
    """Receive messages, each in a lane of its own, and claim them in their order."""
    by = system_user("exchange")
    arrivals = [Arrival(raw=one, received_at=at, source=source, lane=f"{source}:{next(_lanes)}") for one in messages]
    ids = set(results.receive(arrivals, by=by, at=at))
    return [one for one in results.take_lanes(limit=100, by=by) if one.id in ids]


def store_opened(opened: Opened) -> list[Outcome]:
    """Lock and store messages of one kind that were read."""
    lock_opened([opened])
    return opened.store()


def finish(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    """Write what became of messages, and return state and reason of each."""
    results.finish(outcomes, by=system_user("exchange"), at=NOW)
    return [(one.state, one.reason) for one in outcomes]
