"""What would become of messages: a worker's own steps on them, in order, and then everything is undone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from lienthong.core.actions import system_user
from lienthong.exchange.listening.arrivals import Reception, receive_frame
from lienthong.exchange.processing.pipeline import process_taken
from lienthong.exchange.senders import directory
from lienthong.interop.hl7v2 import Frame
from lienthong.results import actions as results
from lienthong.results.actions import Outcome
from lienthong.results.reads import numbers_of_messages, waiting_messages

REHEARSER = "rehearsal"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of messages, and how many numbers each would leave behind, stored or waiting; by key."""

    outcomes: Mapping[int, Outcome]
    numbers: Mapping[int, int]


def rehearse(batches: Iterable[Sequence[int]], *, at: dt.datetime) -> Rehearsed:
    """Return what would become of messages, given by key, were they real and processed one batch after the other.

    As with lanes, no two messages of one batch may be about the same report.
    """
    by = system_user(REHEARSER)
    outcomes: dict[int, Outcome] = {}
    numbers: Counter[int] = Counter()
    with transaction.atomic():
        for batch in batches:
            done = process_taken(waiting_messages(batch), by=by, at=at)
            results.finish(done, by=by, at=at)
            outcomes |= {one.inbox_id: one for one in done}
        numbers.update(numbers_of_messages(outcomes))
        transaction.set_rollback(True)
    return Rehearsed(outcomes, numbers)


def rehearse_bytes(raw: bytes, *, at: dt.datetime) -> tuple[Reception, Outcome | None]:
    """Return how a listener would answer bytes, and what a worker would make of them; None where they are refused."""
    reception = receive_frame(Frame(raw), directory(), at=at)
    if not reception.is_accepted:
        return reception, None
    by = system_user(REHEARSER)
    with transaction.atomic():
        [inbox_id] = results.receive([reception.arrival], by=by, at=at)
        [outcome] = process_taken(waiting_messages([inbox_id]), by=by, at=at)
        transaction.set_rollback(True)
    return reception, outcome
