"""Merge, unmerge and parting of persons, as those hear of it who reused a result."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.recognition import OrderCheckFactory, OrderLineFactory, procedure_in
from tests.factories.registry import FacilityFactory
from tests.integration.recognition.conftest import NOW, Ward

from lienthong.core.actions import system_user
from lienthong.core.happenings import follow, publish
from lienthong.core.models import AuditEvent, User
from lienthong.recognition import actions, reads
from lienthong.recognition.models import OrderLine, ReuseNotice
from lienthong.registry.models import Region
from lienthong.results.models import PatientRecord, Person, PersonLink
from lienthong.results.people.merging import merge_people, part_record, person_of, unmerge

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def system(db: None) -> User:
    return system_user("results")


@pytest.fixture
def stranger(ward: Ward) -> PatientRecord:
    """A record of another person, at another hospital."""
    record = PatientRecord.objects.create(
        source="LIS", facility=FacilityFactory(), local_id="8", full_name="S", updated_at=NOW
    )
    PersonLink.objects.create(
        record=record, person=Person.objects.create(created_at=NOW), reason="first", recorded_at=NOW - HOUR
    )
    return record


def reuse(ward: Ward, region: Region, *, of: PatientRecord, ordered_for: PatientRecord, at: dt.datetime) -> OrderLine:
    """A result on one record, reused in an order for another."""
    result = ward.result(procedure_in(region, f"A{of.pk}-{ordered_for.pk}"), collected=NOW, record=of)
    check = OrderCheckFactory(patient_record_id=ordered_for.pk, facility=ward.record.facility)
    line: OrderLine = OrderLineFactory(
        order_check=check, result_id=result.pk, result_key=result.key, result_version=1, chosen_at=at
    )
    return line


def merge(survivor: PatientRecord, absorbed: PatientRecord, *, by: User, at: dt.datetime) -> int:
    return merge_people(survivor=person_of(survivor.pk), absorbed=person_of(absorbed.pk), why="asked", by=by, at=at)


def told() -> list[tuple[int, str]]:
    """Follow what happened, and return reuse and kind of each notice."""
    follow(actions.followers(), at=NOW + 9 * HOUR)
    return list(ReuseNotice.objects.order_by("pk").values_list("line_id", "kind"))


def test_reuse_is_told_of_through_merge_and_unmerge_of_its_record(
    region: Region, ward: Ward, stranger: PatientRecord, system: User
) -> None:
    before = reuse(ward, region, of=stranger, ordered_for=stranger, at=NOW)
    done = merge(ward.record, stranger, by=system, at=NOW + HOUR)
    merged = told()
    between = reuse(ward, region, of=stranger, ordered_for=ward.record, at=NOW + 2 * HOUR)
    still_merged = told()

    unmerge(done, why="two sisters", by=system, at=NOW + 3 * HOUR)
    unmerged = told()

    assert merged == still_merged == [(before.pk, "person_changed")]
    assert unmerged[1:] == [(before.pk, "person_changed"), (between.pk, "other_person")]
    (event,) = AuditEvent.objects.filter(action="tell-reusers").order_by("-pk")[:1]
    assert event.detail == {"person_changed": 1, "other_person": 1}


def test_reuse_that_came_apart_is_told_once_and_again_when_it_comes_back(
    region: Region, ward: Ward, system: User
) -> None:
    other = ward.record_at(FacilityFactory())
    line = reuse(ward, region, of=other, ordered_for=ward.record, at=NOW)
    own = person_of(ward.record.pk)

    def lead_to(person: int, at: dt.datetime) -> list[tuple[int, str]]:
        """Let the result's record lead to a person, as merges and partings do."""
        PersonLink.objects.filter(record=other, superseded_at=None).update(superseded_at=at)
        PersonLink.objects.create(record=other, person_id=person, reason="moved", recorded_at=at)
        publish("person-changed", [other.pk, other.pk], at=at)
        return told()

    strangers = [Person.objects.create(created_at=NOW).pk for _ in range(2)]
    apart = lead_to(strangers[0], NOW + HOUR)
    elsewhere = lead_to(strangers[1], NOW + 2 * HOUR)
    back = lead_to(own, NOW + 3 * HOUR)
    publish("person-changed", [other.pk], at=NOW + 4 * HOUR)
    once_more = told()

    assert apart == elsewhere == [(line.pk, "other_person")]
    assert back == once_more == [(line.pk, "other_person"), (line.pk, "same_again")]


def test_parted_record_tells_who_reused_its_result_for_the_others(region: Region, ward: Ward, system: User) -> None:
    other = ward.record_at(FacilityFactory())
    of_other = reuse(ward, region, of=other, ordered_for=ward.record, at=NOW)
    for_other = reuse(ward, region, of=ward.record, ordered_for=other, at=NOW)

    part_record(other.pk, why="a twin", by=system, at=NOW + HOUR)

    assert sorted(told()) == sorted([(of_other.pk, "other_person"), (for_other.pk, "other_person")])


def test_reuse_of_records_that_stay_tells_nobody(
    region: Region, ward: Ward, stranger: PatientRecord, system: User
) -> None:
    other = ward.record_at(FacilityFactory())
    reuse(ward, region, of=other, ordered_for=ward.record, at=NOW)
    repeated = reuse(ward, region, of=stranger, ordered_for=stranger, at=NOW)
    OrderLine.objects.filter(pk=repeated.pk).update(choice="repeat", reason_code="other")

    done = merge(ward.record, stranger, by=system, at=NOW + HOUR)
    merged = told()
    unmerge(done, why="wrong", by=system, at=NOW + 2 * HOUR)

    assert merged == []
    assert told() == []
    assert not AuditEvent.objects.filter(action="tell-reusers").exists()


def test_reuse_that_was_chosen_after_the_merge_is_not_told_of_it(
    region: Region, ward: Ward, stranger: PatientRecord, system: User
) -> None:
    merge(ward.record, stranger, by=system, at=NOW + HOUR)

    reuse(ward, region, of=stranger, ordered_for=stranger, at=NOW + 2 * HOUR)

    assert told() == []


def test_notice_says_whether_the_result_is_still_the_patients(region: Region, ward: Ward, system: User) -> None:
    other = ward.record_at(FacilityFactory())
    reuse(ward, region, of=other, ordered_for=ward.record, at=NOW)
    part_record(other.pk, why="a twin", by=system, at=NOW + HOUR)
    told()

    (notice,) = reads.notices_for([ward.record.facility_id])

    assert (notice.is_of_patient, notice.result_record_id) == (False, other.pk)
