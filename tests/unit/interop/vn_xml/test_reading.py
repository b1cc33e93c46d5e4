"""Stays from exports as hospitals write them: in an envelope, alone, in any order, and in part."""

from __future__ import annotations

import pytest
from tests.factories.national import (
    GLUCOSE,
    GLUCOSE_ORDER,
    LINK,
    PATIENT,
    envelope,
    export,
    hoso,
    stay,
    table,
)

from lienthong.findings import Finding
from lienthong.interop.vn_xml import FIELDS, Reading, Stay, is_export, read_birth, read_stays, read_time


def read(data: bytes) -> tuple[list[Stay], list[Finding]]:
    reading = Reading()
    return list(read_stays(data, reading)), reading.findings


def test_stay_of_an_envelope_has_patient_services_and_results() -> None:
    (found,), findings = read(export())

    patient = found.patient
    assert findings == []
    assert patient is not None
    assert (patient.link, patient.patient_number, patient.name) == (LINK, "BN000417", "Nguyễn Thị Đào")
    assert (patient.citizen_number, patient.sex, patient.facility) == ("001180012345", "2", "01001")
    assert patient.insurance_cards == ("DN4010112345678", "GD4010112345678")
    assert patient.birth is not None
    assert patient.birth.text == "19800517"
    (service,), (result,) = found.services, found.results
    assert service.ordered_at is not None
    assert (service.ordered_at.text, service.devices) == ("202611200700", ("XN.1.01001.C6",))
    assert (result.index_code, result.value, result.unit) == ("GLU01", "5.6", "mmol/L")
    assert (found.position, result.row.position) == ("HOSO[1]", "XML4/CHI_TIET_CLS[1]")


def test_tables_may_come_in_any_order_and_others_are_passed_over() -> None:
    tables = [("XML4", table("XML4", GLUCOSE)), ("XML2", b"<no xml"), ("XML3", table("XML3", GLUCOSE_ORDER))]
    in_reverse = envelope(hoso(*tables, ("XML1", table("XML1", PATIENT))))

    found, findings = read(in_reverse)

    assert findings == []
    assert [(one.patient, one.services, one.results) for one in found] == [
        (one.patient, one.services, one.results) for one in read(export())[0]
    ]


@pytest.mark.parametrize("name", ["XML1", "XML3", "XML4"])
def test_table_by_itself_gives_the_stays_of_its_rows(name: str) -> None:
    first = {"XML1": PATIENT, "XML3": GLUCOSE_ORDER, "XML4": GLUCOSE}[name]
    rows = [first] if name == "XML1" else [first, {**first, "MA_LK": "LK26.0002"}]
    data = table(name, *rows)

    found, findings = read(data)

    assert is_export(data)
    assert findings == []
    assert [one.link for one in found] == [row["MA_LK"] for row in rows]
    counts = [(one.patient is not None, len(one.services), len(one.results)) for one in found]
    assert counts == [(name == "XML1", name == "XML3", name == "XML4")] * len(rows)


def test_stays_of_a_long_export_come_one_after_the_other() -> None:
    stays = read_stays(envelope(*(stay() for _ in range(50))), Reading())

    assert [next(stays).position for _ in range(3)] == ["HOSO[1]", "HOSO[2]", "HOSO[3]"]


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        ("not/base64!", "base64", "HOSO[1]/XML4/NOIDUNGFILE"),
        ("PGE+PGI+PC9hPg==", "xml", "HOSO[1]/XML4"),
        ("&lt;a&gt;&lt;b&gt;&lt;/a&gt;", "xml", "HOSO[1]/XML4"),
    ],
    ids=["no base64", "no xml within", "no xml as text"],
)
def test_table_that_can_not_be_read_is_told_with_its_place(content: str, code: str, where: str) -> None:
    data = envelope(f"<HOSO><FILEHOSO><LOAIHOSO>xml4</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO></HOSO>")

    _, findings = read(data)

    assert [(one.where, one.code) for one in findings] == [(where, code)]


@pytest.mark.parametrize(
    ("declared", "codec"), [("utf-16", "utf-8"), ("utf-8", "utf-8-sig"), ("windows-1258", "utf-8-sig")]
)
def test_table_within_is_read_in_its_own_character_set(declared: str, codec: str) -> None:
    (found,), _ = read(envelope(hoso(("XML1", table("XML1", PATIENT, declared=declared, codec=codec)))))

    assert found.patient is not None
    assert found.patient.name == "Nguyễn Thị Đào"


def test_findings_name_places_and_no_value() -> None:
    bad = {**GLUCOSE, "NGAY_KQ": "20/11/2026"}
    nameless = {key: value for key, value in GLUCOSE.items() if key != "MA_LK"}
    patient = {**PATIENT, "NGAY_SINH": "17-05-1980", "GIOI_TINH": "Nữ"}

    _, findings = read(envelope(stay(patient, results=(GLUCOSE, bad, nameless)), count=2))

    assert {(one.where, one.code) for one in findings} == {
        ("HOSO[1]/XML1/TONG_HOP/NGAY_SINH", "date"),
        ("HOSO[1]/XML1/TONG_HOP/GIOI_TINH", "sex-code"),
        ("HOSO[1]/XML4/CHI_TIET_CLS[2]/NGAY_KQ", "date"),
        ("HOSO[1]/XML4/CHI_TIET_CLS[3]/MA_LK", "required"),
        ("SOLUONGHOSO", "file-count"),
    }
    assert not any(value in one.message for one in findings for value in ("20/11", "17-05", "Nữ"))


def test_second_summary_of_a_stay_is_told_and_not_taken() -> None:
    two = hoso(("XML1", table("XML1", PATIENT)), ("XML1", table("XML1", {**PATIENT, "HO_TEN": "Lê Văn Bình"})))

    (found,), findings = read(envelope(two))

    assert found.patient is not None
    assert found.patient.name == "Nguyễn Thị Đào"
    assert [one.code for one in findings] == ["repeated"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("202611200700", "minute"),
        ("20261120070015", "second"),
        ("20261120", "day"),
        ("202613200700", None),
        ("2026112007", None),
        ("2026-11-20", None),
        ("２０２６１１２０", None),
    ],
)
def test_time_is_read_with_its_precision(text: str, expected: str | None) -> None:
    found = read_time(text)

    assert (found.precision if found else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("198005170000", "19800517"),
        ("19800517", "19800517"),
        ("1980", "1980"),
        ("198000000000", "1980"),
        ("198005000000", "198005"),
        ("198013170000", None),
        ("17051980000", None),
    ],
    ids=["whole", "day", "year", "zeros for day and month", "zeros for the day", "no such month", "eleven digits"],
)
def test_birth_is_known_as_far_as_it_is_told(text: str, expected: str | None) -> None:
    found = read_birth(text)

    assert (found.text if found else None) == expected


@pytest.mark.parametrize("data", [b"", b"{}", b"<ClinicalDocument/>", b"MSH|^~\\&|"])
def test_other_bytes_are_no_export(data: bytes) -> None:
    assert not is_export(data)


def test_fields_are_named_once_in_each_table() -> None:
    named = [(one.table, one.element) for one in FIELDS]

    assert len(set(named)) == len(named)
    assert {one.element for one in FIELDS if not one.checked} == {
        *("NGAY_SINH", "GIOI_TINH", "MA_LOAI_KCB", "MA_NHOM", "NGAY_TH_YL")
    }
