"""What stands on the page of a report: values, intervals, marks and why they are missing, versions; notices."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.factories.iqc import ControlRunFactory, ViolationFactory
from tests.factories.recognition import GrantFactory
from tests.factories.registry import ProcedureFactory
from tests.integration.portal.conftest import NOW, Scene, draft_of, signed_in, store
from tests.integration.portal.test_order_check import place_order, text_of

from lienthong.core.actions import system_user
from lienthong.core.happenings import follow
from lienthong.core.models import AuditEvent, User
from lienthong.iqc.models import ControlRun
from lienthong.recognition import actions as recognition
from lienthong.recognition.models import Grant, ReuseNotice
from lienthong.results.people.persons import part_record


@pytest.fixture
def reader(client: Client, staff: dict[str, User]) -> Client:
    """The provincial laboratory's own clinician, in English."""
    return signed_in(client, staff["province-clinician"])


def report_page(reader: Client, scene: Scene, item: str) -> str:
    return text_of(reader.get(f"/reports/{scene.reports[item]}/").content)


def test_report_shows_the_elements_of_criterion_8_21(reader: Client, scene: Scene) -> None:
    page = report_page(reader, scene, "HBA1C")

    for element in (
        "Provincial General Hospital Biochemistry. Quality level 4, published on 10 Jan 2025. Facility code 30001",
        "Report 26-HBA1C",
        "Laboratory report / Phiếu kết quả xét nghiệm",
        "TRẦN THỊ MẪU",
        "12 Mar 1968, female",
        "030168 *** 417",
        "BS. Lê Văn Mẫu",
        "Specimen collected 2 Nov 2026, 10:00",
        "Received 2 Nov 2026, 10:22",
        "Specimens serum",
        "Released 2 Nov 2026, 12:00, final",
        "Clinical chemistry / Hóa sinh",
        "HbA1c HbA1c (vi) 7.8 ↑ high % 4.0–6.0 HPLC, Lumen G8 LT-HD",
        "No later version exists.",
    ):
        assert element in page


def test_report_in_vietnamese_writes_decimals_with_a_comma(
    client: Client, scene: Scene, staff: dict[str, User]
) -> None:
    page = report_page(signed_in(client, staff["technician"], "vi"), scene, "UREA")

    assert "8,90" in page
    assert "mmol/L 2,5–7,5" in page
    assert "huyết thanh (serum)" in page


@pytest.mark.parametrize(
    ("item", "x", "is_outside"),
    [("HBA1C", 153, True), ("TC", 138, True), ("K", 22, True), ("UREA", 152, True)],
)
def test_gauge_draws_a_value_outside_clear_of_the_post(
    reader: Client, scene: Scene, item: str, x: int, is_outside: bool
) -> None:
    content = reader.get(f"/reports/{scene.reports[item]}/").content.decode()

    assert f'<circle class="off" cx="{x}"' in content
    assert ("M34 3v14M126 3v14" in content) == (item != "TC")


def test_missing_mark_is_explained_by_the_register(reader: Client, scene: Scene) -> None:
    GrantFactory(
        procedure=scene.procedures["UREA"],
        item="UREA",
        status=Grant.Status.SUSPENDED,
        valid_from=dt.date(2026, 11, 9),
        rules=[
            {
                "rule": "eqa_passes",
                "gate": None,
                "verdict": "no",
                "facts": {"required": 1, "of_last": 1, "passes": 0, "rounds": 1, "newest": "2026-3"},
                "reference": "",
                "checked": False,
                "example": True,
            }
        ],
    )

    page = report_page(reader, scene, "UREA")

    assert "no mark: see note 1" in page
    assert "Note 1. The laboratory’s right to the mark was suspended on 9 Nov 2026." in page
    assert "the newest round is 2026-3" in page


def test_missing_mark_without_any_right_says_so(reader: Client, scene: Scene) -> None:
    assert "The laboratory had no right to a mark for this test on that day." in report_page(reader, scene, "UREA")


def test_mark_of_a_result_in_a_held_bracket_is_struck_out_and_explained(reader: Client, scene: Scene) -> None:
    measured = scene.result("HBA1C").measured_at
    assert measured
    run = ControlRunFactory(
        procedure=scene.procedures["HBA1C"],
        measured_at=measured + dt.timedelta(hours=20),
        verdict=ControlRun.Verdict.REJECTED,
    )
    ViolationFactory(run=run, bracket_from=measured - dt.timedelta(hours=1))

    content = reader.get(f"/reports/{scene.reports['HBA1C']}/").content

    assert '<span class="mark mark-off">LT-HD</span>' in content.decode()
    assert "Measured after the last accepted control run before a failed one" in text_of(content)


def test_mark_without_evidence_of_control_stays_with_a_note(reader: Client, scene: Scene) -> None:
    ControlRun.objects.filter(procedure=scene.procedures["HBA1C"]).delete()

    content = reader.get(f"/reports/{scene.reports['HBA1C']}/").content

    assert '<span class="mark">LT-HD</span>' in content.decode()
    assert "No quality control is known from the time of measurement" in text_of(content)


def test_result_that_names_no_system_takes_the_worst_state_of_its_laboratory(reader: Client, scene: Scene) -> None:
    unnamed = draft_of(scene, "HBA1C", procedure_id=None, reported_value="7.9", value=Decimal("7.9"))
    store(scene, "HBA1C", unnamed, inbox_id=2)
    before = reader.get(f"/reports/{scene.reports['HBA1C']}/").content.decode()
    other = ProcedureFactory(laboratory=scene.laboratory, analyte=scene.procedures["HBA1C"].analyte)
    without_control = report_page(reader, scene, "HBA1C")
    run = ControlRunFactory(
        procedure=other,
        measured_at=NOW - dt.timedelta(days=21, hours=1),
        verdict=ControlRun.Verdict.REJECTED,
    )
    ViolationFactory(run=run, bracket_from=None)

    after = reader.get(f"/reports/{scene.reports['HBA1C']}/").content.decode()

    assert "note 1" not in before
    assert "No quality control is known from the time of measurement" in without_control
    assert '<span class="mark mark-off">LT-HD</span>' in after


def test_converted_result_is_compared_in_one_unit_and_says_what_was_reported(clinician: Client, scene: Scene) -> None:
    other_unit = draft_of(
        scene, "TC", reported_value="228", reported_unit="mg/dL", value=Decimal("5.8960"), reference_range="< 200"
    )
    store(scene, "TC", other_unit, inbox_id=2)

    check = text_of(clinician.get(place_order(clinician, scene)).content)

    assert "5.9 mmol/L ↑ high < 5.2 mmol/L, interval of that laboratory reported as 228 mg/dL" in check


def test_corrected_result_names_what_it_replaces_and_old_versions_stay_readable(reader: Client, scene: Scene) -> None:
    store(scene, "K", draft_of(scene, "K", reported_value="4.3", value=Decimal("4.3"), flags="N"), inbox_id=2)

    page = report_page(reader, scene, "K")
    versions = text_of(reader.get(f"/reports/{scene.reports['K']}/versions/").content)

    assert "corrected" in page
    assert "Replaces version 1: 3.4 mmol/L, released 21 Nov 2026, 10:00." in page
    assert "Results of this report were corrected" in page
    assert "Potassium 2 4.3 mmol/L corrected in force; replaces version 1" in versions
    assert "Potassium 1 3.4 mmol/L ↓ low final replaced" in versions


def test_withdrawn_report_warns_before_its_results(reader: Client, scene: Scene) -> None:
    store(scene, "K", draft_of(scene, "K", status="withdrawn"), inbox_id=2, status="withdrawn")

    page = report_page(reader, scene, "K")

    assert "The laboratory withdrew this report Do not use its results." in page
    assert "The laboratory withdrew this result. Do not use it." in page


def test_report_shows_what_the_laboratory_wrote(reader: Client, scene: Scene) -> None:
    commented = draft_of(scene, "K", comment="haemolysed\n<b>repeat</b>")
    store(scene, "K", commented, inbox_id=2, comment="night shift")
    address = f"/reports/{scene.reports['K']}/"

    page, versions = (reader.get(f"{address}{part}").content.decode() for part in ("", "versions/"))
    patient = reader.get(f"/patients/{scene.province_record}/").content.decode()
    sheet = load_workbook(io.BytesIO(reader.get(f"{address}?export=xlsx").content)).active

    for shown in (page, versions, patient):
        assert "haemolysed<br>&lt;b&gt;repeat&lt;/b&gt;" in shown
    for shown in (page, patient):
        assert "Comment of the laboratory on the report: night shift" in text_of(shown.encode())
    header, row = list(sheet.iter_rows(values_only=True))[:2]
    told = dict(zip(header, row, strict=True))
    assert told["Comment"] == "haemolysed\n<b>repeat</b>"
    assert told["Comment on the report"] == "night shift"


def test_unknown_report_is_not_there(reader: Client, scene: Scene) -> None:
    assert reader.get("/reports/99999999/").status_code == 404


# Notices


def reuse(client: Client, scene: Scene) -> None:
    address = place_order(client, scene)
    client.post(address, {"choice-HBA1C": "reuse", "choice-TC": "reuse"})


def correct(scene: Scene) -> None:
    """Let the laboratory correct the HbA1c, and the worker tell those who reused it."""
    changed = draft_of(scene, "HBA1C", reported_value="6.1", value=Decimal("6.1"))
    stored = store(scene, "HBA1C", changed, inbox_id=2)
    recognition.tell_of_new_versions(stored.results.changed, by=system_user("recognition"), at=NOW)


def test_who_reused_a_corrected_result_is_told_both_values_and_marks_the_notice_read(
    clinician: Client, scene: Scene
) -> None:
    reuse(clinician, scene)
    correct(scene)

    before = text_of(clinician.get("/changed-results/").content)
    clinician.post(f"/changed-results/{ReuseNotice.objects.get().pk}/read/")
    after = text_of(clinician.get("/changed-results/").content)

    assert "1 reused result changed" in before
    assert "TRẦN THỊ MẪU Haemoglobin A1c corrected" in before
    assert "7.8 % 6.1 %" in before
    assert "No reused result changed that you have not read of" in after


def test_notice_is_not_shown_to_clinicians_of_other_facilities(
    client: Client, scene: Scene, staff: dict[str, User]
) -> None:
    reuse(signed_in(client, staff["clinician"]), scene)
    correct(scene)

    signed_in(client, staff["stranger"])
    page = client.get("/changed-results/").content.decode()
    answer = client.post(f"/changed-results/{ReuseNotice.objects.get().pk}/read/")

    assert "TRẦN" not in page
    assert answer.status_code == 403
    assert ReuseNotice.objects.get().read_at is None


def test_who_reused_a_result_that_became_another_patients_sees_no_value_of_theirs(
    clinician: Client, scene: Scene
) -> None:
    reuse(clinician, scene)
    part_record(scene.province_record, why="two sisters", by=system_user("results"), at=NOW + dt.timedelta(hours=1))
    follow(recognition.followers(), at=NOW + dt.timedelta(hours=1))
    correct(scene)

    page = text_of(clinician.get("/changed-results/").content)

    assert "Haemoglobin A1c now another patient’s" in page
    assert "order the test again" in page
    assert page.count("7.8 % another patient’s") == 2  # of the moved record, and of its correction
    assert "6.1" not in page
    assert {scene.record, scene.province_record} <= set(
        AuditEvent.objects.filter(object_kind="notices").values_list("patient_record_id", flat=True)
    )
