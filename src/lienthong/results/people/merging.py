"""What a sender says of its own numbers: one was given up for another (HL7 chapter 3, A40: merge patient)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import Conflict, NotFound
from lienthong.findings import Finding
from lienthong.results.identity import is_someone_else, judge, model
from lienthong.results.models import HeldForReview, PatientRecord, PersonLink, PriorNumber, ReviewCase
from lienthong.results.people.known_patients import Book, Known
from lienthong.results.people.lock_names import patient_lock_name
from lienthong.results.people.patient_writing import scored_fields
from lienthong.results.people.patients import PatientOutcome, traits_of
from lienthong.results.people.persons import lock_names_of, merge_people, part_record, person_of, unmerge
from lienthong.results.people.review_cases import are_different, cases_between
from lienthong.results.permissions import check_reviewer, check_system

__all__ = [
    "LocalNumber",
    "lock_names_of_merged",
    "merge_people",
    "merge_records",
    "part_record",
    "undo_merge_of_records",
    "unmerge",
]

BY_SENDER = "sender"


@dataclass(frozen=True, slots=True)
class LocalNumber:
    """A sender's own number of a patient, with its assigning authority (CX.4), empty where it names none."""

    system: str
    value: str


@transaction.atomic(savepoint=False)
def merge_records(
    *,
    source: str,
    survivor: LocalNumber,
    prior: LocalNumber,
    said_at: dt.datetime,
    inbox_id: int,
    by: User,
    at: dt.datetime,
) -> PatientOutcome:
    """Let a prior number (MRG-1) lead to the surviving one (PID-3) from now on, and join their persons.

    The records and their results stay; a prior number that was never seen leads there too. Where the two records are
    plainly different people, or somebody decided so, no record comes back and a case is open. The caller holds the
    locks of both local numbers.
    """
    check_system(by)
    known = _own_record(source, survivor)
    if known is None:
        return PatientOutcome(None, (_survivor_unknown(),))
    if survivor == prior:
        return PatientOutcome(known.pk)
    earlier = _current(source, prior)
    if earlier and (earlier.record_id == known.pk or earlier.said_at > said_at):
        return PatientOutcome(earlier.record_id)
    gone = _own_record(source, prior)
    if gone and _contradicts(known, gone):
        _open_case(known, gone, inbox_id=inbox_id, at=at)
        return PatientOutcome(None, (_merge_doubtful(),))
    merge_id = _join(known, gone, inbox_id=inbox_id, by=by, at=at) if gone else None
    _lead(source, survivor, prior, known, merge_id=merge_id, said_at=said_at, inbox_id=inbox_id, at=at)
    audit.record(
        "merge-records", by=by, at=at, object_kind="patient-record", object_key=known.pk, detail={"source": source}
    )
    return PatientOutcome(known.pk)


def lock_names_of_merged(numbers: Iterable[tuple[str, LocalNumber]]) -> list[str]:
    """Name what merges of senders' numbers write beside these: all of their persons, and numbers that led to them.

    It is asked for before anything is locked. What comes to the persons meanwhile is locked when they are merged.
    """
    records = [one for source, number in numbers if (one := _own_record(source, number))]
    links = PersonLink.objects.filter(record__in=records, superseded_at=None)
    leading = PriorNumber.objects.filter(record__in=records, superseded_at=None)
    named = leading.values_list("source", "local_system", "local_id")
    people = set(links.values_list("person_id", flat=True))
    return [*lock_names_of(people), *(patient_lock_name(*one) for one in named)]


@transaction.atomic
def undo_merge_of_records(prior_number_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Let a prior number lead to its own record again, and part the persons that the sender's message joined."""
    row = (
        PriorNumber.objects.select_for_update(of=("self",))
        .filter(pk=prior_number_id)
        .select_related("record", "merge")
        .first()
    )
    if row is None:
        raise NotFound(_("There is no such merge."))
    check_reviewer(by, [row.record.facility_id], at=at)
    if row.superseded_at:
        raise Conflict(_("This merge was undone before."))
    PriorNumber.objects.filter(pk=row.pk).update(superseded_at=at)
    if row.merge and row.merge.undone_at is None:
        unmerge(row.merge.pk, why=why, by=by, at=at)
    audit.record(
        "undo-merge-records", by=by, at=at, object_kind="patient-record", object_key=row.record_id, detail={"why": why}
    )


def _own_record(source: str, number: LocalNumber) -> PatientRecord | None:
    return PatientRecord.objects.filter(source=source, local_system=number.system, local_id=number.value).first()


def _current(source: str, number: LocalNumber) -> PriorNumber | None:
    rows = PriorNumber.objects.filter(source=source, local_system=number.system, local_id=number.value)
    return rows.filter(superseded_at=None).first()


def _contradicts(known: PatientRecord, gone: PatientRecord) -> bool:
    """Whether the two can't be joined by a message; what somebody found to be one person can."""
    if person_of(known.pk) == person_of(gone.pk):
        return False
    return is_someone_else(traits_of(known), traits_of(gone)) or are_different([known.pk], [gone.pk])


def _join(known: PatientRecord, gone: PatientRecord, *, inbox_id: int, by: User, at: dt.datetime) -> int | None:
    survivor, absorbed = person_of(known.pk), person_of(gone.pk)
    if survivor == absorbed:
        return None
    return merge_people(survivor=survivor, absorbed=absorbed, why="", by=by, at=at, reason=BY_SENDER, inbox_id=inbox_id)


def _lead(
    source: str,
    survivor: LocalNumber,
    prior: LocalNumber,
    known: PatientRecord,
    *,
    merge_id: int | None,
    said_at: dt.datetime,
    inbox_id: int,
    at: dt.datetime,
) -> None:
    """Write where the prior number leads; numbers that led to it lead on, and the survivor leads nowhere else."""
    current = PriorNumber.objects.filter(source=source, superseded_at=None)
    gone = _own_record(source, prior)
    leading = list(current.filter(record=gone)) if gone else []
    leading = [row for row in leading if (row.local_system, row.local_id) != (survivor.system, survivor.value)]
    ended = current.filter(pk__in=[row.pk for row in leading])
    ended.update(superseded_at=at)
    for number in (survivor, prior):
        current.filter(local_system=number.system, local_id=number.value).update(superseded_at=at)
    names = [(prior.system, prior.value), *((row.local_system, row.local_id) for row in leading)]
    PriorNumber.objects.bulk_create(
        PriorNumber(
            source=source,
            local_system=system,
            local_id=value,
            record=known,
            merge_id=merge_id,
            inbox_id=inbox_id,
            said_at=said_at,
            recorded_at=at,
        )
        for system, value in names
    )


def _open_case(known: PatientRecord, gone: PatientRecord, *, inbox_id: int, at: dt.datetime) -> None:
    case = cases_between([known.pk], [gone.pk]).filter(state=ReviewCase.State.OPEN).first()
    if case is None:
        book = Book()
        sides = [book.load_record(one.pk) for one in (known, gone)]
        verdict = judge(*(one.side() for one in sides if isinstance(one, Known)), by=model())
        first, second = sorted((known.pk, gone.pk))
        case = ReviewCase.objects.create(
            record_id=first,
            other_id=second,
            reason=ReviewCase.Reason.SENDER_MERGE,
            bits=verdict.bits,
            fields=scored_fields(verdict),
            opened_at=at,
        )
    ReviewCase.objects.filter(pk=case.pk).update(is_holding=True)
    HeldForReview.objects.get_or_create(case=case, inbox_id=inbox_id)


def _survivor_unknown() -> Finding:
    return Finding(
        "PID-3", "patient-missing", "PID-3 must name the surviving patient; store that patient first, then the merge."
    )


def _merge_doubtful() -> Finding:
    return Finding(
        "MRG-1",
        "identity-conflict",
        "MRG-1 and PID-3 are numbers of two patients from whom birth date, sex or name differ; compare them under "
        "Patients to compare, and the message goes on by itself.",
    )
