"""Tables as people save them, and each way in which they go wrong."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import MAC_EPOCH
from tests.factories.workbooks import packed

from lienthong.core.tabular import Column, Kind, _grids, read_table, template_bytes
from lienthong.errors import BadInput

SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
COLUMNS = (
    Column("code", "Code", longest=8, aliases=("mã cơ sở", "编号")),
    Column("day", "Day", kind=Kind.DAY, is_required=False),
    Column("value", "Value", kind=Kind.NUMBER, is_required=False, least=0, most=1000, decimals=3),
    Column("count", "Count", kind=Kind.INTEGER, is_required=False),
    Column("mobile", "Mobile", kind=Kind.YES_NO, is_required=False),
    Column(
        "owner", "Owner", kind=Kind.CHOICE, is_required=False, choices={"public": ("công lập", "公立"), "private": ()}
    ),
    Column("at", "At", kind=Kind.MOMENT, is_required=False),
)


def sheet(*rows: list[object], formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for place, form in (formats or {}).items():
        page[place].number_format = form
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def only(data: bytes, name: str = "t.csv") -> dict[str, object]:
    rows, findings = read_table(data, name, COLUMNS, zone=HANOI)
    assert findings == []
    assert len(rows) == 1
    return dict(rows[0].values)


def fault(data: bytes, name: str = "t.csv") -> tuple[str, str]:
    rows, findings = read_table(data, name, COLUMNS, zone=HANOI)
    assert rows == []
    assert len(findings) == 1, findings
    return findings[0].where, findings[0].code


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"code,day\nA1,31/12/2026\n", id="utf-8"),
        pytest.param("\ufeffcode;day\nA1;31/12/2026\n".encode(), id="bom and semicolons"),
        pytest.param("code\tday\r\nA1\t2026-12-31\r\n".encode("utf-16"), id="utf-16"),
        pytest.param("code,day\nA1,2026.12.31\n".encode("utf-16-le"), id="utf-16 without bom"),
        pytest.param("Danh sách cơ sở, tháng 3\n\nMÃ_CƠ SỞ ,day\nA1,31-12-2026".encode(), id="title above, alias"),
        pytest.param("编号,day\nA1,2026年12月31日".encode(), id="chinese"),
        pytest.param("code,day\n\u200bA1\u00a0,３１/１２/２０２６\n".encode(), id="invisible signs and full width"),
        pytest.param(b"code,day\nA1,46387\n", id="serial day in csv"),
        pytest.param(sheet(["code", "day"], ["A1", 46387]), id="serial day in a workbook"),
        pytest.param(sheet(["code", "day"], ["A1", dt.date(2026, 12, 31)]), id="day cell"),
    ],
)
def test_read_table_of_one_row_gives_the_same_values_however_it_was_saved(data: bytes) -> None:
    assert only(data) == {"code": "A1", "day": dt.date(2026, 12, 31)}


@pytest.mark.parametrize(
    ("title", "written", "meant"),
    [
        ("value", "7,25", Decimal("7.25")),
        ("value", "7.25", Decimal("7.25")),
        ("value", "1e2", Decimal(100)),
        ("count", "12", 12),
        ("mobile", "Có", True),
        ("mobile", "否", False),
        ("owner", "CÔNG LẬP", "public"),
        ("at", "31/12/2026 07:05", dt.datetime(2026, 12, 31, 7, 5, tzinfo=HANOI)),
        ("at", "2026-12-31T07:05:09", dt.datetime(2026, 12, 31, 7, 5, 9, tzinfo=HANOI)),
        ("at", "2026-12-31T00:05Z", dt.datetime(2026, 12, 31, 0, 5, tzinfo=dt.UTC)),
        ("at", "2026-12-31 07:05+07:00", dt.datetime(2026, 12, 31, 0, 5, tzinfo=dt.UTC)),
        ("value", "", None),
    ],
)
def test_cell_of_each_kind_is_read(title: str, written: str, meant: object) -> None:
    assert only(f"code;{title}\nA1;{written}\n".encode())[title] == meant


@pytest.mark.parametrize(
    ("title", "written", "code"),
    [
        ("day", "12/31/2026", "not-a-date"),
        ("day", "29/02/2026", "not-a-date"),
        ("day", "1/1/26", "not-a-date"),
        ("day", "soon", "not-a-date"),
        ("value", "1,234.5", "not-a-number"),
        ("value", "1.234.567", "not-a-number"),
        ("value", "7 mmol/L", "not-a-number"),
        ("value", "-1", "too-small"),
        ("value", "1001", "too-large"),
        ("value", "0.1234", "too-many-decimals"),
        ("count", "1.5", "not-an-integer"),
        ("mobile", "maybe", "not-yes-or-no"),
        ("owner", "state", "not-a-choice"),
        ("at", "31/12/2026", "not-a-moment"),
        ("at", "31/12/2026 25:00", "not-a-moment"),
        ("value", "#DIV/0!", "formula-error"),
    ],
)
def test_bad_cell_is_found_by_row_and_column(title: str, written: str, code: str) -> None:
    assert fault(f"code;{title}\nA1;{written}\n".encode()) == ("t.csv!B2", code)


@pytest.mark.parametrize(
    ("data", "where", "code"),
    [
        (b"", "t.csv", "missing-column"),
        (b"code\n", "t.csv", "no-rows"),
        (b"day\n2026-01-01\n", "t.csv", "missing-column"),
        (b"code,colour\nA1,red\n", "t.csv!B1", "unknown-column"),
        (b"code,Code\nA1,A1\n", "t.csv!B1", "doubled-column"),
        (b"code,day\n,2026-01-01\n", "t.csv!A2", "empty"),
        (b"code\nABCDEFGHI\n", "t.csv!A2", "too-long"),
        (b"code\n1.2E+11\n", "t.csv!A2", "lost-digits"),
        (b'code\n"A1\nB1\n', "t.csv!A2", "quotes"),
        ("code\nHải Dương\n".encode("cp1258", "replace"), "t.csv!A2", "encoding"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"rest", "t.csv", "old-excel"),
        (sheet(["code"], ["A1"])[:900], "t.csv", "unreadable"),
        (sheet(["code"], [1234567890123456]), "t.csv!A2", "lost-digits"),
        (sheet(["code"], ["#REF!"]), "t.csv!A2", "formula-error"),
        (sheet(["code"], ["=1/0"]), "t.csv!A2", "formula-error"),
    ],
)
def test_bad_file_is_found_with_its_place(data: bytes, where: str, code: str) -> None:
    assert fault(data) == (where, code)


def test_faulty_row_leaves_the_good_ones() -> None:
    rows, findings = read_table(b"code,value\nA1,1\nA2,x\n\nA3,3\n", "t.csv", COLUMNS, zone=HANOI)

    assert [(row.number, row.text("code"), row.where("value")) for row in rows] == [
        (2, "A1", "t.csv!B2"),
        (5, "A3", "t.csv!B5"),
    ]
    assert [finding.where for finding in findings] == ["t.csv!B3"]


def test_cell_that_is_too_large_loses_its_row_alone() -> None:
    rows, findings = read_table(b"code,value\nA1,1\nA2,1001\nA3,3\n", "t.csv", COLUMNS, zone=HANOI)

    assert [row.text("code") for row in rows] == ["A1", "A3"]
    assert [(finding.where, finding.code) for finding in findings] == [("t.csv!B3", "too-large")]


def test_identifiers_in_excel_keep_their_zeros_and_gain_no_point() -> None:
    data = sheet(["code"], [123], [7.0], ["00456"], formats={"A2": "00000"})

    rows, findings = read_table(data, "t.xlsx", COLUMNS, zone=HANOI)

    assert findings == []
    assert [row.text("code") for row in rows] == ["00123", "7", "00456"]


def test_workbook_that_counts_from_1904_gives_the_day_excel_shows() -> None:
    book = load_workbook(io.BytesIO(sheet(["code", "day"], ["A1", 44925])))
    book.epoch = MAC_EPOCH
    stream = io.BytesIO()
    book.save(stream)

    assert only(stream.getvalue())["day"] == dt.date(2026, 12, 31)


def test_row_asked_for_another_kind_raises() -> None:
    rows, _ = read_table(b"code\nA1\n", "t.csv", COLUMNS, zone=HANOI)

    with pytest.raises(TypeError, match="column code holds str"):
        rows[0].decimal("code")


def test_columns_that_are_not_described_are_passed_over_when_asked() -> None:
    rows, findings = read_table(b"code,colour\nA1,red\n", "t.csv", COLUMNS, zone=HANOI, ignore_extra=True)

    assert findings == []
    assert dict(rows[0].values) == {"code": "A1"}


def test_template_is_read_back_with_its_own_header() -> None:
    book = load_workbook(io.BytesIO(template_bytes("Facilities", COLUMNS)))
    page = book.worksheets[0]
    page["A2"] = "00123"
    page["F2"] = "private"
    stream = io.BytesIO()
    book.save(stream)

    assert only(stream.getvalue())["code"] == "00123"
    assert "public = công lập = 公立; private" in [cell.value for cell in book.worksheets[1]["E"]]


@SLOW_MACHINE
@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_findings(data: bytes) -> None:
    rows, findings = read_table(data, "t", COLUMNS, zone=HANOI)

    assert rows or findings


@SLOW_MACHINE
@given(st.data())
def test_workbook_cut_anywhere_gives_findings(data: st.DataObject) -> None:
    whole = sheet(["code", "value"], ["A1", 1])
    kept = data.draw(st.floats(0, 1, exclude_max=True))  # a share: the file holds the time, so its length varies

    rows, findings = read_table(whole[: int(kept * len(whole))], "t", COLUMNS, zone=HANOI)

    assert rows == []
    assert findings


@SLOW_MACHINE
@given(st.decimals(0, 1000, places=3, allow_nan=False))
def test_number_is_the_same_with_point_and_with_comma(number: Decimal) -> None:
    point = only(f"code;value\nA1;{number}\n".encode())["value"]
    comma = only(f"code;value\nA1;{str(number).replace('.', ',')}\n".encode())["value"]

    assert point == comma == number


def test_workbook_of_few_bytes_that_claims_endless_cells_is_refused() -> None:
    far = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(1, 4))
    data = packed(
        {
            "xl/worksheets/sheet1.xml": b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b"<sheetData>" + far + b"</sheetData></worksheet>"
        }
    )

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_grids, "MOST_CELLS", 40_000)  # three rows have 49,152
        with pytest.raises(BadInput) as refused:
            list(_grids.iterate_grid(data, "t.xlsx", set()))

    assert [one.code for one in refused.value.findings] == ["too-many-cells"]
    assert _grids.MOST_CELLS < 16_384 * _grids.MOST_ROWS / 100


def test_text_of_commas_is_refused_before_it_becomes_cells() -> None:
    with pytest.raises(BadInput) as refused:
        list(_grids.iterate_grid(b"," * (_grids.MOST_CELLS + 1), "t.csv", set()))

    assert [one.code for one in refused.value.findings] == ["too-many-cells"]


def test_workbook_whose_formats_alone_would_fill_the_memory_is_refused() -> None:
    data = packed({"xl/styles.xml": b" " * (_grids.MOST_BESIDE + 1)})

    with pytest.raises(BadInput) as refused:
        list(_grids.iterate_grid(data, "t.xlsx", set()))

    assert len(data) < 100_000
    assert [one.code for one in refused.value.findings] == ["too-large"]


def test_name_in_a_template_is_no_formula() -> None:
    column = Column("owner", "=1+1", kind=Kind.CHOICE, choices={"=2+2": ()})

    book = load_workbook(io.BytesIO(template_bytes("t", [column])))

    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row if cell.value}
    assert kinds == {"s"}
