"""From the inbox to results: each fault that a message can have, and what becomes of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from tests.factories.exchange import GLU, OBR, PID, CodeMappingFactory, message, moment
from tests.factories.registry import AnalyteFactory
from tests.integration.exchange.conftest import Scene

from lienthong.core.models import AuditEvent
from lienthong.results.models import HeldResult, InboxMessage, PatientRecord, Report, Result, ReviewCase

pytestmark = pytest.mark.django_db


def current() -> list[Result]:
    return list(Result.objects.filter(is_current=True).order_by("id"))


def codes_of(inbox: InboxMessage) -> set[str]:
    return {finding["code"] for finding in inbox.findings}


def test_good_message_is_stored_with_all_that_it_says(scene: Scene) -> None:
    done = scene.process(message())

    row, report, record = Result.objects.get(), Report.objects.get(), PatientRecord.objects.get()
    assert scene.states() == [("stored", "")]
    assert (done.stored, done.results_stored) == (1, 1)
    assert (row.analyte_id, row.procedure_id) == (scene.glucose.pk, scene.glucose_system.pk)
    assert (row.value, row.reported_value, row.reported_unit, row.status) == (Decimal("5.6"), "5.6", "mmol/L", "final")
    assert (row.reference_low, row.reference_high, row.flags) == (Decimal("3.9"), Decimal("6.4"), "N")
    assert (row.collected_at, row.measured_at) == (moment("2026-11-20 07:00"), moment("2026-11-20 08:00"))
    assert (report.source, report.number, report.placer_number, report.status) == ("SX", "SX1", "PL1", "final")
    assert (record.local_id, record.local_system, record.full_name) == ("P1", "SX", "Nguyễn Thị Đào")
    assert (record.birth_date, record.sex) == (dt.date(1980, 5, 17), "F")
    assert set(record.identifiers.values_list("system", "value")) == {("SX", "P1"), ("NI", "001180012345")}


def test_same_message_twice_changes_nothing(scene: Scene) -> None:
    scene.process(message())
    done = scene.process(message(), message(control_id="M2"))

    assert scene.states() == [("stored", ""), ("duplicate", ""), ("duplicate", "")]
    assert done.results_stored == 0
    assert Result.objects.count() == 1


@pytest.mark.parametrize("status", ["C", "F"], ids=["named", "silent"])
def test_corrected_value_is_a_new_version(scene: Scene, status: str) -> None:
    scene.process(message())
    scene.process(
        message(PID, OBR, GLU.replace("||5.6|", "||6.5|").replace("N|||F|", f"N|||{status}|"), control_id="M2")
    )

    assert [(row.version, row.status, row.value, row.is_current) for row in Result.objects.order_by("version")] == [
        (1, "final", Decimal("5.6"), False),
        (2, "corrected", Decimal("6.5"), True),
    ]
    assert Report.objects.get().status == "corrected"


@pytest.mark.parametrize("status", ["W", "D", "X"])
def test_withdrawn_result_is_a_withdrawn_version(scene: Scene, status: str) -> None:
    scene.process(message())
    scene.process(message(PID, OBR, GLU.replace("N|||F|", f"N|||{status}|"), control_id="M2"))

    assert [row.status for row in current()] == ["withdrawn"]
    assert current()[0].marks == []


def test_old_message_sent_again_does_not_undo_a_correction(scene: Scene) -> None:
    scene.process(message())
    scene.process(message(PID, OBR, GLU.replace("||5.6|", "||6.5|"), control_id="M2"))

    scene.process(message())

    assert [row.value for row in current()] == [Decimal("6.5")]
    assert scene.states()[-1] == ("duplicate", "")


@pytest.mark.parametrize(
    ("value", "unit", "low_high", "expected", "low"),
    [
        pytest.param("100.9", "mg/dL", "70-115", Decimal("5.6006"), Decimal("3.885"), id="mass to amount"),
        pytest.param("5600", "umol/L", "3900-6400", Decimal("5.6"), Decimal("3.9"), id="another prefix"),
        pytest.param("0.0056", "mol/L", "", Decimal("0.0056") * 1000, None, id="no range"),
    ],
)
def test_other_unit_is_converted_and_kept_as_reported(
    scene: Scene, value: str, unit: str, low_high: str, expected: Decimal, low: Decimal | None
) -> None:
    scene.process(message(PID, OBR, f"OBX|1|NM|2345-7^Glucose^LN||{value}|{unit}|{low_high}|N|||F"))

    row = Result.objects.get()
    assert (row.reported_value, row.reported_unit) == (value, unit)
    assert row.value == pytest.approx(expected, rel=Decimal("0.0001"))
    assert row.reference_low == (pytest.approx(low, rel=Decimal("0.001")) if low else None)


@pytest.mark.parametrize("unit", ["U/L", "mg", "", "blobs"], ids=["other kind", "no volume", "blank", "unknown"])
def test_number_in_a_unit_that_can_not_be_is_held_and_the_rest_is_stored(scene: Scene, unit: str) -> None:
    potassium = "OBX|2|NM|2823-3^K^LN||4.1|mmol/L|3.5-5.0|N|||F"

    scene.process(message(PID, OBR, f"OBX|1|NM|2345-7^Glucose^LN||5.6|{unit}|||||F", potassium))

    held, inbox = HeldResult.objects.get(), InboxMessage.objects.get()
    assert (held.reason, held.position, held.unit) == ("unit", "OBX(1)-3", unit)
    assert (inbox.state, inbox.results_stored, inbox.results_held) == ("stored", 1, 1)
    assert Result.objects.get().analyte_id == scene.potassium.pk


def test_enzyme_in_international_units_is_its_activity(scene: Scene) -> None:
    AnalyteFactory(key="ALT", loinc="1742-6", unit="U/L")

    scene.process(message(PID, OBR, "OBX|1|NM|1742-6^ALT^LN||31|IU/L|||||F"))

    assert Result.objects.get().value == Decimal(31)


@pytest.mark.parametrize(
    ("value_type", "value", "comparator", "number", "reported"),
    [
        ("NM", "***.**", "", None, "***.**"),
        ("NM", "", "", None, ""),
        ("SN", "<^0.01", "<", Decimal("0.01"), "<0.01"),
        ("ST", ">1000", ">", Decimal(1000), ">1000"),
        ("ST", "vỡ hồng cầu", "", None, "vỡ hồng cầu"),
    ],
)
def test_value_that_is_no_plain_number_is_kept_as_reported(
    scene: Scene, value_type: str, value: str, comparator: str, number: Decimal | None, reported: str
) -> None:
    scene.process(message(PID, OBR, f"OBX|1|{value_type}|2345-7^Glucose^LN||{value}|mmol/L|||||F"))

    row = Result.objects.get()
    assert (row.comparator, row.value, row.reported_value) == (comparator, number, reported)


def test_final_result_without_a_value_stands_for_nothing(scene: Scene) -> None:
    scene.process(message(PID, OBR, "OBX|1|NM|2345-7^Glucose^LN||***.**|mmol/L|||||F"))

    assert Result.objects.get().status == "withdrawn"


@pytest.mark.parametrize(
    ("value", "expected"), [("âm tính", "negative"), ("阳性", "positive"), ("+/-", "indeterminate")]
)
def test_qualitative_result_keeps_words_and_outcome(scene: Scene, value: str, expected: str) -> None:
    scene.process(message(PID, OBR, f"OBX|1|ST|5196-1^HBsAg^LN||{value}||||||F"))

    row = Result.objects.get()
    assert (row.outcome, row.reported_value, row.value) == (expected, value, None)


@pytest.mark.parametrize(
    ("codec", "charset", "name", "full_name"),
    [
        pytest.param("gb18030", "GB 18030-2000", "欧阳^娜娜", "欧阳娜娜", id="GB18030"),
        pytest.param("utf-8", "UNICODE UTF-8", "Nguyễn^Đào^Thị", "Nguyễn Thị Đào", id="UTF-8"),
        pytest.param("latin-1", "8859/1", "Müller^José", "Müller José", id="ISO 8859-1"),
    ],
)
def test_other_character_set_is_read_by_its_name(
    scene: Scene, codec: str, charset: str, name: str, full_name: str
) -> None:
    scene.process(message(PID.replace("Nguyễn^Đào^Thị", name), OBR, GLU, codec=codec, charset=charset))

    assert PatientRecord.objects.get().full_name == full_name


def test_character_set_of_the_source_is_used_where_msh_18_is_blank(scene: Scene) -> None:
    scene.source.default_charset = "windows-1258"
    scene.source.save()
    vietnamese = "Nguyễn Thị Đào"  # letters and combining tones, as Windows-1258 has them
    segments = [PID.replace("Nguyễn^Đào^Thị", "Nguyê\u0303n^Đa\u0300o^Thi\u0323"), OBR, GLU]

    scene.process(message(*segments, codec="cp1258", charset=""))

    assert PatientRecord.objects.get().full_name == vietnamese


def test_mis_encoded_message_is_refused_and_kept(scene: Scene) -> None:
    scene.process(message().replace("ễ".encode(), b"\xff\xfe"))

    assert scene.states() == [("rejected", "charset")]
    assert not PatientRecord.objects.exists()


def test_unknown_code_is_held_and_the_rest_is_stored(scene: Scene) -> None:
    ckmb = "OBX|2|NM|CKMB^CK-MB^L||3.1|ng/mL|<5.0|N|||F"

    scene.process(message(PID, OBR, GLU, ckmb))

    held, inbox = HeldResult.objects.get(), InboxMessage.objects.get()
    assert (held.local_code, held.local_system, held.local_name, held.unit) == ("CKMB", "L", "CK-MB", "ng/mL")
    assert (held.reason, held.number, held.asked_on) == ("code-unknown", Decimal("3.1"), dt.date(2026, 11, 20))
    assert (inbox.state, inbox.results_stored, inbox.results_held) == ("stored", 1, 1)


def test_message_of_unknown_codes_only_is_held(scene: Scene) -> None:
    scene.process(message(PID, OBR, "OBX|1|NM|CKMB^CK-MB^L||3.1|ng/mL|<5.0|N|||F"))

    assert scene.states() == [("held", "code-unknown")]
    assert not Report.objects.exists()


def test_confirmed_mapping_of_the_day_names_analyte_and_system(scene: Scene) -> None:
    CodeMappingFactory(
        source=scene.source, local_code="KALI", analyte=scene.potassium, procedure=scene.potassium_systems[1]
    )

    scene.process(message(PID, OBR, "OBX|1|NM|KALI^Kali^L||4.1|mmol/L|||||F"))

    row = Result.objects.get()
    assert (row.analyte_id, row.procedure_id) == (scene.potassium.pk, scene.potassium_systems[1].pk)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"confirmed_by": None, "confirmed_at": None}, id="not confirmed"),
        pytest.param({"valid_from": dt.date(2026, 11, 21)}, id="not yet in force"),
        pytest.param({"valid_to": dt.date(2026, 11, 20)}, id="no more in force"),
        pytest.param({"local_system": "99"}, id="of another code system"),
    ],
)
def test_mapping_that_does_not_hold_is_not_used(scene: Scene, changes: dict[str, object]) -> None:
    CodeMappingFactory(source=scene.source, local_code="KALI", analyte=scene.potassium, **changes)

    scene.process(message(PID, OBR, "OBX|1|NM|KALI^Kali^L||4.1|mmol/L|||||F|||20261120070000"))

    assert scene.states() == [("held", "code-unknown")]


@pytest.mark.parametrize(("equipment", "index"), [("C8", 1), ("c6^X", 0), ("", None), ("C9", None)])
def test_instrument_chooses_between_systems(scene: Scene, equipment: str, index: int | None) -> None:
    scene.process(message(PID, OBR, f"OBX|1|NM|2823-3^K^LN||4.1|mmol/L|||||F|||||||{equipment}"))

    chosen = scene.potassium_systems[index].pk if index is not None else None
    assert Result.objects.get().procedure_id == chosen


@pytest.mark.parametrize(
    "bytes_",
    [
        pytest.param(message(processing_id="Q"), id="MSH-11"),
        pytest.param(message(PID, OBR, GLU, "SPM|1|S1||SER|||||||Q"), id="SPM-11"),
    ],
)
def test_control_material_never_reaches_a_patient(scene: Scene, bytes_: bytes) -> None:
    scene.process(bytes_)

    assert scene.states() == [("held", "control-unknown")]
    assert not PatientRecord.objects.exists()
    assert not Result.objects.exists()


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        pytest.param(
            (PID.replace("P1^^^SX^MR~001180012345^^^CCCD^NI", ""), OBR, GLU), "patient-missing", id="no number"
        ),
        pytest.param((PID, OBR.replace("|PL1|SX1|", "|||"), GLU), "report-number", id="no order number"),
        pytest.param((PID, OBR), "no-results", id="no OBX"),
        pytest.param((OBR, GLU), "structure", id="no PID"),
        pytest.param((PID, OBR, GLU, "OB"), "structure", id="cut in a segment name"),
        pytest.param((PID, GLU, OBR), "structure", id="OBX before OBR"),
    ],
)
def test_message_that_says_too_little_is_held_with_its_reason(
    scene: Scene, segments: tuple[str, ...], reason: str
) -> None:
    scene.process(message(*segments))

    assert scene.states() == [("held", reason)]
    assert InboxMessage.objects.get().findings
    assert not Result.objects.exists()


def test_what_is_missing_beside_the_number_is_told_and_stored(scene: Scene) -> None:
    scene.process(message("PID|1||P9^^^SX^MR||||", OBR, GLU))

    inbox = InboxMessage.objects.get()
    assert inbox.state == "stored"
    assert {finding["where"] for finding in inbox.findings} == {"PID-5", "PID-7", "PID-8"}


def test_impossible_dates_are_told_and_not_known(scene: Scene) -> None:
    scene.process(message(PID.replace("19800517", "19801399"), OBR.replace("|20261120070000|", "|2026112099|"), GLU))

    inbox, row = InboxMessage.objects.get(), Result.objects.get()
    assert {"date"} <= codes_of(inbox)
    assert (row.collected_at, PatientRecord.objects.get().birth_date) == (None, None)


def test_collection_in_the_future_is_not_known(scene: Scene) -> None:
    scene.process(message(PID, OBR.replace("|20261120070000|", "|20991120070000|"), GLU))

    assert Result.objects.get().collected_at is None
    assert "in-the-future" in codes_of(InboxMessage.objects.get())


def test_two_patients_with_one_national_number_are_held_for_review(scene: Scene) -> None:
    child = PID.replace("P1^^^SX", "P2^^^SX").replace("19800517|F", "20190304|M").replace("Đào", "Bình")
    scene.process(message())

    scene.process(message(child, OBR.replace("SX1", "SX2"), GLU, control_id="M2"))

    assert scene.states() == [("stored", ""), ("held", "identity-conflict")]
    assert ReviewCase.objects.count() == 1
    assert Result.objects.count() == 1


def test_report_that_moves_to_another_patient_is_held(scene: Scene) -> None:
    scene.process(message())

    other = PID.replace("P1^^^SX^MR~001180012345^^^CCCD^NI", "P2^^^SX^MR").replace("19800517", "19810517")
    scene.process(message(other, OBR, GLU, control_id="M2"))

    assert scene.states() == [("stored", ""), ("held", "identity-conflict")]
    assert list(PatientRecord.objects.values_list("local_id", flat=True)) == ["P1"]


def test_report_under_another_number_of_the_same_person_stays_on_its_record(scene: Scene) -> None:
    scene.process(message())

    corrected = GLU.replace("|5.6|", "|5.7|").replace("|F|||2026", "|C|||2026")
    scene.process(message(PID.replace("P1^^^SX", "P2^^^SX"), OBR, corrected, control_id="M2"))

    assert scene.states() == [("stored", ""), ("stored", "")]
    current = Result.objects.get(is_current=True)
    assert current.patient_record_id == PatientRecord.objects.get(local_id="P1").pk
    assert (current.reported_value, current.version) == ("5.7", 2)


def test_message_with_two_patients_stores_each_on_its_own(scene: Scene) -> None:
    other = "PID|1||P2^^^SX^MR||Trần^Bình||19700101|M"

    scene.process(message(PID, OBR, GLU, other, OBR.replace("SX1", "SX2"), GLU))

    owners = {row.patient_record_id for row in Result.objects.all()}
    assert len(owners) == 2


def test_no_finding_holds_a_value_of_the_patient(scene: Scene) -> None:
    broken = PID.replace("19800517", "31/12/1980").replace("|F", "|Nữ giới")

    scene.process(message(broken, OBR, GLU.replace("||5.6|", "||5,6|"), "OBX|2|NM|CKMB^CK-MB^L||3.1|ng/mL|||||F"))

    told = " ".join(finding["message"] for finding in InboxMessage.objects.get().findings)
    assert told
    for value in ("1980", "giới", "Nguyễn", "Đào", "001180012345", "5,6", "3.1"):
        assert value not in told


def test_batch_is_in_the_audit_log_without_patient_data(scene: Scene) -> None:
    scene.process(message(), message(control_id="M2"))

    events = list(AuditEvent.objects.order_by("id").values_list("action", "actor", "detail"))
    assert events == [
        ("receive", "system-listener", {"messages": 2, "rejected": 0}),
        ("process", "system-exchange", {"stored": 1, "duplicate": 1}),
    ]


def test_text_with_nul_is_stored_without_it(scene: Scene) -> None:
    scene.process(message(PID, OBR, GLU.replace("Glucose", "Glu\\X00\\cose")))

    assert scene.states() == [("stored", "")]
    assert Result.objects.get().local_name == "Glucose"


def test_comment_alone_is_stored_and_not_called_a_message_that_changed_nothing(scene: Scene) -> None:
    scene.process(message())
    scene.process(message(PID, OBR, "NTE|1||Mẫu vỡ hồng cầu\0", GLU, control_id="M2"))
    scene.process(message(PID, OBR, "NTE|1||Mẫu vỡ hồng cầu", GLU, "NTE|1||Làm lại", control_id="M3"))

    assert scene.states() == [("stored", ""), ("stored", ""), ("stored", "")]
    assert Report.objects.get().comment == "Mẫu vỡ hồng cầu"
    assert [(row.version, row.comment) for row in Result.objects.order_by("version")] == [(1, ""), (2, "Làm lại")]
