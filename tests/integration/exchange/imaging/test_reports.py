"""An ultrasound report from its message to a result that stands in for a new examination, and what comes beside it."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.core import UserFactory
from tests.factories.exchange import GLU, CodeMappingFactory
from tests.factories.exchange import OBR as CHEMISTRY
from tests.factories.registry import bind
from tests.factories.results import documents_of
from tests.integration.exchange.deliveries_scene import push, report, take_in
from tests.integration.exchange.imaging.room import (
    CONCLUSION,
    FILE,
    FINDINGS,
    LENGTH,
    NOW,
    OBR,
    PDF,
    PID,
    POINTER,
    STUDY,
    STUDY_UID,
    Room,
)

from lienthong.core.actions import system_user
from lienthong.exchange.imaging.reads import file_of_report
from lienthong.exchange.processing.worker import process_waiting
from lienthong.recognition import actions as recognition
from lienthong.results.actions import replay
from lienthong.results.models import HeldResult, InboxMessage, Report, ReportDocument, Result

EXAMINED = dt.datetime(2026, 11, 20, 0, 15, tzinfo=dt.UTC)
TEXT = "Findings: 肝脏大小正常。\n胆囊结石 8 mm。\nStone: 8.0 mm\nConclusion: 胆囊结石。"


def findings() -> list[tuple[str, str]]:
    return [(one["where"], one["code"]) for one in InboxMessage.objects.latest("id").findings]


def test_report_is_one_result_in_the_words_of_its_lines(room: Room) -> None:
    room.process()

    (result,) = Result.objects.all()
    assert (result.analyte_id, result.procedure_id) == (room.abdomen.pk, room.service.pk)
    assert (result.reported_value, result.value, result.outcome, result.status) == (TEXT, None, "", "final")
    assert result.collected_at == result.measured_at == EXAMINED
    assert InboxMessage.objects.get().state == "stored"


def test_report_of_a_recognised_service_is_marked_and_stands_for_the_same_examination(room: Room) -> None:
    recognition.recompute_grants([room.service.pk], by=system_user("recognition"), at=NOW - dt.timedelta(days=5))
    clinician = UserFactory()
    bind(clinician, "clinician", room.receiver)
    room.process()
    (result,) = Result.objects.all()

    checked = recognition.check_order(
        number="26-1",
        channel="page",
        patient_record_id=result.patient_record_id,
        facility_id=room.receiver.pk,
        items=("US-ABDOMEN",),
        encounter_class="outpatient",
        purposes=frozenset(),
        by=clinician,
        user_label="",
        at=NOW,
    )

    assert [mark["mark"] for mark in result.marks] == ["龙南市HR"]
    (line,) = checked.lines
    assert line.outcome.value == "stands"
    rules = {rule.rule: rule for rule in line.candidates[0].rules}
    assert "iqc_state" not in rules
    assert rules["collection_time"].facts["collected_at"] == EXAMINED.isoformat()
    assert rules["mark_reaches_receiver"].reference == "cn-longnan-2024"


def test_service_that_missed_a_year_has_no_right(room: Room) -> None:
    at = NOW.replace(year=2029)

    outcome = recognition.recompute_grants([room.service.pk], by=system_user("recognition"), at=at)

    assert (outcome.granted, outcome.refused) == (0, 1)


def test_corrected_conclusion_is_a_new_version(room: Room) -> None:
    room.process()
    room.process(PID, OBR, FINDINGS, CONCLUSION.replace("胆囊结石", "胆囊息肉").replace("||F", "||C"), control_id="M2")

    first, second = Result.objects.order_by("version")
    assert (first.is_current, second.is_current, second.status) == (False, True, "corrected")
    assert second.replaces == first.pk
    assert Report.objects.get().status == "corrected"


@pytest.mark.parametrize(
    ("status", "stored"), [("P", "preliminary"), ("R", "preliminary"), ("C", "corrected"), ("W", "withdrawn")]
)
def test_status_of_the_lines_is_that_of_the_report(room: Room, status: str, stored: str) -> None:
    room.process(PID, OBR, CONCLUSION.replace("||F", f"||{status}"))

    assert Result.objects.get().status == stored


def test_examination_that_is_mapped_later_does_not_make_its_report_a_corrected_one(room: Room) -> None:
    """What its message holds beside, the PDF, is there at once; the words come when the code has a meaning."""
    other = OBR.replace("SAOB^Abdominal ultrasound", "SABUNG^Siêu âm")
    room.process(PID, other, FINDINGS, CONCLUSION, FILE)
    CodeMappingFactory(source=room.reports, local_code="SABUNG", analyte=room.abdomen)
    before = Report.objects.get().status
    replay([InboxMessage.objects.get().pk], by=system_user("operator"), at=NOW)
    process_waiting(NOW)

    assert Result.objects.count() == 1
    assert (before, Report.objects.get().status) == ("final", "final")


def test_examination_that_is_not_mapped_waits_by_its_order(room: Room) -> None:
    room.process(PID, OBR.replace("SAOB^Abdominal ultrasound", "SATIM^Echocardiography"), FINDINGS)

    (held,) = HeldResult.objects.all()
    assert (held.position, held.local_code, held.local_name) == ("OBR(1)-4", "SATIM", "Echocardiography")
    assert not Result.objects.exists()


def test_examination_mapped_to_what_is_measured_waits(room: Room) -> None:
    from tests.factories.exchange import CodeMappingFactory
    from tests.factories.registry import AnalyteFactory

    CodeMappingFactory(source=room.reports, local_code="SATIM", analyte=AnalyteFactory(key="GLU"))

    room.process(PID, OBR.replace("SAOB^Abdominal ultrasound", "SATIM^Echocardiography"), FINDINGS)

    assert not Result.objects.exists()
    assert ("OBR(1)-4", "not-an-examination") in findings()


def test_bare_day_of_the_examination_is_no_instant_for_a_mark(room: Room) -> None:
    recognition.recompute_grants([room.service.pk], by=system_user("recognition"), at=NOW - dt.timedelta(days=5))

    room.process(PID, OBR.replace("20261120081500", "20261120"), FINDINGS)

    (result,) = Result.objects.all()
    assert (result.measured_at, result.marks) == (None, [])


# What comes beside the words


def test_files_pointers_and_the_study_are_kept_beside_the_result(room: Room) -> None:
    room.process()

    documents = documents_of(Report.objects.get().pk)
    assert [(one.kind, one.place, one.title, one.media_type) for one in documents] == [
        ("file", "OBX(4)", "Report as printed", "application/pdf"),
        ("study", "OBX(5)", "DICOM Study", ""),
        ("pointer", "OBX(6)", "Images", ""),
    ]
    assert [one.study_uid for one in documents] == ["", STUDY_UID, STUDY_UID]
    assert file_of_report(documents[0].report_id, documents[0].id).content == PDF


def test_report_of_a_laboratory_as_a_file_only_is_kept(room: Room) -> None:
    room.process(PID, CHEMISTRY, FILE.replace("OBX|4", "OBX|1"))

    (document,) = ReportDocument.objects.all()
    assert (document.report.number, document.size) == ("SX1", len(PDF))
    assert InboxMessage.objects.get().state == "stored"


def test_file_beside_laboratory_results_is_no_result(room: Room) -> None:
    from tests.factories.registry import AnalyteFactory

    AnalyteFactory(key="GLU", loinc="2345-7", molar_mass=180.16)

    room.process(PID, CHEMISTRY, GLU, FILE)

    assert Result.objects.get().reported_value == "5.6"
    assert not HeldResult.objects.exists()


def test_imaging_report_that_is_only_a_file_is_a_result_named_after_it(room: Room) -> None:
    room.process(PID, OBR, FILE)

    assert Result.objects.get().reported_value == "Report as printed"


@pytest.mark.parametrize("sent", [FILE.replace("Base64^", "Base64^!"), POINTER.replace("https", "x" * 2001 + "https")])
def test_file_that_can_not_be_read_is_told_and_the_report_stored(room: Room, sent: str) -> None:
    room.process(PID, OBR, FINDINGS, sent)

    assert not ReportDocument.objects.exists()
    assert Result.objects.count() == 1
    assert [code for _where, code in findings()] == ["document"]


@pytest.mark.parametrize(
    ("status", "stored"), [("final", "final"), ("preliminary", "preliminary"), ("corrected", "corrected")]
)
def test_pushed_report_in_words_is_its_examination(room: Room, status: str, stored: str) -> None:
    words = "Liver of normal size.\nNo stones."
    pushed = report(results=[], service="SAOB", text=words, comment="Seen twice.", status=status)

    done = take_in(push(pushed), source="RIS")

    result = Result.objects.get()
    assert done.stored == 1
    assert (result.analyte_id, result.reported_value, result.status) == (room.abdomen.pk, words, stored)
    assert Report.objects.get().comment == "Seen twice."


def test_same_message_again_keeps_no_file_twice(room: Room) -> None:
    room.process()
    room.process(PID, OBR, FINDINGS, LENGTH, CONCLUSION, FILE, STUDY, POINTER, control_id="M2")

    assert ReportDocument.objects.count() == 3
    assert InboxMessage.objects.latest("id").state == "duplicate"


def test_two_files_of_one_name_are_both_kept_once(room: Room) -> None:
    second = FILE.replace("OBX|4", "OBX|7").replace("Base64^", "Base64^QUJD")
    room.process(PID, OBR, FINDINGS, FILE, second)
    room.process(PID, OBR, FINDINGS, FILE, second, control_id="M2")

    documents = documents_of(Report.objects.get().pk)
    assert [one.kind for one in documents] == ["file", "file"]
    assert len({one.digest for one in documents}) == 2
    assert ReportDocument.objects.count() == 2
    assert InboxMessage.objects.latest("id").state == "duplicate"


def test_withdrawn_file_holds_no_longer(room: Room) -> None:
    room.process()
    room.process(PID, OBR, FINDINGS, LENGTH, CONCLUSION, FILE.replace("||||||F", "||||||D"), control_id="M2")

    documents = documents_of(Report.objects.get().pk)
    assert [one.kind for one in documents] == ["study", "pointer"]
    assert ReportDocument.objects.filter(is_withdrawn=True).count() == 1
