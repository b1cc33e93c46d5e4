"""Stores messages about patients: records brought up to date, and numbers that lead to other numbers.

A message stands or falls as a whole. One that nobody may act on without a person is held with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from lienthong.core.models import User
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.processing.outcomes import Opened, Sources, open_in_lanes
from lienthong.exchange.processing.patient_message_reading import MergeDraft, PatientMessageRead, read_patient_message
from lienthong.results import actions as results
from lienthong.results.actions import Outcome, PatientOutcome, Waiting
from lienthong.results.people.merging import LocalNumber, lock_names_of_merged, merge_records

Step = Callable[[], PatientOutcome]


def open_patient_messages(waiting: Sequence[Waiting], sources: Sources, by: User, at: dt.datetime) -> Opened:
    """Read claimed ADT messages, given in order of arrival."""
    store = partial(_store, by=by, at=at)
    return open_in_lanes(waiting, sources, read_patient_message, store, further_names=_names_of_merged)


def _names_of_merged(found: Sequence[PatientMessageRead]) -> list[str]:
    """Name what hangs on the persons that are merged: a merge writes other senders' records of them, too."""
    merges = [merge for one in found for merge in one.merges]
    numbers = [(merge.source, LocalNumber(*number)) for merge in merges for number in (merge.survivor, merge.prior)]
    return lock_names_of_merged(numbers) if numbers else []


def _store(one: Waiting, read: PatientMessageRead, *, by: User, at: dt.datetime) -> Outcome:
    finds = [
        partial(results.store_patient, replace(claim, inbox_id=one.id), said_at=one.received_at, by=by, at=at)
        for claim in read.claims
    ]
    for number, find in enumerate(finds, start=1):
        _settled(find(), read, keep=finds[:number])
    for merge in read.merges:
        join = partial(_merge, merge, one, by=by, at=at)
        _settled(join(), read, keep=[*finds, join])
    return Outcome(inbox_id=one.id, source=read.source.code, state="stored", findings=tuple(read.findings))


def _settled(who: PatientOutcome, read: PatientMessageRead, *, keep: Sequence[Step]) -> None:
    """Take over what was found; raise Unstorable where a person must say who the patient is."""
    read.findings += who.findings
    if who.record_id is None:
        raise Unstorable("identity-conflict", read.findings, keep=lambda: [step() for step in keep])


def _merge(merge: MergeDraft, one: Waiting, *, by: User, at: dt.datetime) -> PatientOutcome:
    return merge_records(
        source=merge.source,
        survivor=LocalNumber(*merge.survivor),
        prior=LocalNumber(*merge.prior),
        said_at=one.received_at,
        inbox_id=one.id,
        by=by,
        at=at,
    )
