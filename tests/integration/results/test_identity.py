"""Who a patient is taken to be: traits, numbers, links."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.factories.registry import FacilityFactory
from tests.factories.results import NOON, claim, store_patient_record

from lienthong.results.identity import Agreement, Traits, compare, fold_name, identifier_kind
from lienthong.results.models import ClaimedNumber, PatientRecord, PersonLink, ReviewCase

pytestmark = pytest.mark.django_db

NUMBER = ("NI", "001180012345")
BORN = dt.date(1980, 5, 17)


def person_of(record_id: int | None) -> int:
    return PersonLink.objects.get(record_id=record_id, superseded_at=None).person_id


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(("Lê Văn An", BORN, "M"), ("LE VAN AN", BORN, "M"), Agreement.SAME, id="all agree"),
        pytest.param(
            ("Lê Văn An", BORN, ""), ("An Lê Văn", BORN, "M"), Agreement.SAME, id="name for sex, order of words"
        ),
        pytest.param(("", BORN, "M"), ("Trần Bình", BORN, "M"), Agreement.SAME, id="sex for name"),
        pytest.param(("Lê Văn An", BORN, "M"), ("Lê Văn Bình", BORN, "M"), Agreement.UNCERTAIN, id="a twin's card"),
        pytest.param(("Lê Văn Hùng", BORN, "M"), ("Lê Văn Hưng", BORN, "M"), Agreement.UNCERTAIN, id="twins by a mark"),
        pytest.param(("Lê Hoà An", BORN, "F"), ("Lê Hòa An", BORN, "F"), Agreement.SAME, id="place of the tone mark"),
        pytest.param(("Lê An", BORN, "M"), ("Lê An", dt.date(1980, 5, 7), "M"), Agreement.UNCERTAIN, id="a digit off"),
        pytest.param(("", BORN, ""), ("", BORN, ""), Agreement.UNCERTAIN, id="birth date alone"),
        pytest.param(("Lê Văn An", None, "M"), ("Lê Văn An", BORN, "M"), Agreement.UNCERTAIN, id="no birth date"),
        pytest.param(
            ("Lê Văn An", BORN, "M"),
            ("Lê Văn An", dt.date(2015, 1, 2), "M"),
            Agreement.DIFFERENT,
            id="another birth date",
        ),
        pytest.param(("Lê Văn An", BORN, "M"), ("Lê Văn An", BORN, "F"), Agreement.DIFFERENT, id="another sex"),
        pytest.param(("张 三", BORN, ""), ("张三", BORN, ""), Agreement.SAME, id="ideographs without blank"),
    ],
)
def test_traits_with_a_common_number_agree_or_not(
    one: tuple[str, dt.date | None, str], other: tuple[str, dt.date | None, str], expected: Agreement
) -> None:
    first, second = (Traits(full_name=name, birth_date=birth, sex=sex) for name, birth, sex in (one, other))

    assert compare(first, second) is expected
    assert compare(second, first) is expected


def test_name_is_folded_without_marks() -> None:
    assert fold_name("  Nguyễn  Thị ĐÀO ") == "nguyen thi dao"
    assert fold_name("欧阳娜娜") == "欧阳娜娜"


@pytest.mark.parametrize(
    ("system", "type_code", "expected"),
    [
        ("CCCD", "", "NI"),
        ("", "NI", "NI"),
        ("SX", "NNVNM", "NI"),
        ("http://example.org/fhir/sid/cccd", "", "NI"),
        ("BHYT", "", "HC"),
        ("SX", "MR", "SX"),
        ("", "MR", "MR"),
    ],
)
def test_number_is_kept_under_one_system_for_all_senders(system: str, type_code: str, expected: str) -> None:
    assert identifier_kind(system=system, type_code=type_code) == expected


def test_records_with_agreeing_number_and_traits_are_one_person() -> None:
    facility = FacilityFactory()

    first = store_patient_record(claim(facility, identifiers=(NUMBER,)))
    second = store_patient_record(claim(facility, source="HD", local_id="77", identifiers=(NUMBER,)))

    assert first != second
    assert person_of(first) == person_of(second)


def test_records_without_number_stay_two_persons_whatever_else_agrees() -> None:
    facility = FacilityFactory()

    first = store_patient_record(claim(facility))
    second = store_patient_record(claim(facility, source="HD", local_id="77"))

    assert person_of(first) != person_of(second)


def test_number_of_someone_else_is_left_to_a_person() -> None:
    facility = FacilityFactory()
    mother = store_patient_record(claim(facility, identifiers=(NUMBER,)))

    child = store_patient_record(
        claim(facility, source="HD", local_id="C1", birth_date=dt.date(2019, 3, 4), sex="M", identifiers=(NUMBER,))
    )

    assert child is None
    apart = PatientRecord.objects.get(local_id="C1")
    assert person_of(apart.pk) != person_of(mother)
    assert list(apart.identifiers.values_list("standing", flat=True)) == ["held"]
    assert ClaimedNumber.objects.get().person_id == person_of(mother)
    case = ReviewCase.objects.get()
    assert (case.record_id, case.other_id, case.is_holding, case.state) == (mother, apart.pk, True, "open")


def test_local_number_with_another_human_being_is_left_to_a_person() -> None:
    facility = FacilityFactory()
    store_patient_record(claim(facility))

    assert store_patient_record(claim(facility, full_name="Trần Văn Bình", sex="M")) is None
    assert PatientRecord.objects.get().full_name == "Nguyễn Thị Đào"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"full_name": "Trần Văn Bình", "birth_date": None, "sex": ""}, id="another name and nothing else"),
        pytest.param({"full_name": "Trần Văn Bình"}, id="another name with birth date and sex"),
        pytest.param({"full_name": "Nguyễn Thị Lan"}, id="a twin"),
        pytest.param({"birth_date": dt.date(2015, 9, 3)}, id="the same name a generation later"),
        pytest.param({"birth_date": dt.date(1980, 5, 18), "sex": "M"}, id="birth date and sex"),
    ],
)
def test_local_number_with_someone_else_changes_nothing_and_waits(sent: dict[str, Any]) -> None:
    facility = FacilityFactory()
    store_patient_record(claim(facility))

    assert store_patient_record(claim(facility, **sent), at=NOON + dt.timedelta(days=1)) is None

    record = PatientRecord.objects.get()
    assert (record.full_name, record.birth_date, record.sex) == ("Nguyễn Thị Đào", BORN, "F")
    assert ReviewCase.objects.get().reason == "local-number"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"full_name": "NGUYEN THI DAO"}, id="without marks"),
        pytest.param({"full_name": "Nguyễn Thị Đảo"}, id="another mark"),
        pytest.param({"full_name": "Nguyễn Thị Anh Đào"}, id="a word more"),
        pytest.param({"birth_date": dt.date(1980, 5, 18)}, id="one digit of the birth date"),
        pytest.param({"birth_date": dt.date(1980, 11, 2)}, id="another day of the year"),
        pytest.param({"full_name": "Trần Thị Lan", "identifiers": (NUMBER,)}, id="another name, the same card"),
        pytest.param({"birth_date": dt.date(1975, 5, 17), "identifiers": (("HC", "HS4010120012345"),)}, id="same card"),
    ],
)
def test_correction_under_the_same_local_number_is_taken_over(sent: dict[str, Any]) -> None:
    facility = FacilityFactory()
    known = store_patient_record(claim(facility, identifiers=(NUMBER, ("HC", "HS4010120012345"))))

    assert store_patient_record(claim(facility, **sent), at=NOON + dt.timedelta(days=1)) == known

    record = PatientRecord.objects.get()
    assert {name: getattr(record, name) for name in sent if name != "identifiers"} == {
        name: value for name, value in sent.items() if name != "identifiers"
    }


def test_corrected_birth_date_is_taken_over_and_an_older_message_does_not_take_it_back() -> None:
    facility = FacilityFactory()
    store_patient_record(claim(facility))
    later, earlier = NOON + dt.timedelta(days=1), NOON - dt.timedelta(days=1)

    store_patient_record(claim(facility, birth_date=dt.date(1980, 5, 18)), at=later)
    store_patient_record(claim(facility, birth_date=BORN), at=earlier)

    assert PatientRecord.objects.get().birth_date == dt.date(1980, 5, 18)


def test_blank_traits_do_not_wipe_out_known_ones() -> None:
    facility = FacilityFactory()
    store_patient_record(claim(facility))

    store_patient_record(claim(facility, full_name="", birth_date=None, sex=""), at=NOON + dt.timedelta(days=1))

    record = PatientRecord.objects.get()
    assert (record.full_name, record.birth_date, record.sex) == ("Nguyễn Thị Đào", BORN, "F")


def test_number_learned_later_moves_the_link_and_keeps_the_old_one() -> None:
    facility = FacilityFactory()
    known = store_patient_record(claim(facility, source="HD", local_id="77", identifiers=(NUMBER,)))
    record = store_patient_record(claim(facility))
    before = person_of(record)

    store_patient_record(claim(facility, identifiers=(("MR", "P1"), NUMBER)))

    assert person_of(record) == person_of(known) != before
    assert PersonLink.objects.filter(record_id=record, superseded_at__isnull=False).get().person_id == before


def test_same_local_number_under_another_authority_is_another_record() -> None:
    facility = FacilityFactory()

    first = store_patient_record(claim(facility, local_system="WARD-A"))
    second = store_patient_record(claim(facility, local_system="WARD-B", full_name="Trần Văn Bình", sex="M"))

    assert first != second
