"""A claimed batch from inbox to results: sort it by kind, hand each kind to its handler, write what became of each.

All of a batch is one commit. A message that can't be stored leaves nothing behind but its reason; the others of the
batch are not touched by it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from django.db import transaction

from lienthong.core.models import User
from lienthong.exchange.processing.bundle_places import in_elements
from lienthong.exchange.processing.bundles import as_messages, bundle_names, is_bundle, resource_names
from lienthong.exchange.processing.desk import Desk
from lienthong.exchange.processing.order_messages import open_order_messages
from lienthong.exchange.processing.outcomes import UNFORESEEN, Opened, lock_opened, unforeseen
from lienthong.exchange.processing.patient_messages import open_patient_messages
from lienthong.exchange.processing.settling import settle_bundles
from lienthong.exchange.processing.storing import open_results
from lienthong.exchange.processing.training import split_training
from lienthong.results import actions as results
from lienthong.results.actions import Outcome, Waiting
from lienthong.results.resources.changes import NO_RESULTS

Kind = Literal["patient", "order", "results"]
# Gets the messages of its kind in order of arrival, reads them, and returns what to lock and how they are stored then.
# A message without an outcome stays in the inbox for the next batch; those of its lane behind it must then have none
# either.
Handler = Callable[[Sequence[Waiting], Desk, User, dt.datetime], Opened]

LARGEST = 500
KINDS: dict[str, Kind] = {"ADT": "patient", "ORM": "order", "OML": "order"}  # by MSH-9.1
# In this order. Control material is told apart within a message, so `open_results` meets it.
HANDLERS: dict[Kind, Handler] = {
    "patient": open_patient_messages,
    "order": open_order_messages,
    "results": open_results,
}


@transaction.atomic
def process_batch(*, by: User, at: dt.datetime, limit: int = LARGEST, desk: Desk | None = None) -> list[Outcome]:
    """Claim waiting lanes, store what they hold, and write what became of each message; all in one commit.

    A worker gives its `desk`, so that it reads terms only where they have changed.
    """
    waiting = results.take_lanes(limit=limit, by=by)
    if not waiting:
        return []
    done = _process_claimed(waiting, by=by, at=at, desk=desk or Desk())
    results.finish(done, by=by, at=at)
    return done


def _process_claimed(waiting: Sequence[Waiting], *, by: User, at: dt.datetime, desk: Desk) -> list[Outcome]:
    """Store claimed messages; where one raises what nobody foresaw each is stored by itself, and that one held."""
    try:
        with transaction.atomic():
            return _process(waiting, by=by, at=at, desk=desk)
    except UNFORESEEN as error:
        desk.forget()
        if len(waiting) == 1:
            return [unforeseen(waiting[0], error)]
    done: list[Outcome] = []
    closed: set[str] = set()
    for one in waiting:
        if one.lane not in closed:
            outcomes = _process_claimed([one], by=by, at=at, desk=desk)
            closed |= set() if outcomes and outcomes[0].state != "held" else {one.lane}
            done += outcomes
    return done


def _process(waiting: Sequence[Waiting], *, by: User, at: dt.datetime, desk: Desk) -> list[Outcome]:
    """Store claimed messages, and let the resources of Bundles follow what was stored of them."""
    training, real = split_training(waiting)
    done = [Outcome(inbox_id=one.id, state="training") for one in training]
    done += process_taken(real, by=by, at=at, desk=desk)
    bundles = {one.id: one for one in real if is_bundle(one)}
    done = [in_elements(one, bundles[one.inbox_id]) if one.inbox_id in bundles else one for one in done]
    stored = {one.inbox_id for one in done if one.results_stored or one.state == "stored"}
    settle_bundles([one for key, one in bundles.items() if key in stored])
    results.name_reports({key: bundle_names(one) for key, one in bundles.items() if key in stored})
    told = stored | {one.inbox_id for one in done if one.reason == NO_RESULTS}
    results.note_changes(pair for key in sorted(told & set(bundles)) for pair in resource_names(bundles[key]))
    return done


def process_taken(waiting: Sequence[Waiting], *, by: User, at: dt.datetime, desk: Desk | None = None) -> list[Outcome]:
    """Store what claimed messages hold, inside the caller's transaction, and return what becomes of each.

    All kinds are read before anything is locked, and all is locked before anything is stored.
    """
    desk = desk or Desk()
    desk.prepare(waiting, at=at)
    messages, done = as_messages(waiting)
    by_kind = _by_kind(messages)
    opened = {kind: open_(by_kind[kind], desk, by, at) for kind, open_ in HANDLERS.items() if by_kind[kind]}
    lock_opened(opened.values())
    for kind, one in opened.items():
        outcomes = one.store()
        held = {outcome.inbox_id for outcome in outcomes if outcome.state == "held"}
        desk.held_lanes |= {message.lane for message in by_kind[kind] if message.id in held}
        done += outcomes
    return done


def kind_of(one: Waiting) -> Kind:
    """Say by MSH-9 what a message is about."""
    return KINDS.get(one.message_type.split("^")[0], "results")


def _by_kind(waiting: Iterable[Waiting]) -> dict[Kind, list[Waiting]]:
    """Sort messages by kind. Of a lane that mixes kinds, those from the second kind on wait for the next batch."""
    lanes: dict[str, Kind | None] = {}
    sorted_: dict[Kind, list[Waiting]] = defaultdict(list)
    for one in waiting:
        kind = kind_of(one)
        if lanes.setdefault(one.lane, kind) == kind:
            sorted_[kind].append(one)
        else:
            lanes[one.lane] = None
    return sorted_
