"""What becomes of messages whose kind is stored one by one: all are read, all is locked at once, each is stored.

Each has a savepoint of its own; a held one closes its lane. Kinds are read before any of them is locked: two workers
whose batches mix kinds would else take the same locks in another order and wait for each other.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from django.db import DataError, IntegrityError, transaction

from lienthong.errors import LienthongError
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.results import actions as results
from lienthong.results.actions import Outcome, Waiting
from lienthong.results.reads import processed_before

log = logging.getLogger(__name__)

# What a message that nobody foresaw may raise; a lost connection is not among them, the batch is then tried again.
UNFORESEEN = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError, MemoryError, RuntimeError),
    *(DataError, IntegrityError, LienthongError),
)
UNKNOWN_SENDER = Finding(
    "MSH-3", "unknown-sender", "MSH-3 and MSH-4 name no registered sender; register it, then replay."
)


class Sources(Protocol):
    """Whoever knows the registered senders."""

    def source_of(self, one: Waiting) -> SourceFacts | None:
        """Return who sent a message; None where no registered sender did; raise Unstorable where it must not count."""


class Lockable(Protocol):
    """A message that was read and names what must not be written by two workers at once."""

    def lock_names(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """Claimed messages of one kind that were read; `store` may be called when all that is named is locked."""

    lock_names: Sequence[str]
    store: Callable[[], list[Outcome]]


Read = TypeVar("Read", bound=Lockable)
Result = TypeVar("Result")


def lock_opened(opened: Iterable[Opened]) -> None:
    """Lock what all kinds of a batch name, in one order, until the transaction ends."""
    results.lock_keys([name for one in opened for name in one.lock_names])


def open_in_lanes(
    waiting: Sequence[Waiting],
    sources: Sources,
    read: Callable[[Waiting, SourceFacts], Read | Outcome],
    store: Callable[[Waiting, Read], Outcome],
    *,
    further_names: Callable[[list[Read]], list[str]] = lambda _found: [],
) -> Opened:
    """Read messages; `further_names` asks the database what else they touch than what they name themselves.

    The same bytes again wait for the next batch, with what comes after them in their lane: it knows whether they were
    stored.
    """
    waiting = _first_copies(waiting)
    senders = {one.id: _sender(one, sources) for one in waiting}
    known = {key: one for key, one in senders.items() if isinstance(one, SourceFacts)}
    found = {one.id: _first_outcome(one, senders[one.id], read) for one in waiting}
    readable = [one for one in found.values() if not isinstance(one, Outcome)]
    names = [name for one in readable for name in one.lock_names()]
    return Opened([*names, *further_names(readable)], partial(_store_in_lanes, waiting, known, found, store))


def _first_copies(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Leave out the same bytes of a lane again, and what is behind them."""
    seen: dict[str, set[str]] = defaultdict(set)
    closed: set[str] = set()
    first = []
    for one in waiting:
        if one.digest in seen[one.lane]:
            closed.add(one.lane)
        seen[one.lane].add(one.digest)
        if one.lane not in closed:
            first.append(one)
    return first


def _store_in_lanes(
    waiting: Sequence[Waiting],
    known: Mapping[int, SourceFacts],
    found: Mapping[int, Read | Outcome],
    store: Callable[[Waiting, Read], Outcome],
) -> list[Outcome]:
    """Store messages in order of arrival; those behind a held one of their lane have no outcome."""
    outcomes: list[Outcome] = []
    closed: set[str] = set()
    for one in waiting:
        if one.lane in closed:
            continue
        message = found[one.id]
        if isinstance(message, Outcome):
            outcome = message
        else:
            outcome = _attempt(one, known.get(one.id), partial(store, one, message))
        outcomes.append(outcome)
        closed |= {one.lane} if outcome.state == "held" else set()
    return outcomes


def registered(source: SourceFacts | None) -> SourceFacts:
    """Return who sent a message; raise Unstorable where no registered sender did."""
    if source is None:
        raise Unstorable("unknown-sender", [UNKNOWN_SENDER])
    return source


def _sender(one: Waiting, sources: Sources) -> SourceFacts | Outcome | None:
    try:
        return sources.source_of(one)
    except Unstorable as error:
        return Outcome(inbox_id=one.id, state="held", reason=error.reason, findings=error.findings)


def _first_outcome(
    one: Waiting, sender: SourceFacts | Outcome | None, read: Callable[[Waiting, SourceFacts], Read | Outcome]
) -> Read | Outcome:
    """Read a message, or say why its sender, or the message itself, forbids it."""
    if isinstance(sender, Outcome):
        return sender
    return _attempt(one, sender, partial(_read, one, sender, read))


def _read(
    one: Waiting, source: SourceFacts | None, read: Callable[[Waiting, SourceFacts], Read | Outcome]
) -> Read | Outcome:
    """Read a message of a known sender; one that came before changes nothing."""
    source = registered(source)
    if processed_before([(one.id, source.code, one.digest)]):
        return Outcome(inbox_id=one.id, state="duplicate", source=source.code)
    return read(one, source)


def _attempt(one: Waiting, source: SourceFacts | None, act: Callable[[], Result]) -> Result | Outcome:
    """Do one thing in a savepoint; whatever forbids it holds the message."""
    code = source.code if source else one.source
    try:
        with transaction.atomic():
            return act()
    except Unstorable as error:
        if error.keep:
            error.keep()
        return Outcome(inbox_id=one.id, source=code, state="held", reason=error.reason, findings=error.findings)
    except UNFORESEEN as error:
        return unforeseen(one, error, source=code)


def unforeseen(one: Waiting, error: BaseException, *, source: str = "") -> Outcome:
    """Hold what nobody foresaw. The log names the message and the kind of error, never what is in it."""
    log.error("message %d could not be processed: %s", one.id, type(error).__name__)
    told = Finding(
        "MSH", "unforeseen", "The message could not be processed; tell the operator of the platform its number."
    )
    return Outcome(inbox_id=one.id, source=source, state="held", reason="unforeseen", findings=(told,))
