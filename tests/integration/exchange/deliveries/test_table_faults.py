"""What people bring in tables: identifiers stay text, faults are told by cell, and no character set is guessed."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from openpyxl import Workbook

from lienthong.exchange.deliveries.kinds import find_kind, split_delivery
from lienthong.exchange.deliveries.pieces import Split
from lienthong.exchange.deliveries.report_form import ReportForm, decode_report
from lienthong.interop import hl7v2

HEADER = ("patient_number", "national_number", "report_number", "code", "value", "birth_date", "collected_at")
GOOD = ("00123", "001180012345", "007", "GLU", "5.60", "17/05/1980", "20/11/2026 07:30")


def csv(*rows: str, header: str = ",".join(HEADER)) -> bytes:
    return "\n".join((header, *rows)).encode()


def workbook(*rows: tuple[object, ...], formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (HEADER, *rows):
        sheet.append(list(row))
    for place, form in (formats or {}).items():
        sheet[place].number_format = form
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parted(data: bytes, charset: str = "utf-8") -> Split:
    return split_delivery("FORM", data, charset=charset)


def only(split: Split) -> ReportForm:
    assert split.findings == ()
    [piece] = split.pieces
    return decode_report(piece.raw)


def changed(**cells: object) -> tuple[object, ...]:
    return tuple(cells.get(name, value) for name, value in zip(HEADER, GOOD, strict=True))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(csv(",".join(GOOD)), id="csv"),
        pytest.param(b"\xef\xbb\xbf" + csv(",".join(GOOD)), id="byte-order-mark"),
        pytest.param(csv(";".join(GOOD), header=";".join(HEADER)), id="semicolon"),
        pytest.param(csv("\t".join(GOOD), header="\t".join(HEADER)), id="tab"),
        pytest.param(csv(",".join(GOOD)).decode().encode("utf-16"), id="utf-16"),
        pytest.param(workbook(GOOD), id="workbook"),
        pytest.param(
            workbook(
                changed(value=5.6, birth_date=dt.date(1980, 5, 17), collected_at=dt.datetime(2026, 11, 20, 7, 30)),  # noqa: DTZ001 — as Excel keeps it
                formats={"E2": "0.00"},
            ),
            id="excel-s-own-dates-and-numbers",
        ),
    ],
)
def test_table_is_read_alike_whichever_program_wrote_it(data: bytes) -> None:
    report = only(parted(data))

    assert find_kind(data) is not None
    assert (report.number, report.patient.number, report.patient.national_number) == ("007", "00123", "001180012345")
    assert (report.patient.birth_date, report.results[0].value) == ("1980-05-17", "5.60")
    assert report.collected_at == dt.datetime(2026, 11, 20, 7, 30)  # noqa: DTZ001 — a time at the facility


@pytest.mark.parametrize(
    ("row", "where", "code"),
    [
        pytest.param(changed(patient_number="1.67E+15"), "A2", "lost-digits", id="csv-number"),
        pytest.param(changed(patient_number=1.67e15), "A2", "lost-digits", id="excel-number"),
        pytest.param(changed(national_number=1180012345), "B2", "number-cell", id="leading-zeros-gone"),
        pytest.param(changed(report_number="1.3E+11"), "C2", "lost-digits", id="report-number"),
        pytest.param(changed(value="5,60"), "E2", "decimal-comma", id="decimal-comma"),
        pytest.param(changed(value="1,234"), "E2", "decimal-comma", id="thousands"),
        pytest.param(changed(birth_date="31/02/1980"), "F2", "not-a-date", id="no-such-day"),
        pytest.param(changed(collected_at="20/11/2026 25:00"), "G2", "not-a-moment", id="no-such-time"),
        pytest.param(changed(collected_at="20/11/2026"), "G2", "not-a-moment", id="no-time"),
        pytest.param(changed(code=""), "D2", "empty", id="value-without-code"),
        pytest.param(changed(code="", value=""), "D2", "empty", id="nothing-in-the-row"),
        pytest.param(changed(patient_number=""), "A2", "empty", id="no-patient"),
    ],
)
def test_fault_is_told_by_its_cell_and_its_report_left_out(row: tuple[object, ...], where: str, code: str) -> None:
    found = parted(workbook(row))

    assert [(one.where, one.code) for one in found.findings] == [(where, code)]
    assert found.pieces == ()
    assert not any(str(value) in one.message for value in row if str(value)[:1].isdigit() for one in found.findings)


def test_fault_leaves_the_reports_of_other_rows_alone() -> None:
    rows = [changed(report_number=f"R{n}", value="5,1" if n == 2 else "5.1") for n in range(1, 5)]

    found = parted(workbook(*rows))

    assert [one.number for one in found.pieces] == ["R1", "R3", "R4"]


def test_report_with_one_faulty_row_is_left_out_whole() -> None:
    rows = [changed(), changed(code="K", value="4.1"), changed(code="NA", value="140,5")]

    assert parted(workbook(*rows)).pieces == ()


def test_row_whose_report_is_unknown_takes_its_neighbours_with_it() -> None:
    rows = [changed(report_number="R1"), changed(report_number="1.2E+11"), changed(report_number="R2", code="K")]
    rows.append(changed(report_number="R3"))

    assert [one.number for one in parted(workbook(*rows)).pieces] == ["R3"]


def test_rows_that_contradict_each_other_name_the_first() -> None:
    found = parted(workbook(changed(), changed(code="K", birth_date="18/05/1980")))

    assert [(one.where, one.code) for one in found.findings] == [("F3", "contradiction")]
    assert "row 2" in found.findings[0].message or "dòng 2" in found.findings[0].message


def test_same_code_twice_in_a_report_is_told() -> None:
    found = parted(workbook(changed(), changed(value="6.1")))

    assert [(one.where, one.code) for one in found.findings] == [("D3", "doubled")]


@pytest.mark.parametrize(
    ("charset", "codec", "name"),
    [
        pytest.param("GB 18030-2000", "gb18030", "王小明", id="gb18030"),
        pytest.param("WINDOWS-1258", "cp1258", "Trần Văn Hùng", id="windows-1258"),
    ],
)
def test_csv_is_read_in_the_character_set_of_its_sender(charset: str, codec: str, name: str) -> None:
    header = "patient_number,name,report_number,code,value"
    data = hl7v2.encode(f"{header}\nP1,{name},R1,GLU,5.6", codec)

    assert find_kind(data) is not None
    assert only(parted(data, charset)).patient.name == name
    assert [one.code for one in parted(data).findings] == ["encoding"]


def test_decimal_comma_is_read_where_the_row_says_so() -> None:
    header = "patient_number;report_number;code;value;range;decimal_sign"

    report = only(parted(csv("P1;R1;GLU;5,60;3,9-6,4;,", header=header)))

    assert (report.results[0].value, report.results[0].range) == ("5.60", "3.9-6.4")


def test_headers_may_be_named_in_the_languages_of_the_interface() -> None:
    header = "Mã bệnh nhân;Số phiếu;local_code;Kết quả;Giới tính"

    report = only(parted(csv("00123;R1;GLU;5.6;nữ", header=header)))

    assert (report.patient.number, report.patient.sex, report.results[0].value) == ("00123", "F", "5.6")


def test_old_workbook_and_foreign_table_are_told_apart() -> None:
    old = bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600

    assert [one.code for one in parted(old).findings] == ["old-excel"]
    assert find_kind(b"a,b,c\n1,2,3\n") is None
    assert [one.code for one in parted(csv("1", header="patient_number")).findings] == ["missing-column"]
