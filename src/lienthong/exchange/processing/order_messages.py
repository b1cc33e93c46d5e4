"""Stores order messages: the patient's record, and the orders with what the message makes of them.

A message stands or falls as a whole. One that nobody may act on without a person is held with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from lienthong.core.models import User
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.processing.order_reading import OrderMessageRead, PatientOrdersRead, read_order_message
from lienthong.exchange.processing.outcomes import Opened, Sources, open_in_lanes
from lienthong.exchange.senders import SourceFacts
from lienthong.results import actions as results
from lienthong.results.actions import OrderDraft, Outcome, Waiting


def open_order_messages(waiting: Sequence[Waiting], sources: Sources, by: User, at: dt.datetime) -> Opened:
    """Read claimed ORM and OML, given in order of arrival."""
    return open_in_lanes(waiting, sources, _read, partial(_store, by=by, at=at))


def _read(one: Waiting, source: SourceFacts) -> OrderMessageRead | Outcome:
    read = read_order_message(one, source)
    if read.is_control:
        return Outcome(inbox_id=one.id, state="control", source=source.code, findings=tuple(read.findings))
    return read


def _store(one: Waiting, read: OrderMessageRead, *, by: User, at: dt.datetime) -> Outcome:
    drafts = [draft for patient in read.patients for draft in _of_record(patient, one, read, by=by, at=at)]
    stored = results.store_orders(drafts, by=by, at=at)
    read.findings += dict.fromkeys(finding for order in stored for finding in order.findings)
    if any(order.order_id is None for order in stored):
        raise Unstorable("order-of-another-patient", read.findings)
    results.free_results([order.order_id for order in stored if order.order_id is not None], by=by, at=at)
    has_changed = any(order.has_changed for order in stored)
    state = "stored" if has_changed else "duplicate"
    return Outcome(inbox_id=one.id, source=read.source.code, state=state, findings=tuple(read.findings))


def _of_record(
    patient: PatientOrdersRead, one: Waiting, read: OrderMessageRead, *, by: User, at: dt.datetime
) -> list[OrderDraft]:
    """Find or make the patient's record and return the drafts with its key."""
    claim = replace(patient.claim, inbox_id=one.id)
    find = partial(results.store_patient, claim, said_at=one.received_at, by=by, at=at)
    who = find()
    read.findings += who.findings
    if who.record_id is None:
        raise Unstorable("identity-conflict", read.findings, keep=find)
    return [replace(draft, patient_record_id=who.record_id) for draft in patient.drafts]
