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
from lienthong.results.identity import Side, is_someone_else, judge, model
from lienthong.results.models import HeldForReview, PatientRecord, PersonLink, PriorNumber, ReviewCase
from lienthong.results.people.known_patients import CLAIM_FIELDS, Book
from lienthong.results.people.patient_writing import scored_fields
from lienthong.results.people.patients import PatientOutcome
from lienthong.results.people.persons import lock_names_of, merge_people, part_record, person_of, unmerge
from lienthong.results.people.review_cases import are_different, cases_between
from lienthong.results.permissions import check_reviewer, check_system
from lienthong.results.resources.changes import note_people

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
    """Join the persons of a prior number (MRG-1) and of the surviving one (PID-3).

    The records and their results stay, and so does what still comes under the prior number, so that all of it can be
    taken back; one that was never seen gets a record of its own. Where the two records are plainly different people, or
    somebody decided so, no record comes back and a case is open. The caller holds the locks of both local numbers.
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
    if gone is None:
        _make(prior, known, said_at=said_at, at=at)
    current = PriorNumber.objects.filter(source=source, superseded_at=None)
    for number in (survivor, prior):
        current.filter(local_system=number.system, local_id=number.value).update(superseded_at=at)
    PriorNumber.objects.create(
        source=source,
        local_system=prior.system,
        local_id=prior.value,
        record=known,
        merge_id=merge_id,
        inbox_id=inbox_id,
        said_at=said_at,
        recorded_at=at,
    )
    audit.record(
        "merge-records", by=by, at=at, object_kind="patient-record", object_key=known.pk, detail={"source": source}
    )
    return PatientOutcome(known.pk)


def lock_names_of_merged(numbers: Iterable[tuple[str, LocalNumber]]) -> list[str]:
    """Name what merges of senders' numbers write beside these: all of their persons.

    It is asked for before anything is locked. What comes to the persons meanwhile is locked when they are merged.
    """
    records = [one for source, number in numbers if (one := _own_record(source, number))]
    links = PersonLink.objects.filter(record__in=records, superseded_at=None)
    return lock_names_of(set(links.values_list("person_id", flat=True)))


@transaction.atomic
def undo_merge_of_records(prior_number_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Part the persons that a sender's message joined: each keeps its record and all that came under its number."""
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
    elif row.merge is None:
        _part_made(row, why=why, by=by, at=at)
    audit.record(
        "undo-merge-records", by=by, at=at, object_kind="patient-record", object_key=row.record_id, detail={"why": why}
    )


def _part_made(row: PriorNumber, *, why: str, by: User, at: dt.datetime) -> None:
    """Part the record that the message made; where nothing has come under its number, it tells of nobody now."""
    made = _own_record(row.source, LocalNumber(row.local_system, row.local_id))
    if made is None or not PersonLink.objects.filter(record=made, reason=BY_SENDER).exists():
        return
    if person_of(made.pk) == person_of(row.record_id):
        part_record(made.pk, why=why, by=by, at=at)
    if made.updated_at == row.said_at and not made.identifiers.exists():
        for name in CLAIM_FIELDS:
            setattr(made, name, None if name == "birth_date" else "")
        made.name_key = ""
        made.save(update_fields=[*CLAIM_FIELDS, "name_key"])
        note_people([made.pk])


def _own_record(source: str, number: LocalNumber) -> PatientRecord | None:
    return PatientRecord.objects.filter(source=source, local_system=number.system, local_id=number.value).first()


def _current(source: str, number: LocalNumber) -> PriorNumber | None:
    rows = PriorNumber.objects.filter(source=source, local_system=number.system, local_id=number.value)
    return rows.filter(superseded_at=None).first()


def _contradicts(known: PatientRecord, gone: PatientRecord) -> bool:
    """Whether the two can't be joined by a message; what somebody found to be one person can."""
    if person_of(known.pk) == person_of(gone.pk):
        return False
    one, other = _sides(known, gone)
    return is_someone_else(one, other) or are_different([known.pk], [gone.pk])


def _join(known: PatientRecord, gone: PatientRecord, *, inbox_id: int, by: User, at: dt.datetime) -> int | None:
    survivor, absorbed = person_of(known.pk), person_of(gone.pk)
    if survivor == absorbed:
        return None
    return merge_people(survivor=survivor, absorbed=absorbed, why="", by=by, at=at, reason=BY_SENDER, inbox_id=inbox_id)


def _make(prior: LocalNumber, known: PatientRecord, *, said_at: dt.datetime, at: dt.datetime) -> None:
    """Make the record of a number that was never seen: it is of the survivor's person, and tells what is known of it.

    What comes under the number later is compared with that, as of any record.
    """
    copied = {name: getattr(known, name) for name in (*CLAIM_FIELDS, "source", "facility_id", "name_key")}
    made = PatientRecord.objects.create(**copied, local_system=prior.system, local_id=prior.value, updated_at=said_at)
    PersonLink.objects.create(record=made, person_id=person_of(known.pk), reason=BY_SENDER, recorded_at=at)
    note_people([made.pk], moved=[made.pk])


def _open_case(known: PatientRecord, gone: PatientRecord, *, inbox_id: int, at: dt.datetime) -> None:
    case = cases_between([known.pk], [gone.pk]).filter(state=ReviewCase.State.OPEN).first()
    if case is None:
        verdict = judge(*_sides(known, gone), by=model())
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


def _sides(known: PatientRecord, gone: PatientRecord) -> tuple[Side, Side]:
    book = Book()
    one, other = (book.load_record(record.pk) for record in (known, gone))
    assert one is not None  # noqa: S101 — both were just read
    assert other is not None  # noqa: S101
    return one.side(), other.side()


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
