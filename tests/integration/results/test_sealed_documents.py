"""What comes beside the results of a report is part of what the report said, so that its statement names it."""

from __future__ import annotations

import json

import pytest
from tests.factories.registry import AnalyteFactory, FacilityFactory
from tests.factories.results import NOON, claim, report_draft, result_draft, store_one_report, store_patient_record
from tests.integration.results.test_sealing import resealed, waiting

from lienthong.core.log.sealing import seal
from lienthong.registry.models import Facility
from lienthong.results.actions import DocumentDraft, ReportDraft
from lienthong.results.models import Report, ReportDocument
from lienthong.results.reports.resealing import reseal

pytestmark = pytest.mark.django_db


@pytest.fixture
def facility() -> Facility:
    made: Facility = FacilityFactory()
    return made


@pytest.fixture
def patient(facility: Facility) -> int:
    record = store_patient_record(claim(facility))
    assert record
    return record


def file(key: str, digest: str, **more: object) -> DocumentDraft:
    return DocumentDraft(key=key, place="OBX(2)", title="", kind="file", digest=digest, **more)  # type: ignore[arg-type]  # by name


def with_files(facility: Facility, analyte: int, *files: DocumentDraft) -> ReportDraft:
    return report_draft(facility, result_draft(analyte), documents=files, released_at=NOON)


def sealed() -> list[list[str]]:
    return [json.loads(one.statement)["documents"] for one in resealed()]


def test_each_version_names_what_stood_beside_it(facility: Facility, patient: int) -> None:
    analyte = int(AnalyteFactory().pk)
    messages = [
        with_files(facility, analyte, file("a", "a1"), file("b", "b1")),
        with_files(facility, analyte, file("a", "a2"), file("b", "b1")),
        with_files(facility, analyte, file("a", "a2"), file("b", "b1")),
        with_files(facility, analyte, file("b", "", is_withdrawn=True)),
    ]

    for number, draft in enumerate(messages, start=1):
        store_one_report(draft, patient_record_id=patient, inbox_id=number)

    assert sealed() == [["a1", "b1"], ["a2", "b1"], ["a2"]]


def test_other_file_beside_the_same_results_does_not_correct_them(facility: Facility, patient: int) -> None:
    analyte = int(AnalyteFactory().pk)
    store_one_report(with_files(facility, analyte, file("a", "a1")), patient_record_id=patient)

    store_one_report(with_files(facility, analyte, file("a", "a2")), patient_record_id=patient, inbox_id=2)

    report = Report.objects.get()
    assert (report.version, report.status) == (2, "final")


def test_report_of_a_file_only_is_corrected_by_another_and_withdrawn_by_its_cancellation(
    facility: Facility, patient: int
) -> None:
    cancelled = report_draft(facility, status="withdrawn", is_cancelled=True, released_at=NOON)
    states = []

    for number, draft in enumerate(
        [
            report_draft(facility, documents=(file("a", "a1"),)),
            report_draft(facility, documents=(file("a", "a2"),)),
            report_draft(facility, comment="A word more."),
            cancelled,
        ],
        start=1,
    ):
        store_one_report(draft, patient_record_id=patient, inbox_id=number)
        states.append(Report.objects.get().status)

    assert states == ["final", "corrected", "corrected", "withdrawn"]


@pytest.mark.parametrize("changes", [{"digest": "zz"}, {"is_withdrawn": True}], ids=["other-file", "taken-away"])
def test_file_that_was_changed_past_the_application_is_found(
    facility: Facility, patient: int, changes: dict[str, object]
) -> None:
    store_one_report(report_draft(facility, documents=(file("a", "a1"),)), patient_record_id=patient)

    ReportDocument.objects.update(**changes)

    digests = waiting()
    made = reseal(digests)
    assert [seal(one.statement, salt=one.salt) == digests[entry] for entry, one in made.items()] == [False]
