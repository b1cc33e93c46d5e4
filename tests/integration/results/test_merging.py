"""Merge and unmerge of persons, of a sender's numbers, and taking a record out of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db import connection
from django.utils import translation
from tests.factories.core import UserFactory
from tests.factories.registry import AnalyteFactory, FacilityFactory, bind
from tests.factories.results import NOON, claim, report_draft, result_draft, store_one_report, store_patient_record
from tests.integration.results.people import BORN, NUMBER, OTHER_NUMBER, links_now, person_of, told, write

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent, User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.registry.models import Facility
from lienthong.results.models import (
    ClaimedNumber,
    PatientRecord,
    PersonLink,
    PersonMerge,
    PriorNumber,
    Result,
    ReviewCase,
)
from lienthong.results.people.merging import (
    LocalNumber,
    merge_people,
    merge_records,
    part_record,
    undo_merge_of_records,
    unmerge,
)
from lienthong.results.people.patients import PatientOutcome
from lienthong.results.reads import current_results

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(hours=1)
LAST = LATER + dt.timedelta(hours=1)
P1, P2, P3 = (LocalNumber("", f"P{number}") for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Refusals are compared in English."""
    with translation.override("en"):
        yield


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
def two(facility: Facility) -> tuple[int, int]:
    """Two records of two persons, each with a number and a result of its own."""
    analyte = AnalyteFactory()
    ids = []
    for source, number in (("SX", NUMBER), ("HD", OTHER_NUMBER)):
        record = store_patient_record(claim(facility, source=source, identifiers=(number,), birth_date=None))
        assert record
        draft = report_draft(facility, result_draft(analyte.pk), source=source, number=f"{source}1")
        store_one_report(draft, patient_record_id=record)
        ids.append(record)
    return ids[0], ids[1]


def merge(two: tuple[int, int], by: User, at: dt.datetime = LATER) -> int:
    return merge_people(survivor=person_of(two[0]), absorbed=person_of(two[1]), why="asked", by=by, at=at)


def results_seen(record_id: int) -> list[int]:
    analytes = set(Result.objects.values_list("analyte_id", flat=True))
    return sorted(one.id for one in current_results(record_id, analyte_ids=analytes, until=LAST))


def holders() -> dict[str, int]:
    return dict(ClaimedNumber.objects.filter(superseded_at=None).values_list("key", "person_id"))


def test_merged_persons_share_results_and_numbers(two: tuple[int, int], operator: User) -> None:
    both = results_seen(two[0]) + results_seen(two[1])

    merge(two, operator)

    assert results_seen(two[0]) == results_seen(two[1]) == sorted(both)
    assert set(holders().values()) == {person_of(two[0])}
    assert told() == [two[1]]


def test_unmerge_restores_both_records_with_results_and_numbers(two: tuple[int, int], operator: User) -> None:
    before = links_now(), [results_seen(one) for one in two], holders()
    done = merge(two, operator)

    unmerge(done, why="two sisters", by=operator, at=LAST)

    assert (links_now(), [results_seen(one) for one in two], holders()) == before
    assert told() == [two[1], two[1]]
    assert PersonLink.objects.filter(record_id=two[1]).count() == 3


def test_unmerged_records_are_not_merged_again_by_what_arrives(
    facility: Facility, two: tuple[int, int], operator: User
) -> None:
    unmerge(merge(two, operator), why="two sisters", by=operator, at=LAST)

    write(claim(facility, source="HD", identifiers=(NUMBER,)), at=LAST)

    assert person_of(two[0]) != person_of(two[1])
    with pytest.raises(Conflict, match="different people"):
        merge(two, operator, LAST)


def test_who_joined_the_survivor_since_stays_with_it(facility: Facility, two: tuple[int, int], operator: User) -> None:
    done = merge(two, operator)
    third = store_patient_record(claim(facility, source="BM"), at=LATER)
    assert third
    ReviewCase.objects.all().delete()
    merge((two[0], third), operator)

    unmerge(done, why="two sisters", by=operator, at=LAST)

    assert person_of(third) == person_of(two[0]) != person_of(two[1])


def test_merge_whose_records_moved_on_must_wait_for_the_later_one(
    facility: Facility, two: tuple[int, int], operator: User
) -> None:
    first = merge(two, operator)
    third = store_patient_record(claim(facility, source="BM"), at=LATER)
    assert third
    later = merge((third, two[0]), operator)

    with pytest.raises(Conflict, match="moved again"):
        unmerge(first, why="wrong", by=operator, at=LAST)
    unmerge(later, why="wrong", by=operator, at=LAST)

    assert person_of(two[0]) == person_of(two[1]) != person_of(third)


def test_merge_is_undone_once(two: tuple[int, int], operator: User) -> None:
    done = merge(two, operator)
    unmerge(done, why="wrong", by=operator, at=LAST)

    with pytest.raises(Conflict, match="undone before"):
        unmerge(done, why="again", by=operator, at=LAST)


def test_part_record_takes_it_out_with_its_own_number(facility: Facility, operator: User) -> None:
    first, second = write(
        claim(facility, identifiers=(NUMBER,)),
        claim(facility, source="HD", identifiers=(NUMBER, ("HC", "HS4010120012345"))),
        at=NOON,
    )
    assert second.record_id

    part_record(second.record_id, why="borrowed card", by=operator, at=LATER)

    assert person_of(first.record_id) != person_of(second.record_id)
    assert holders() == {NUMBER[1]: person_of(first.record_id), "0120012345": person_of(second.record_id)}
    assert told() == [second.record_id]
    write(claim(facility, source="HD", identifiers=(NUMBER,)), at=LAST)
    assert person_of(first.record_id) != person_of(second.record_id)


@pytest.mark.parametrize(
    ("role", "error"), [("clinician", NotAllowed), ("officer", NotAllowed), ("operator elsewhere", NotFound)]
)
def test_merge_is_for_operators_of_every_facility_concerned(
    two: tuple[int, int], facility: Facility, role: str, error: type[Exception]
) -> None:
    user = UserFactory()
    place = FacilityFactory() if "elsewhere" in role else facility.region if role == "officer" else facility
    bind(user, role.split()[0], place)

    with pytest.raises(error):
        merge(two, user)

    assert person_of(two[0]) != person_of(two[1])


def a40(prior: LocalNumber, survivor: LocalNumber, *, at: dt.datetime = LATER) -> PatientOutcome:
    by = system_user("exchange")
    return merge_records(source="SX", survivor=survivor, prior=prior, said_at=at, inbox_id=9, by=by, at=at)


def test_prior_number_is_of_the_survivors_person_from_then_on(facility: Facility) -> None:
    survivor, prior = (store_patient_record(claim(facility, local_id=number)) for number in ("P1", "P2"))

    done = a40(P2, P1)

    assert done.record_id == survivor
    assert person_of(prior) == person_of(survivor)
    assert store_patient_record(claim(facility, local_id="P2", identifiers=(("MR", "P2"),)), at=LAST) == prior
    assert person_of(prior) == person_of(survivor)
    assert AuditEvent.objects.filter(action="merge-records").count() == 1


def test_prior_number_that_was_never_seen_gets_a_record_of_the_same_person(facility: Facility) -> None:
    survivor = store_patient_record(claim(facility))

    a40(P2, P1)

    prior = store_patient_record(claim(facility, local_id="P2"), at=LAST)
    assert prior != survivor
    assert person_of(prior) == person_of(survivor)
    assert PatientRecord.objects.count() == 2


def test_migration_gives_prior_numbers_that_were_never_seen_records_of_their_own(facility: Facility) -> None:
    survivor = store_patient_record(claim(facility))
    PriorNumber.objects.create(source="SX", local_id="P2", record_id=survivor, said_at=LATER, recorded_at=LATER)
    migration = import_module("lienthong.results.migrations.0019_records_of_prior_numbers").Migration

    with connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(migration.operations[0].sql)

    made = PatientRecord.objects.get(local_id="P2")
    assert (made.full_name, made.birth_date, made.updated_at) == ("Nguyễn Thị Đào", BORN, LATER)
    assert person_of(made.pk) == person_of(survivor)


def test_prior_number_that_was_never_seen_must_not_come_with_someone_else(facility: Facility) -> None:
    store_patient_record(claim(facility))
    a40(P2, P1)

    assert store_patient_record(claim(facility, local_id="P2", full_name="Trần Văn Bình", sex="M"), at=LAST) is None


def test_numbers_given_up_one_after_the_other_are_of_one_person(facility: Facility) -> None:
    records = [store_patient_record(claim(facility, local_id=number)) for number in ("P1", "P2", "P3")]

    a40(P3, P2)
    a40(P2, P1, at=LAST)

    assert store_patient_record(claim(facility, local_id="P3"), at=LAST) == records[2]
    assert len(set(links_now().values())) == 1


def test_merge_sent_twice_changes_nothing(facility: Facility) -> None:
    store_patient_record(claim(facility))
    a40(P2, P1)

    a40(P2, P1, at=LAST)

    assert PriorNumber.objects.count() == 1


def test_merge_of_two_who_plainly_differ_is_held_for_a_person(facility: Facility) -> None:
    store_patient_record(claim(facility))
    store_patient_record(claim(facility, local_id="P2", full_name="Trần Văn Bình", sex="M"))

    done = a40(P2, P1)

    assert done.record_id is None
    assert [one.code for one in done.findings] == ["identity-conflict"]
    assert ReviewCase.objects.get(reason="sender-merge").is_holding
    assert len(set(links_now().values())) == 2


def test_merge_with_someone_of_whom_only_another_name_is_known_is_held(facility: Facility) -> None:
    store_patient_record(claim(facility))
    store_patient_record(claim(facility, local_id="P2", full_name="Trần Văn Bình", birth_date=None, sex=""))

    assert a40(P2, P1).record_id is None


@pytest.mark.parametrize("is_seen_before", [True, False])
def test_undone_merge_leaves_each_what_came_under_its_number_meanwhile(
    facility: Facility, operator: User, is_seen_before: bool
) -> None:
    survivor = store_patient_record(claim(facility))
    if is_seen_before:
        store_patient_record(claim(facility, local_id="P2"))
    a40(P2, P1)
    sent = claim(facility, local_id="P2", full_name="Nguyễn Thị Đào Anh", identifiers=(("MR", "P2"),))
    prior = store_patient_record(sent, at=LAST)
    assert survivor
    assert prior
    draft = report_draft(facility, result_draft(AnalyteFactory().pk), number="SX3")
    store_one_report(draft, patient_record_id=prior)
    assert results_seen(survivor) == results_seen(prior) != []

    undo_merge_of_records(PriorNumber.objects.get().pk, why="wrong patient", by=operator, at=LAST)

    assert (results_seen(survivor), len(results_seen(prior))) == ([], 1)
    assert person_of(survivor) != person_of(prior)
    assert [one.full_name for one in PatientRecord.objects.order_by("pk")] == ["Nguyễn Thị Đào", "Nguyễn Thị Đào Anh"]
    assert store_patient_record(sent, at=LAST) == prior


def test_undone_merge_takes_back_what_it_told_of_a_number_that_was_never_seen(
    facility: Facility, operator: User
) -> None:
    store_patient_record(claim(facility))
    a40(P2, P1)

    undo_merge_of_records(PriorNumber.objects.get().pk, why="wrong patient", by=operator, at=LAST)

    made = PatientRecord.objects.get(local_id="P2")
    assert (made.full_name, made.name_key, made.birth_date, made.sex) == ("", "", None, "")
    assert store_patient_record(claim(facility, local_id="P2", full_name="Trần Văn Bình", sex="M"), at=LAST) == made.pk


def test_unmerge_of_what_a_sender_joined_frees_the_prior_number(facility: Facility, operator: User) -> None:
    survivor, prior = (store_patient_record(claim(facility, local_id=number)) for number in ("P1", "P2"))
    a40(P2, P1)

    unmerge(PersonMerge.objects.get().pk, why="wrong patient", by=operator, at=LAST)

    assert store_patient_record(claim(facility, local_id="P2"), at=LAST) == prior != survivor


def test_survivor_that_was_never_stored_is_told(facility: Facility) -> None:
    assert [one.code for one in a40(P2, P1).findings] == ["patient-missing"]
