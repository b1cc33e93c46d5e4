"""Workbooks that are damaged, or endless for their bytes, are refused with a reason, and nothing of them counts."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from openpyxl import load_workbook
from tests.factories.workbooks import DAMAGED, SHEET, packed, with_rows, with_strings, workbook

from lienthong.core.tabular import Column, Kind, _grids, _workbook, read_table, stream_table
from lienthong.findings import Finding

COLUMNS = (Column("code", "Code"), Column("value", "Value", kind=Kind.NUMBER, is_required=False))
HEAD = b'<row r="1"><c r="A1" t="str"><v>code</v></c></row>'
ROW = b'<row r="2"><c r="A2" t="str"><v>A1</v></c></row>'


def read(data: bytes) -> tuple[list[str], list[str]]:
    """Return the codes of the rows, and of the findings."""
    rows, findings = read_table(data, "t.xlsx", COLUMNS)
    return [row.text("code") for row in rows], [one.code for one in findings]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a test reaches at once: what counts is that they are kept."""
    monkeypatch.setattr(_workbook, "MOST_ELEMENTS", 1000)
    monkeypatch.setattr(_workbook, "MOST_COLUMNS", 100)
    monkeypatch.setattr(_workbook, "MOST_MARKS", 2000)


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in DAMAGED.items()])
def test_damaged_workbook_is_refused_as_such(data: bytes) -> None:
    assert read(data) == ([], ["unreadable"])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_strings(b"<si/>" * 1001), id="shared-strings"),
        pytest.param(with_strings(b"<si>" + b"<r/>" * 1001 + b"</si>"), id="runs-of-a-shared-string"),
        pytest.param(with_strings(b"<a/>" * 1001), id="beside-shared-strings"),
        pytest.param(with_rows(HEAD + ROW, before=b"<a/>" * 1001), id="before-the-rows"),
        pytest.param(with_rows(HEAD + b"<a/>" * 1001 + ROW), id="between-the-rows"),
        pytest.param(with_rows(HEAD + b"<a>" * 1001), id="one-in-the-other"),
        pytest.param(with_rows(HEAD + b'<row r="2">' + b"<c/>" * 101 + b"</row>"), id="cells-of-a-row"),
        pytest.param(with_rows(HEAD + b"<row><c><is>" + b"<r/>" * 1001 + b"</is></c></row>"), id="within-a-cell"),
        pytest.param(packed({"xl/styles.xml": b"<a>" + b"<b/>" * 2001 + b"</a>"}), id="formats"),
    ],
)
def test_workbook_of_endless_elements_is_refused(small: None, data: bytes) -> None:
    rows, findings = read_table(data, "t.xlsx", COLUMNS)

    assert (rows, [one.code for one in findings]) == ([], ["too-large"])
    assert "1000000" in findings[0].message


def test_as_many_as_are_taken_are_read(small: None) -> None:
    many = b"".join(b'<row r="%d"><c t="s"><v>1</v></c></row>' % number for number in range(2, 900))
    texts = b"<si><t>code</t></si><si><t>A1</t></si>" + b"<si><t/></si>" * 990

    assert read(with_strings(texts, b'<row r="1"><c t="s"><v>0</v></c></row>' + many)) == (["A1"] * 898, [])


def test_shared_texts_are_read_without_their_formats_and_pronunciation() -> None:
    texts = (
        b"<si><t>code</t></si>"
        b"<si><r><rPr><b/></rPr><t>A</t></r><r><t>1</t></r></si>"
        b"<si><t>B2</t><rPh sb='0' eb='1'><t>bee</t></rPh></si>"
    )
    rows = b"".join(b'<row r="%d"><c t="s"><v>%d</v></c></row>' % (number + 1, number) for number in range(3))

    assert read(with_strings(texts, rows)) == (["A1", "B2"], [])


def test_long_mark_is_read_in_larger_and_larger_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser reads a mark that has not ended from its beginning again with each piece: 200 MB took an hour."""
    pieces: list[int] = []
    read_piece = _workbook._Unpacked.read

    def counting(part: _workbook._Unpacked, size: int = -1) -> bytes:
        piece = read_piece(part, size)
        pieces.append(len(piece))
        return piece

    monkeypatch.setattr(_workbook._Unpacked, "read", counting)
    found = read(with_rows(HEAD + ROW, before=b"<!--" + b"x" * 3_000_000 + b"-->"))

    assert found == (["A1"], [])
    assert len(pieces) < 12


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_type_is_refused(encoding: str) -> None:
    sheet = f"<!DOCTYPE a [<!ENTITY e 'x'>]><worksheet xmlns='{_workbook.SHEET_MAIN_NS}'><sheetData/></worksheet>"

    assert read(packed({SHEET: sheet.encode(encoding)})) == ([], ["unreadable"])


@pytest.mark.parametrize("rows", [pytest.param(HEAD + ROW + ROW, id="again"), pytest.param(ROW + HEAD, id="backwards")])
def test_rows_out_of_order_are_not_left_out_in_silence(rows: bytes) -> None:
    assert read(with_rows(rows)) == ([], ["unreadable"])


def test_cells_out_of_order_are_all_read() -> None:
    cells = b'<row r="2"><c r="B2"><v>5</v></c><c r="A2" t="str"><v>A1</v></c></row>'
    head = b'<row r="1"><c r="B1" t="str"><v>value</v></c><c r="A1" t="str"><v>code</v></c></row>'

    [row], findings = read_table(with_rows(head + cells), "t.xlsx", COLUMNS)

    assert (row.text("code"), row.decimal("value"), findings) == ("A1", 5, [])


def test_number_of_more_digits_than_any_number_has_is_told_by_its_cell() -> None:
    head = b'<row><c t="str"><v>code</v></c><c t="str"><v>value</v></c></row>'
    long = b'<row><c t="str"><v>A1</v></c><c><v>' + b"9" * 400 + b"</v></c></row>"

    _rows, findings = read_table(with_rows(head + long), "t.xlsx", COLUMNS)

    assert [(one.where, one.code) for one in findings] == [("t.xlsx!B2", "not-a-number")]


def test_day_that_no_calendar_has_is_told_by_its_cell_and_not_in_a_warning() -> None:
    book = load_workbook(io.BytesIO(workbook(["code"], [99_999_999], [46_387])))
    for place in ("A2", "A3"):
        book.worksheets[0][place].number_format = "dd/mm/yyyy"
    stream = io.BytesIO()
    book.save(stream)

    found, findings = read_table(stream.getvalue(), "t.xlsx", COLUMNS)

    assert [(one.where, one.code) for one in findings] == [("t.xlsx!A2", "formula-error")]
    assert [row.text("code") for row in found] == ["2026-12-31"]


def test_formula_that_gives_no_text_is_an_empty_cell() -> None:
    head = b'<row><c t="str"><v>code</v></c><c t="str"><v>value</v></c></row>'
    empty = b'<row><c t="str"><v>A1</v></c><c t="str"><f>IF(1,"","")</f><v></v></c></row>'

    assert read(with_rows(head + empty)) == (["A1"], [])


def _csv() -> bytes:
    return b"code\n" + b"A1\n" * 5 + b"," * 50


def _sheet() -> bytes:
    return workbook(["code"], *(["A1"] for _ in range(5)), [None] * 49 + ["x"])


@pytest.mark.parametrize("make", [_csv, _sheet])
@pytest.mark.parametrize(
    ("bound", "most", "code"), [("MOST_CELLS", 40, "too-many-cells"), ("MOST_ROWS", 4, "too-many-rows")]
)
def test_rows_before_a_bound_do_not_count(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes], bound: str, most: int, code: str
) -> None:
    monkeypatch.setattr(_grids, bound, most)
    monkeypatch.setattr("lienthong.core.tabular._table.HEADER_WITHIN", 2)

    streamed = list(_kinds(make()))
    found = read(make())

    assert (streamed[0], streamed[-1]) == ("row", code)
    assert found == ([], [code])


def _kinds(data: bytes) -> Iterator[str]:
    for one in stream_table(data, "t", COLUMNS):
        yield one.code if isinstance(one, Finding) else "row"
