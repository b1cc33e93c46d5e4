"""Deciding cases: what follows, what is remembered, which messages go on by themselves."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation
from tests.factories.core import UserFactory
from tests.factories.registry import FacilityFactory, bind
from tests.factories.results import NOON, claim
from tests.integration.results.people import BORN, NUMBER, person_of, write

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent, User
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.registry.models import Facility
from lienthong.results.actions import Arrival, Outcome, finish, receive
from lienthong.results.models import InboxMessage, PatientIdentifier, PatientRecord, ReviewCase, ReviewDecision
from lienthong.results.people.patients import PatientClaim
from lienthong.results.people.reviewing import decide_review, take_back

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(hours=1)


@pytest.fixture
def facility() -> Facility:
    made: Facility = FacilityFactory()
    return made


@pytest.fixture
def operator(facility: Facility) -> User:
    user: User = UserFactory()
    bind(user, "operator", facility)
    return user


@pytest.fixture
def held() -> int:
    """A message that is held for its patient."""
    by = system_user("exchange")
    [inbox_id] = receive([Arrival(raw=b"MSH|", received_at=NOON, source="HD")], by=by, at=NOON)
    finish([Outcome(inbox_id=inbox_id, state="held", reason="identity-conflict")], by=by, at=NOON)
    return inbox_id


@pytest.fixture
def child(facility: Facility, held: int) -> PatientClaim:
    """A child who came with its mother's number, held beside her."""
    born = dt.date(2019, 3, 4)
    made = claim(
        facility, source="HD", local_id="C", full_name="Lê Tí", birth_date=born, sex="M", identifiers=(NUMBER,)
    )
    write(claim(facility, identifiers=(NUMBER,)), at=NOON)
    from dataclasses import replace

    sent = replace(made, inbox_id=held)
    assert write(sent, at=NOON)[0].record_id is None
    return sent


def state(inbox_id: int) -> str:
    return InboxMessage.objects.get(id=inbox_id).state


def decide(decision: str, by: User, *, why: str = "asked both") -> int:
    case = ReviewCase.objects.get(state="open")
    return decide_review(case.pk, decision=decision, why=why, by=by, at=LATER)  # type: ignore[arg-type]


def test_different_people_stay_apart_and_the_message_goes_on(child: PatientClaim, held: int, operator: User) -> None:
    released = decide("different", operator)

    assert released == 1
    assert state(held) == "received"
    record = write(child, at=LATER)[0].record_id
    assert record is not None
    assert person_of(record) != person_of(PatientRecord.objects.get(source="SX").pk)
    assert PatientIdentifier.objects.get(record_id=record).standing == "foreign"
    assert ReviewCase.objects.get().state == "different"


def test_same_person_is_merged_and_the_message_goes_on(child: PatientClaim, held: int, operator: User) -> None:
    decide("same", operator)

    record = write(child, at=LATER)[0].record_id
    assert state(held) == "received"
    assert person_of(record) == person_of(PatientRecord.objects.get(source="SX").pk)
    decision = ReviewDecision.objects.get()
    assert (decision.decision, decision.by, decision.decided_at, decision.merge_id is not None) == (
        "same",
        operator,
        LATER,
        True,
    )


def test_what_can_not_be_told_yet_stays_open_with_the_reason(child: PatientClaim, held: int, operator: User) -> None:
    assert decide("open", operator, why="waits for the ward") == 0

    assert state(held) == "held"
    assert ReviewCase.objects.get().state == "open"
    assert ReviewDecision.objects.get().why == "waits for the ward"


def test_decided_case_is_not_decided_again(child: PatientClaim, operator: User) -> None:
    case = ReviewCase.objects.get()
    decide("different", operator)

    with translation.override("en"), pytest.raises(Conflict, match="decided"):
        decide_review(case.pk, decision="same", why="no", by=operator, at=LATER)


def test_decision_needs_a_reason(child: PatientClaim, operator: User) -> None:
    with pytest.raises(BadInput):
        decide("same", operator, why="  ")


def test_case_of_other_facilities_is_not_there(child: PatientClaim) -> None:
    elsewhere = UserFactory()
    bind(elsewhere, "operator", FacilityFactory())

    with pytest.raises(NotFound):
        decide("same", elsewhere)


def test_local_number_with_corrected_patient_is_taken_over(facility: Facility, held: int, operator: User) -> None:
    write(claim(facility), at=NOON)
    sent = claim(facility, full_name="Nguyễn Thị Đạo Anh", birth_date=dt.date(1981, 5, 17), inbox_id=held)
    assert write(sent, at=NOON)[0].record_id is None

    decide("same", operator)

    assert state(held) == "received"
    assert write(sent, at=LATER)[0].record_id == PatientRecord.objects.get().pk
    assert PatientRecord.objects.get().birth_date == dt.date(1981, 5, 17)


def test_local_number_given_to_another_patient_stays_held_and_is_not_asked_again(
    facility: Facility, held: int, operator: User
) -> None:
    write(claim(facility), at=NOON)
    sent = claim(facility, full_name="Trần Văn Bình", sex="M", inbox_id=held)
    write(sent, at=NOON)

    assert decide("different", operator) == 0

    assert write(sent, at=LATER)[0].record_id is None
    assert state(held) == "held"
    assert ReviewCase.objects.count() == 1
    assert PatientRecord.objects.get().birth_date == BORN


def test_decision_is_in_the_access_log(child: PatientClaim, operator: User) -> None:
    decide("different", operator)

    event = AuditEvent.objects.get(action="decide-review")
    assert (event.actor, event.detail["decision"]) == (operator.username, "different")


def test_case_that_knows_no_message_releases_those_of_its_senders(
    facility: Facility, child: PatientClaim, held: int, operator: User
) -> None:
    ReviewCase.objects.get().held.all().delete()

    assert decide("different", operator) == 1
    assert state(held) == "received"


def test_different_people_who_are_one_can_be_made_one_after_all(child: PatientClaim, operator: User) -> None:
    case = ReviewCase.objects.get()
    decide("different", operator)
    record = write(child, at=LATER)[0].record_id
    assert record is not None

    take_back(case.pk, why="wrong ward asked", by=operator, at=LATER)
    apart = person_of(record) != person_of(PatientRecord.objects.get(source="SX").pk)
    holds = ReviewCase.objects.get().is_holding
    decide("same", operator)

    assert apart
    assert not holds
    assert person_of(record) == person_of(PatientRecord.objects.get(source="SX").pk)
    told = list(ReviewDecision.objects.order_by("id").values_list("decision", "why"))
    assert told == [("different", "asked both"), ("open", "wrong ward asked"), ("same", "asked both")]
    assert AuditEvent.objects.get(action="take-back-review").detail == {"why": "wrong ward asked"}


def test_only_different_people_are_taken_back_for_a_reason_and_by_their_reviewers(
    child: PatientClaim, operator: User
) -> None:
    case = ReviewCase.objects.get()
    elsewhere = UserFactory()
    bind(elsewhere, "operator", FacilityFactory())

    with pytest.raises(Conflict):
        take_back(case.pk, why="nothing decided", by=operator, at=LATER)
    decide("different", operator)
    with pytest.raises(NotFound):
        take_back(case.pk, why="not mine", by=elsewhere, at=LATER)
    with pytest.raises(BadInput):
        take_back(case.pk, why=" ", by=operator, at=LATER)
    assert ReviewCase.objects.get().state == "different"
