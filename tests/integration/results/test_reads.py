"""What other apps read: one person's results over all records, patients found and matched, brackets, relations."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.factories.core import UserFactory
from tests.factories.registry import AnalyteFactory, FacilityFactory, bind
from tests.factories.results import (
    NOON,
    claim,
    report_draft,
    result_draft,
    store_one_report,
    store_patient_record,
)

from lienthong.registry.reads import access_of
from lienthong.results import reads

pytestmark = pytest.mark.django_db

NUMBER = ("NI", "001180012345")
HOUR = dt.timedelta(hours=1)


class Scene:
    """One woman under numbers of her own at two hospitals, with a glucose from each, and a stranger."""

    def __init__(self) -> None:
        self.here, self.there = FacilityFactory(), FacilityFactory()
        self.analyte = AnalyteFactory()
        self.record = store_patient_record(claim(self.here, identifiers=(("MR", "P1"), NUMBER))) or 0
        self.other_record = (
            store_patient_record(claim(self.there, source="HD", local_id="77", identifiers=(NUMBER,))) or 0
        )
        self.stranger = (
            store_patient_record(claim(self.here, local_id="P9", full_name="Lê Thị Hoa", identifiers=())) or 0
        )
        self.glucose = result_draft(self.analyte.pk, procedure_id=5)
        self.report = store_one_report(
            report_draft(self.here, self.glucose), patient_record_id=self.record, inbox_id=1
        ).report_id
        elsewhere = replace(self.glucose, collected_at=NOON - HOUR, measured_at=NOON, reported_value="7.1")
        store_one_report(
            report_draft(self.there, elsewhere, source="HD", number="HD1"),
            patient_record_id=self.other_record,
            inbox_id=2,
        )

    def values(self, until: dt.datetime = NOON) -> list[str]:
        found = reads.current_results(self.record, analyte_ids={self.analyte.pk}, until=until)
        return [one.reported_value for one in found]


@pytest.fixture
def scene() -> Scene:
    """Two hospitals, one woman, one stranger."""
    return Scene()


def test_results_of_all_records_of_a_person_are_read_newest_first(scene: Scene) -> None:
    assert scene.values() == ["7.1", "5.6"]


def test_results_collected_later_are_left_out(scene: Scene) -> None:
    assert scene.values(until=NOON - 2 * HOUR) == ["5.6"]


def test_results_of_another_analyte_or_a_stranger_are_not_read(scene: Scene) -> None:
    assert reads.current_results(scene.record, analyte_ids={AnalyteFactory().pk}, until=NOON) == []
    assert reads.current_results(scene.stranger, analyte_ids={scene.analyte.pk}, until=NOON) == []


def test_result_without_time_of_collection_comes_last(scene: Scene) -> None:
    unknown = replace(scene.glucose, collected_at=None, sub_id="2", reported_value="9.9")
    store_one_report(report_draft(scene.here, unknown), patient_record_id=scene.record, inbox_id=3)

    assert scene.values() == ["7.1", "5.6", "9.9"]


def test_withdrawn_result_is_read_as_withdrawn(scene: Scene) -> None:
    withdrawn = replace(scene.glucose, status="withdrawn")
    store_one_report(report_draft(scene.here, withdrawn), patient_record_id=scene.record, inbox_id=3)

    found = reads.current_results(scene.record, analyte_ids={scene.analyte.pk}, until=NOON)

    assert [one.status for one in found] == ["final", "withdrawn"]


def test_report_is_read_with_patient_results_and_all_versions(scene: Scene) -> None:
    corrected = replace(scene.glucose, status="corrected", reported_value="5.8")
    store_one_report(report_draft(scene.here, corrected), patient_record_id=scene.record, inbox_id=3)

    found = reads.report(scene.report)

    assert found is not None
    assert (found.number, found.patient.record_id, found.version) == ("SX1", scene.record, 2)
    assert [one.reported_value for one in found.results] == ["5.8"]
    assert [(one.version, one.reported_value, one.report_number) for one in found.versions] == [
        (1, "5.6", "SX1"),
        (2, "5.8", "SX1"),
    ]
    assert found.versions[1].replaces == found.versions[0].id
    assert reads.results_by_id([found.versions[1].id, 1, found.versions[0].id]) == list(found.versions)


def test_reports_of_a_person_come_from_every_hospital(scene: Scene) -> None:
    assert {one.number for one in reads.reports_of_patient(scene.other_record)} == {"SX1", "HD1"}


def test_what_is_not_there_is_none() -> None:
    assert (reads.report(1), reads.patient(1), reads.inbox_message(1)) == (None, None, None)


@pytest.mark.parametrize(
    "text", ["P1", "001180012345", "nguyen thi dao", "Nguyễn Thị Đào", "ĐÀO", " thị  đào "], ids=str
)
def test_patient_is_found_by_number_and_by_name_without_marks(scene: Scene, text: str) -> None:
    assert [one.record_id for one in reads.find_patients(text, facility_ids={scene.here.pk})] == [scene.record]


@pytest.mark.parametrize("text", ["", "   ", "0010800", "xyz"])
def test_nobody_is_found_by_nothing_or_part_of_a_number(scene: Scene, text: str) -> None:
    assert reads.find_patients(text, facility_ids={scene.here.pk, scene.there.pk}) == []


def test_patients_of_other_facilities_are_not_found(scene: Scene) -> None:
    assert reads.find_patients("001180012345", facility_ids=set()) == []


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [
        pytest.param({}, True, id="all agree"),
        pytest.param({"name": ""}, True, id="without name"),
        pytest.param({"sex": ""}, True, id="without sex"),
        pytest.param({"identifiers": [("urn:oid:1.2/CCCD", "001180012345")]}, True, id="FHIR system"),
        pytest.param({"birth_date": None}, False, id="without birth date"),
        pytest.param({"birth_date": dt.date(2019, 1, 1)}, False, id="child on her card"),
        pytest.param({"sex": "M"}, False, id="another sex"),
        pytest.param({"identifiers": [("NI", "999")]}, False, id="another number"),
        pytest.param({"identifiers": [("MR", "P1")]}, False, id="local number only"),
        pytest.param({"identifiers": [("HC", "001180012345")]}, False, id="insurance card"),
    ],
)
def test_person_is_matched_by_national_number_and_traits(
    scene: Scene, changes: dict[str, object], is_found: bool
) -> None:
    asked = {
        "identifiers": [("NI", "001180012345")],
        "birth_date": dt.date(1980, 5, 17),
        "sex": "F",
        "name": "NGUYEN THI DAO",
        **changes,
    }

    found = reads.match_patient(**asked)  # type: ignore[arg-type]  # the arguments by name

    assert (found is not None and found.record_id in (scene.record, scene.other_record)) is is_found


@pytest.mark.parametrize(
    ("role", "has_order", "expected"),
    [
        ("clinician", False, "same-facility"),
        ("manager", False, "same-facility"),
        ("operator", False, None),
        ("administrator", False, None),
        ("officer", False, None),
        ("operator", True, "order"),
    ],
)
def test_relation_comes_from_work_at_the_facility_or_an_order(
    scene: Scene, role: str, has_order: bool, expected: str | None
) -> None:
    user = UserFactory()
    bind(user, role, scene.here)
    access = access_of(user, on=NOON.date())

    assert reads.relation_to_patient(access, scene.record, has_order=has_order) == expected


def test_clinician_of_elsewhere_has_no_relation_to_a_record(scene: Scene) -> None:
    user = UserFactory()
    bind(user, "clinician", scene.there)
    access = access_of(user, on=NOON.date())

    assert reads.relation_to_patient(access, scene.record) is None
    assert reads.relation_to_patient(access, scene.record, has_order=True) == "order"


def test_record_is_named_by_source_and_local_number(scene: Scene) -> None:
    assert reads.record_id(source="SX", local_id="P1") == scene.record
    assert reads.record_id(source="SX", local_id="P0") is None
