"""What becomes of messages whose kind is stored one by one: all are read, all is locked at once, each is stored.

Each has a savepoint of its own; a held one closes its lane.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, TypeVar

from django.db import DataError, IntegrityError, transaction

from lienthong.errors import LienthongError
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.results import actions as results
from lienthong.results.actions import Outcome, Waiting

log = logging.getLogger(__name__)

# What a message that nobody foresaw may raise; a lost connection is not among them, the batch is then tried again.
UNFORESEEN = (
    *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError, MemoryError, RecursionError),
    *(DataError, IntegrityError, LienthongError),
)
UNKNOWN_SENDER = Finding(
    "MSH-3", "unknown-sender", "MSH-3 and MSH-4 name no registered sender; register it, then replay."
)


class Sources(Protocol):
    """Whoever knows the registered senders."""

    def source_of(self, one: Waiting) -> SourceFacts | None:
        """Return who sent a message; None where no registered sender did."""


class Lockable(Protocol):
    """A message that was read and names what must not be written by two workers at once."""

    def lock_names(self) -> list[str]: ...


Read = TypeVar("Read", bound=Lockable)
Result = TypeVar("Result")


def outcomes_in_lanes(
    waiting: Sequence[Waiting],
    read: Callable[[Waiting], Read | Outcome],
    store: Callable[[Waiting, Read], Outcome],
) -> list[Outcome]:
    """Read and store messages in order of arrival; those behind a held one of their lane have no outcome."""
    found = {one.id: _attempt(one, partial(read, one)) for one in waiting}
    names = [name for one in found.values() if not isinstance(one, Outcome) for name in one.lock_names()]
    results.lock_keys(names)
    outcomes: list[Outcome] = []
    closed: set[str] = set()
    for one in waiting:
        if one.lane in closed:
            continue
        message = found[one.id]
        outcome = message if isinstance(message, Outcome) else _attempt(one, partial(store, one, message))
        outcomes.append(outcome)
        closed |= {one.lane} if outcome.state == "held" else set()
    return outcomes


def known_source(one: Waiting, sources: Sources) -> SourceFacts:
    """Return who sent a message; raise Unstorable where no registered sender did."""
    source = sources.source_of(one)
    if source is None:
        raise Unstorable("unknown-sender", [UNKNOWN_SENDER])
    return source


def unforeseen(one: Waiting, error: BaseException) -> Outcome:
    """Hold what nobody foresaw. The log names the message and the kind of error, never what is in it."""
    log.error("message %d could not be processed: %s", one.id, type(error).__name__)
    told = Finding(
        "MSH", "unforeseen", "The message could not be processed; tell the operator of the platform its number."
    )
    return Outcome(inbox_id=one.id, state="held", reason="unforeseen", findings=(told,))


def _attempt(one: Waiting, act: Callable[[], Result]) -> Result | Outcome:
    try:
        with transaction.atomic():
            return act()
    except Unstorable as error:
        if error.keep:
            error.keep()
        return Outcome(inbox_id=one.id, source=one.source, state="held", reason=error.reason, findings=error.findings)
    except UNFORESEEN as error:
        return unforeseen(one, error)
