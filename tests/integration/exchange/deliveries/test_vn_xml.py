"""Viet Nam's insurance export from file to results: what is stored, what is filled in, what waits and why."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from tests.factories.exchange import moment
from tests.factories.national import GLUCOSE, GLUCOSE_ORDER, LINK, PATIENT, Row, envelope, export, stay, table
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries.conftest import Deliver

from lienthong.exchange.deliveries import vn_xml
from lienthong.results.models import HeldResult, InboxMessage, PatientRecord, Report, Result

pytestmark = pytest.mark.django_db

NUMBER = f"{LINK}/202611200700"
POTASSIUM = {
    **GLUCOSE,
    "STT": "2",
    "MA_DICH_VU": "23.0058.1487",
    "MA_CHI_SO": "K01",
    "TEN_CHI_SO": "Kali",
    "GIA_TRI": "4.1",
}
HBSAG = {
    "MA_LK": LINK,
    "MA_DICH_VU": "24.0117.1646",
    "MA_CHI_SO": "HBS01",
    "TEN_CHI_SO": "HBsAg",
    "GIA_TRI": "Âm tính",
    "NGAY_KQ": "202611200900",
}
POTASSIUM_ORDER = {**GLUCOSE_ORDER, "MA_DICH_VU": "23.0058.1487", "TEN_DICH_VU": "Điện giải đồ", "MA_MAY": "C8"}


def findings(inbox: InboxMessage | None = None) -> set[tuple[str, str]]:
    found = inbox or InboxMessage.objects.get()
    return {(one["where"], one["code"]) for one in found.findings}


def test_export_is_stored_with_what_it_tells_and_what_is_filled_in(exporter: Scene, deliver: Deliver) -> None:
    done = deliver(vn_xml, export())

    row, report, record = Result.objects.get(), Report.objects.get(), PatientRecord.objects.get()
    assert (done.stored, exporter.states()) == (1, [("stored", "")])
    assert (row.value, row.reported_value, row.reported_unit, row.status) == (Decimal("5.6"), "5.6", "mmol/L", "final")
    assert (row.analyte_id, row.procedure_id) == (exporter.glucose.pk, exporter.glucose_system.pk)
    assert (row.reference_range, row.reference_low, row.reference_high) == ("", Decimal("3.9"), Decimal("6.4"))
    assert row.filled_in.split() == ["collected_at", "status", "method", "loinc", "reference_range"]
    assert (row.collected_at, row.measured_at) == (moment("2026-11-20 07:00"), None)
    assert row.released_at == moment("2026-11-20 08:30")
    assert (report.number, report.service, report.status) == (NUMBER, "Định lượng Glucose", "final")
    assert (record.local_id, record.full_name, record.sex) == ("BN000417", "Nguyễn Thị Đào", "F")
    assert record.birth_date == dt.date(1980, 5, 17)
    assert set(record.identifiers.values_list("system", "value")) == {
        ("PI", "BN000417"),
        ("NI", "001180012345"),
        ("HC", "DN4010112345678"),
        ("HC", "GD4010112345678"),
    }


def test_same_export_again_changes_nothing(exporter: Scene, deliver: Deliver) -> None:
    deliver(vn_xml, export())
    paid = {**PATIENT, "T_BHTT": "0"}
    done = deliver(vn_xml, envelope(stay(), stay(patient=paid)))

    assert [state for state, _ in exporter.states()] == ["stored", "duplicate", "duplicate"]
    assert done.results_stored == 0
    assert Result.objects.count() == 1


def test_corrected_export_makes_new_versions_of_what_it_changes(exporter: Scene, deliver: Deliver) -> None:
    services = (GLUCOSE_ORDER, POTASSIUM_ORDER)
    deliver(vn_xml, export(services=services, results=(GLUCOSE, POTASSIUM)))
    deliver(vn_xml, export(services=services, results=({**GLUCOSE, "GIA_TRI": "6.5"}, POTASSIUM)))

    rows = Result.objects.order_by("local_code", "version")
    assert [(one.local_code, one.version, one.status, one.reported_value) for one in rows] == [
        ("GLU01", 1, "final", "5.6"),
        ("GLU01", 2, "corrected", "6.5"),
        ("K01", 1, "final", "4.1"),
    ]
    assert Report.objects.get().status == "corrected"


def test_device_of_the_service_names_the_measuring_system(exporter: Scene, deliver: Deliver) -> None:
    deliver(vn_xml, export(services=(POTASSIUM_ORDER,), results=(POTASSIUM,)))

    row = Result.objects.get()
    assert row.procedure_id == exporter.potassium_systems[1].pk
    assert "reference_range" not in row.filled_in  # none is registered for it


def test_two_services_of_one_code_on_a_day_are_two_reports(exporter: Scene, deliver: Deliver) -> None:
    later = {**GLUCOSE_ORDER, "NGAY_YL": "202611201400", "NGAY_KQ": "202611201500"}
    second = {**GLUCOSE, "GIA_TRI": "7.2", "NGAY_KQ": "202611201500"}

    deliver(vn_xml, export(services=(GLUCOSE_ORDER, later), results=(GLUCOSE, second)))

    assert list(Report.objects.order_by("number").values_list("number", "collected_at")) == [
        (NUMBER, moment("2026-11-20 07:00")),
        (f"{LINK}/202611201400", moment("2026-11-20 14:00")),
    ]
    assert sorted(Result.objects.values_list("reported_value", flat=True)) == ["5.6", "7.2"]


@pytest.mark.parametrize(
    ("sent", "value", "comparator", "outcome"),
    [("&lt;0.01", Decimal("0.01"), "<", ""), ("Âm tính", None, "", "negative"), ("5,6", None, "", "")],
    ids=["compared", "words", "comma"],
)
def test_value_that_is_no_plain_number_is_kept_as_reported(
    exporter: Scene, deliver: Deliver, sent: str, value: Decimal | None, comparator: str, outcome: str
) -> None:
    deliver(vn_xml, export(results=({**GLUCOSE, "GIA_TRI": sent},)))

    row = Result.objects.get()
    assert (row.reported_value, row.value) == (sent.replace("&lt;", "<"), value)
    assert (row.comparator, row.outcome) == (comparator, outcome)
    is_told = ("XML4/CHI_TIET_CLS[1]/GIA_TRI", "number") in findings()
    assert is_told == (sent == "5,6")
    assert ("reference_range" in row.filled_in) == (value is not None)


def test_result_without_service_has_no_time_of_collection(exporter: Scene, deliver: Deliver) -> None:
    deliver(vn_xml, export(services=()))

    row = Result.objects.get()
    assert (row.collected_at, row.released_at) == (None, moment("2026-11-20 08:30"))
    assert "collected_at" not in row.filled_in
    assert findings() == {("XML4/CHI_TIET_CLS[1]/MA_DICH_VU", "service-unknown")}


def test_service_without_results_is_no_report(exporter: Scene) -> None:
    found = vn_xml.split(export(results=()))

    assert found.pieces == ()
    assert [(one.where, one.code) for one in found.findings] == [("XML4", "no-results")]


def test_blank_value_gives_no_result_and_is_told(exporter: Scene, deliver: Deliver) -> None:
    blank = {**POTASSIUM, "GIA_TRI": "---"}

    deliver(vn_xml, export(services=(GLUCOSE_ORDER, POTASSIUM_ORDER), results=(GLUCOSE, blank)))

    assert Result.objects.get().local_code == "GLU01"
    assert findings() == {("XML4/CHI_TIET_CLS[2]/GIA_TRI", "no-value")}
    assert vn_xml.split(export(results=({**GLUCOSE, "GIA_TRI": ""},))).pieces == ()


def test_number_without_unit_waits_and_its_place_is_that_of_the_file(exporter: Scene, deliver: Deliver) -> None:
    unitless = {key: value for key, value in GLUCOSE.items() if key != "DON_VI_DO"}

    deliver(vn_xml, export(results=(unitless, HBSAG)))

    assert findings(InboxMessage.objects.get(state="held")) == {("XML4/CHI_TIET_CLS[1]/DON_VI_DO", "unit")}
    assert HeldResult.objects.get().position == "XML4/CHI_TIET_CLS[1]/MA_CHI_SO"
    assert Result.objects.get().outcome == "negative"


@pytest.mark.parametrize(
    ("changes", "system", "code"),
    [
        ({"MA_CHI_SO": "NEW"}, "MA_CHI_SO", "NEW"),
        ({"MA_CHI_SO": ""}, "MA_DICH_VU", "23.0075.1494"),
    ],
    ids=["unknown index", "no index"],
)
def test_code_that_waits_is_the_index_else_the_service(
    exporter: Scene, deliver: Deliver, changes: Row, system: str, code: str
) -> None:
    deliver(vn_xml, export(results=({**GLUCOSE, **changes},)))

    held = HeldResult.objects.get()
    assert (held.local_system, held.local_code) == (system, code)
    assert exporter.states() == [("held", "code-unknown")]


def test_indices_without_codes_are_told_apart_by_their_names(exporter: Scene, deliver: Deliver) -> None:
    of_panel = {**GLUCOSE, "MA_CHI_SO": "", "MA_DICH_VU": "22.0121.1369"}

    deliver(vn_xml, export(results=({**of_panel, "TEN_CHI_SO": "WBC"}, {**of_panel, "TEN_CHI_SO": "RBC"})))

    assert set(HeldResult.objects.values_list("local_system", "local_code")) == {
        ("TEN_CHI_SO", "WBC"),
        ("TEN_CHI_SO", "RBC"),
    }


def test_result_without_its_time_is_preliminary(exporter: Scene, deliver: Deliver) -> None:
    deliver(vn_xml, export(results=({**GLUCOSE, "NGAY_KQ": ""},)))

    row = Result.objects.get()
    assert (row.status, "status" in row.filled_in) == ("preliminary", False)


@pytest.mark.parametrize(
    ("registered", "told", "state"),
    [
        ("01002", "01001", ("held", "other-facility")),
        ("01001", "01001", ("stored", "")),
        ("HOSPITAL-A", "01001", ("stored", "")),
    ],
    ids=["another", "the same", "not comparable"],
)
def test_export_of_another_facility_is_held(
    exporter: Scene, deliver: Deliver, registered: str, told: str, state: tuple[str, str]
) -> None:
    facility = exporter.laboratory.facility
    facility.code = registered
    facility.save()

    deliver(vn_xml, export({**PATIENT, "MA_CSKCB": told}))

    assert exporter.states() == [state]


def test_results_without_their_patient_are_held_and_told_in_the_split(exporter: Scene, deliver: Deliver) -> None:
    deliver(vn_xml, table("XML4", GLUCOSE))

    assert exporter.states() == [("held", "patient-missing")]
    assert ("XML1", "patient-missing") in findings()
    assert ("XML1", "patient-missing") in {
        (one.where, one.code) for one in vn_xml.split(table("XML4", GLUCOSE)).findings
    }


def test_patient_without_numbers_is_held_by_the_names_of_the_file(exporter: Scene, deliver: Deliver) -> None:
    nameless = {key: value for key, value in PATIENT.items() if key not in ("MA_BN", "SO_CCCD", "MA_THE_BHYT")}

    deliver(vn_xml, export(nameless))

    assert exporter.states() == [("held", "patient-missing")]
    assert ("XML1/TONG_HOP/MA_BN", "patient-missing") in findings()


def test_birth_year_alone_leaves_the_date_open(exporter: Scene, deliver: Deliver) -> None:
    deliver(vn_xml, export({**PATIENT, "NGAY_SINH": "198000000000", "GIOI_TINH": "3"}))

    record = PatientRecord.objects.get()
    assert (record.birth_date, record.sex) == (None, "")
    assert {("XML1/TONG_HOP/NGAY_SINH", "patient-incomplete"), ("XML1/TONG_HOP/GIOI_TINH", "patient-incomplete")} <= (
        findings()
    )
