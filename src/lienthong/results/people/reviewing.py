"""What a person decides of a case: the same, different, or not yet; and what then goes on by itself."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.findings import Finding
from lienthong.registry.reads import facilities
from lienthong.results.actions import replay
from lienthong.results.identity import fold_name, match_keys
from lienthong.results.models import HeldForReview, InboxMessage, MatchKey, PatientRecord, PersonMerge, ReviewCase
from lienthong.results.people.known_patients import CLAIM_FIELDS
from lienthong.results.people.patient_writing import side_of_claim
from lienthong.results.people.persons import merge_people, person_of, settle_numbers
from lienthong.results.people.review_cases import cases_between, write_decision
from lienthong.results.people.review_reads import CaseFacts, PersonFacts, case_facts, person_facts
from lienthong.results.permissions import check_reviewer
from lienthong.results.resources.changes import note_people

Decision = Literal["same", "different", "open"]
State = ReviewCase.State


@transaction.atomic
def decide_review(case_id: int, *, decision: Decision, why: str, by: User, at: dt.datetime) -> int:
    """Decide a case and send the messages that waited for it through the worker again; return how many.

    `same` merges the persons, or takes over what the message says; `different` is remembered and never asked again;
    `open` only notes why it can't be told yet. Raises Conflict where it was decided before: a merge is undone instead,
    and different people are made to wait for a decision again by `take_back`.
    """
    case = _locked(case_id, by=by, at=at)
    if not why.strip():
        raise BadInput([Finding("why", "required", _("Say why: others will rely on it."))])
    if case.state != State.OPEN:
        raise Conflict(_("This case is decided. Two persons that were merged can be parted again."))
    merge_id = _act(case, decision, why=why, by=by, at=at)
    merge = PersonMerge.objects.filter(pk=merge_id).first() if merge_id else None
    write_decision(case, decision, why=why, by=by, at=at, merge=merge)
    if case.other_id:
        settle_numbers([case.record_id, case.other_id])
    detail = {"decision": decision, "why": why}
    audit.record("decide-review", by=by, at=at, object_kind="review-case", object_key=case.pk, detail=detail)
    is_released = decision != "open" and (case.other_id is not None or decision == "same")
    return replay(_waiting(case), by=by, at=at) if case.is_holding and is_released else 0


@transaction.atomic
def take_back(case_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Let a pair that was decided to be different people wait for a decision again; results stay where they are.

    Raises Conflict where that was not the decision.
    """
    case = _locked(case_id, by=by, at=at)
    if not why.strip():
        raise BadInput([Finding("why", "required", _("Say why: others will rely on it."))])
    if case.state != State.DIFFERENT:
        raise Conflict(_("Nobody decided here that these are different people."))
    pair = cases_between([case.record_id], [case.other_id] if case.other_id else [])
    asked_already = pair.filter(state=State.OPEN).exists()
    write_decision(case, State.WITHDRAWN if asked_already else State.OPEN, why=why, by=by, at=at)
    if case.other_id:  # what it held has gone on when they were decided to be different people
        ReviewCase.objects.filter(pk=case.pk).update(is_holding=False)
    audit.record("take-back-review", by=by, at=at, object_kind="review-case", object_key=case.pk, detail={"why": why})


def _locked(case_id: int, *, by: User, at: dt.datetime) -> ReviewCase:
    rows = ReviewCase.objects.select_for_update(of=("self",)).select_related("record", "other")
    case = rows.filter(pk=case_id).first()
    if case is None:
        raise NotFound(_("There is no such case."))
    check_reviewer(by, {case.record.facility_id, *([case.other.facility_id] if case.other else [])}, at=at)
    return case


@transaction.atomic
def open_case(case_id: int, *, by: User, at: dt.datetime) -> CaseFacts:
    """Return a case with both records; the readings are in the access log before the answer is."""
    case = ReviewCase.objects.filter(pk=case_id).select_related("record", "other").first()
    if case is None:
        raise NotFound(_("There is no such case."))
    records = [case.record, *([case.other] if case.other else [])]
    check_reviewer(by, {record.facility_id for record in records}, at=at)
    _note_readings(records, "review-case", case.pk, by=by, at=at)
    return case_facts(case)


@transaction.atomic
def open_person(record_id: int, *, by: User, at: dt.datetime) -> PersonFacts:
    """Return the records that lead to the person of a record; the readings are in the access log."""
    person = person_of(record_id)
    records = list(PatientRecord.objects.filter(links__person_id=person, links__superseded_at=None).order_by("pk"))
    check_reviewer(by, {record.facility_id for record in records}, at=at)
    _note_readings(records, "person", person, by=by, at=at)
    return person_facts(person)


def _note_readings(records: list[PatientRecord], kind: str, key: int, *, by: User, at: dt.datetime) -> None:
    places = facilities([record.facility_id for record in records], on=timezone.localtime(at).date())
    for record in records:
        audit.record_read(
            by=by,
            at=at,
            patient_record_id=record.pk,
            object_kind=kind,
            object_key=key,
            facility=places[record.facility_id].code if record.facility_id in places else "",
            relation="review",
        )


def _act(case: ReviewCase, decision: Decision, *, why: str, by: User, at: dt.datetime) -> int | None:
    """Do what follows from `same`; return the merge, if there is one."""
    if decision != "same":
        return None
    if case.other_id is None:
        _take_over(case, at=at)
        return None
    survivor, absorbed = sorted((person_of(case.record_id), person_of(case.other_id)))
    if survivor == absorbed:
        return None
    # The case is decided by the merge itself, so that merging does not close it as settled elsewhere.
    ReviewCase.objects.filter(pk=case.pk).update(state=State.SAME)
    return merge_people(survivor=survivor, absorbed=absorbed, why=why, by=by, at=at, reason="review")


def _take_over(case: ReviewCase, *, at: dt.datetime) -> None:
    """Bring the record to what the message says of the same patient."""
    side = side_of_claim(case.claimed or {})
    record = PatientRecord.objects.select_for_update().get(pk=case.record_id)
    for name in CLAIM_FIELDS:
        setattr(record, name, getattr(side, name) or getattr(record, name))
    record.name_key, record.updated_at = fold_name(record.full_name), at
    record.save(update_fields=[*CLAIM_FIELDS, "name_key", "updated_at"])
    note_people([record.pk])
    names = [name for name in (record.full_name, record.other_name) if name]
    keys = match_keys(names=names, birth_date=record.birth_date, numbers=[], phone=record.phone, address=record.address)
    MatchKey.objects.bulk_create((MatchKey(key=key, record=record) for key in keys), ignore_conflicts=True)
    settle_numbers([record.pk])


def _waiting(case: ReviewCase) -> list[int]:
    """Return the messages that the case holds; where it knows none, those of its senders in conflict."""
    named = list(HeldForReview.objects.filter(case=case).values_list("inbox_id", flat=True))
    if named:
        return named
    sources = {case.record.source, *([case.other.source] if case.other else [])}
    held = InboxMessage.objects.filter(state=InboxMessage.State.HELD, reason="identity-conflict", source__in=sources)
    return list(held.values_list("id", flat=True))
