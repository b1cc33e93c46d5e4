"""Changes of resources have their places after the commit: one that is committed late comes late, and is not missed."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from tests.factories.core import UserFactory
from tests.factories.registry import FacilityFactory, bind
from tests.factories.results import NOON, claim
from tests.integration.results.people import write

from lienthong.core.actions import system_user
from lienthong.results.models import PatientRecord, ReviewCase
from lienthong.results.people.merging import LocalNumber, merge_records
from lienthong.results.people.reviewing import decide_review
from lienthong.results.resources.changes import (
    FIRST_PLACE,
    NOTHING_YET,
    end_of_resource_changes,
    forget_resource_changes,
    note_changes,
    note_people,
    number_changes,
    resource_changes_after,
)

HOUR = dt.timedelta(hours=1)


def subjects(after: int = NOTHING_YET) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in resource_changes_after(after, limit=100)]


@pytest.mark.django_db
def test_changes_come_in_the_order_in_which_they_were_noted_and_only_once_numbered() -> None:
    note_changes([("Patient", 1), ("Specimen", 2)])
    before = subjects()
    number_changes()
    note_people([3])
    number_changes()

    first, *_more = resource_changes_after(NOTHING_YET, limit=1)

    assert before == []
    assert subjects() == [("Patient", "1"), ("Specimen", "2"), ("Patient", "3")]
    assert subjects(first.position) == [("Specimen", "2"), ("Patient", "3")]
    assert first.position >= FIRST_PLACE


@pytest.mark.django_db
def test_kinds_that_nobody_follows_are_not_noted() -> None:
    note_changes([("Subscription", 1), ("Binary", 2)])

    assert number_changes() == 0
    assert end_of_resource_changes() == NOTHING_YET


@pytest.mark.django_db
def test_changes_are_numbered_a_piece_at_a_time() -> None:
    note_changes([("Patient", number) for number in range(5)])

    assert [number_changes(limit=2) for _turn in range(4)] == [2, 2, 1, 0]
    assert [subject for _kind, subject in subjects()] == list("01234")


@pytest.mark.django_db
def test_what_was_forgotten_leaves_what_comes_behind_it() -> None:
    note_changes([("Patient", number) for number in range(5)])
    number_changes()
    second = resource_changes_after(NOTHING_YET, limit=2)[-1]

    assert forget_resource_changes(second.position, limit=1) == 2
    assert [subject for _kind, subject in subjects()] == ["2", "3", "4"]


@pytest.mark.django_db(transaction=True)
def test_change_that_is_committed_late_is_not_passed_over() -> None:
    noted, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            note_changes([("Patient", "late")])
            noted.set()
            may_commit.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    noted.wait(20)
    note_changes([("Patient", "early")])
    number_changes()
    first = resource_changes_after(NOTHING_YET, limit=10)
    may_commit.set()
    thread.join()
    number_changes()

    assert [one.subject for one in first] == ["early"]
    assert subjects(first[-1].position) == [("Patient", "late")]


@pytest.mark.django_db(transaction=True)
def test_two_that_number_at_once_leave_no_place_twice_and_none_behind() -> None:
    note_changes([("Patient", number) for number in range(200)])
    start = threading.Barrier(4)

    def number() -> None:
        start.wait(20)
        for _turn in range(60):
            number_changes(limit=7)
        connection.close()

    threads = [threading.Thread(target=number) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    number_changes()

    found = resource_changes_after(NOTHING_YET, limit=1_000)
    assert [one.subject for one in found] == [str(number) for number in range(200)]
    assert len({one.position for one in found}) == 200


@pytest.mark.django_db
def test_record_that_a_person_corrects_is_noted() -> None:
    facility = FacilityFactory()
    operator = UserFactory()
    bind(operator, "operator", facility)
    write(claim(facility), at=NOON)
    write(claim(facility, full_name="Nguyễn Thị Lan"), at=NOON + HOUR)  # left to a person
    number_changes()
    before = end_of_resource_changes()
    case = ReviewCase.objects.get()
    decide_review(case.pk, decision="same", why="asked her", by=operator, at=NOON + HOUR)
    number_changes()

    assert ("Patient", str(case.record_id)) in subjects(before)


@pytest.mark.django_db
@pytest.mark.parametrize("prior", ["P2", "never-seen"])
def test_records_that_a_sender_merges_are_noted(prior: str) -> None:
    facility = FacilityFactory()
    write(claim(facility, local_id="P1"), claim(facility, local_id="P2"), at=NOON)
    number_changes()
    before = end_of_resource_changes()
    by, source = system_user("exchange"), PatientRecord.objects.get(local_id="P1").source
    system = PatientRecord.objects.get(local_id="P1").local_system
    survivor, gone = (LocalNumber(system, number) for number in ("P1", prior))
    merge_records(source=source, survivor=survivor, prior=gone, said_at=NOON, inbox_id=1, by=by, at=NOON + HOUR)
    number_changes()

    together = PatientRecord.objects.filter(local_id__in=["P1", prior]).values_list("pk", flat=True)
    assert {("Patient", str(one)) for one in together} <= set(subjects(before))
