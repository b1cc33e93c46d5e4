"""Stores messages about patients: records brought up to date, and numbers that lead to other numbers.

A message stands or falls as a whole. One that nobody may act on without a person is held with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from types import ModuleType

from lienthong.core.models import User
from lienthong.exchange.outcomes import Sources, outcomes_in_lanes
from lienthong.exchange.patient_message_reading import MergeDraft, PatientMessageRead, read_patient_message
from lienthong.exchange.reading import Unstorable
from lienthong.findings import Finding
from lienthong.results import actions as results
from lienthong.results.actions import Outcome, PatientOutcome, Waiting

MERGING = "lienthong.results.merging"


def store_patient_messages(waiting: Sequence[Waiting], sources: Sources, by: User, at: dt.datetime) -> list[Outcome]:
    """Store claimed ADT messages, given in order of arrival; those behind a held one of their lane have no outcome."""
    return outcomes_in_lanes(waiting, sources, read_patient_message, partial(_store, by=by, at=at))


def _store(one: Waiting, read: PatientMessageRead, *, by: User, at: dt.datetime) -> Outcome:
    for claim in read.claims:
        _settled(results.store_patient(claim, said_at=one.received_at, by=by, at=at), read)
    for merge in read.merges:
        _settled(_merge(merge, one, read, by=by, at=at), read)
    return Outcome(inbox_id=one.id, source=read.source.code, state="stored", findings=tuple(read.findings))


def _settled(who: PatientOutcome, read: PatientMessageRead) -> None:
    """Take over what was found; raise Unstorable where a person must say who the patient is."""
    read.findings += who.findings
    if who.record_id is None:
        raise Unstorable("identity-conflict", read.findings)


def _merge(merge: MergeDraft, one: Waiting, read: PatientMessageRead, *, by: User, at: dt.datetime) -> PatientOutcome:
    merging = _merging()
    if merging is None:
        told = f"{merge.position} asks to merge records, which this release can't; the message waits for one that can."
        raise Unstorable("merge-waits", [*read.findings, Finding(merge.position, "merge-waits", told)])
    outcome: PatientOutcome = merging.merge_records(
        source=merge.source,
        survivor=merging.LocalNumber(*merge.survivor),
        prior=merging.LocalNumber(*merge.prior),
        said_at=one.received_at,
        inbox_id=one.id,
        by=by,
        at=at,
    )
    return outcome


def _merging() -> ModuleType | None:
    """Return the app's part that merges records; None in a release without it."""
    try:
        return import_module(MERGING)
    except ModuleNotFoundError as error:
        if error.name != MERGING:
            raise
        return None
