"""What would become of messages: a worker's own steps on them, in order, and then everything is undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction

from lienthong.core.actions import system_user
from lienthong.exchange.listening.arrivals import Reception, receive_frame
from lienthong.exchange.processing.pipeline import process_taken
from lienthong.exchange.senders import directory
from lienthong.interop.hl7v2 import Frame
from lienthong.results import actions as results
from lienthong.results.actions import Outcome
from lienthong.results.reads import waiting_messages

REHEARSER = "rehearsal"


def rehearse(batches: Iterable[Sequence[int]], *, at: dt.datetime) -> list[Outcome]:
    """Return what would become of messages, given by key, were they real and processed one batch after the other.

    As with lanes, no two messages of one batch may be about the same report.
    """
    by, outcomes = system_user(REHEARSER), []
    with transaction.atomic():
        for batch in batches:
            done = process_taken(waiting_messages(batch), by=by, at=at)
            results.finish(done, by=by, at=at)
            outcomes += done
        transaction.set_rollback(True)
    return outcomes


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
