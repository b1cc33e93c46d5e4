from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from tests.factories.workbooks import DAMAGED

from lienthong.cli.tables import Column, Kind, Labels, read_table, write_table
from lienthong.errors import BadInput, NotFound

WANTED = {
    "value": Column(("value", "result", "kết quả", "结果"), Kind.NUMBER, is_required=True),
    "level": Column(("level", "mức", "水平"), Kind.LABEL),
    "run": Column(("run",), Kind.INTEGER),
    "excluded": Column(("excluded",), Kind.FLAG),
    "measured_at": Column(("measured at",), Kind.INSTANT),
    "note": Column(("note",), Kind.TEXT),
}
PLAIN = """value,level,run,excluded,measured_at,note
5.1,L1,1,no,2026-03-02T07:30:00,a
,L2,2,yes,,
5.3,,3,,2026-03-04 08:00,c
"""
FIRST = dt.datetime.fromisoformat("2026-03-02T07:30")  # without an offset, as Excel holds it
LAST = dt.datetime.fromisoformat("2026-03-04T08:00")


def csv_file(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "controls.csv"
    path.write_bytes(text.encode(encoding))
    return path


def excel_file(folder: Path, rows: list[list[object]]) -> Path:
    path = folder / "controls.xlsx"
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def parquet_file(folder: Path, columns: dict[str, object]) -> Path:
    path = folder / "controls.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def faults(path: Path, **mapping: str) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as raised:
        read_table(path, wanted=WANTED, mapping=mapping)
    return [(finding.where, finding.code) for finding in raised.value.findings]


def excel_of_plain(folder: Path) -> Path:
    return excel_file(
        folder,
        [
            ["value", "level", "run", "excluded", "measured_at", "note"],
            [5.1, "L1", 1, "no", FIRST, "a"],
            [None, "L2", 2, True, None, None],
            [5.3, None, 3, None, LAST, "c"],
        ],
    )


def parquet_of_plain(folder: Path) -> Path:
    at = [FIRST, None, LAST]
    flags = [False, True, None]
    return parquet_file(
        folder,
        {
            "value": [5.1, None, 5.3],
            "level": ["L1", "L2", None],
            "run": [1, 2, 3],
            "excluded": flags,
            "measured_at": at,
            "note": ["a", None, "c"],
        },
    )


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda folder: csv_file(folder, PLAIN), id="csv"),
        pytest.param(lambda folder: csv_file(folder, PLAIN.replace(",no,", ",không,")), id="csv-cell-by-cell"),
        pytest.param(lambda folder: csv_file(folder, PLAIN, encoding="utf-16"), id="csv-utf-16"),
        pytest.param(lambda folder: csv_file(folder, PLAIN.replace("\n", "\r\n"), encoding="utf-8-sig"), id="csv-bom"),
        pytest.param(lambda folder: csv_file(folder, PLAIN.replace(",", ";").replace("5.", "5,")), id="decimal-comma"),
        pytest.param(excel_of_plain, id="xlsx"),
        pytest.param(parquet_of_plain, id="parquet"),
    ],
)
def test_columns_are_the_same_whatever_the_format(tmp_path: Path, write: object) -> None:
    table = read_table(write(tmp_path), wanted=WANTED)

    assert table.row_count == 3
    assert np.array_equal(table.numbers("value"), [5.1, np.nan, 5.3], equal_nan=True)
    assert table.labels("level").texts().tolist() == ["L1", "L2", ""]
    assert table.array("run").tolist() == [1, 2, 3]
    assert table.array("excluded").tolist() == [False, True, False]
    assert table.array("measured_at").astype(str).tolist() == [
        "2026-03-02T07:30:00.000000",
        "NaT",
        "2026-03-04T08:00:00.000000",
    ]
    assert table.array("note").tolist() == ["a", "", "c"]


@pytest.mark.parametrize("heading", ["VALUE", "Kết quả", "KẾT_QUẢ", " 结果 ", "Result:"])
def test_heading_is_known_in_any_language_and_case(tmp_path: Path, heading: str) -> None:
    table = read_table(csv_file(tmp_path, f"x,{heading}\n1,2.5\n"), wanted=WANTED)

    assert table.numbers("value").tolist() == [2.5]


def test_heading_that_is_mapped_replaces_the_usual_ones(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "value,Ergebnis\n1,2.5\n")

    table = read_table(path, wanted=WANTED, mapping={"value": "ergebnis"})

    assert table.numbers("value").tolist() == [2.5]
    assert table.where(0, "value") == "controls.csv, row 2, column Ergebnis"


def test_mapping_of_an_unknown_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no column is called valeu"):
        read_table(csv_file(tmp_path, PLAIN), wanted=WANTED, mapping={"valeu": "x"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("value\n1\nabc\n", [("row 3, column value", "not-a-number")], id="text"),
        pytest.param("value\n1,234.5\n", [("row 2, column value", "not-a-number")], id="thousands"),
        pytest.param("value\n1\n\n2\nx\n", [("row 5, column value", "not-a-number")], id="after-a-blank-line"),
        pytest.param("Lab 7\nvalue\nx\n", [("row 3, column value", "not-a-number")], id="below-a-title"),
        pytest.param("value\ninf\n", [("row 2, column value", "not-a-number")], id="infinite"),
        pytest.param("value,run\n1,\n", [("row 2, column run", "blank")], id="blank-integer"),
        pytest.param("value,run\n1,1.5\n", [("row 2, column run", "not-an-integer")], id="broken-integer"),
        pytest.param("value,measured at\n1,31/02/2026\n", [("row 2, column measured at", "not-an-instant")], id="day"),
        pytest.param("value,excluded\n1,maybe\n", [("row 2, column excluded", "not-yes-or-no")], id="flag"),
        pytest.param("value,level\n1,a\n2,1.2E+11\n", [("row 3, column level", "lost-digits")], id="lost-digits"),
        pytest.param("value,note\n1,#REF!\n", [("row 2, column note", "formula-error")], id="formula"),
        pytest.param(
            "value,measured at\n1,1/1/2026 25:00\n", [("row 2, column measured at", "not-an-instant")], id="time"
        ),
        pytest.param(
            "value,measured at\n1,2026-01-01 07:00\n1,2026-01-01 07:00+07:00\n",
            [("row 2, column measured at", "offset-missing")],
            id="offset",
        ),
    ],
)
def test_fault_is_named_with_row_and_column(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    path = csv_file(tmp_path, text.replace(",", ";") if "1,234" in text else text)

    assert faults(path) == [(f"controls.csv, {where}", code) for where, code in expected]


def test_identifiers_that_lost_digits_are_refused_in_every_format(tmp_path: Path) -> None:
    excel = excel_file(tmp_path, [["value", "level"], [1, 1234567890123456]])
    parquet = parquet_file(tmp_path, {"value": [1.0, 2.0], "level": ["A", "1,2E+11"]})

    assert faults(excel) == [("controls.xlsx, row 2, column level", "lost-digits")]
    assert faults(parquet) == [("controls.parquet, row 2, column level", "lost-digits")]


def test_every_fault_of_every_column_is_found(tmp_path: Path) -> None:
    path = excel_file(tmp_path, [["value", "run"], ["abc", 1], [2, 1.5], [None, None], ["#N/A!", None]])

    assert faults(path) == [
        ("controls.xlsx, row 2, column value", "not-a-number"),
        ("controls.xlsx, row 5, column value", "not-a-number"),
        ("controls.xlsx, row 3, column run", "not-an-integer"),
        ("controls.xlsx, row 5, column run", "blank"),
    ]


def test_more_than_fifty_faults_are_counted(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "value\n" + "x\n" * 1053)

    with pytest.raises(BadInput) as raised:
        read_table(path, wanted=WANTED)

    assert len(raised.value.findings) == 51
    assert raised.value.findings[-1].message == "1,003 more cells are at fault"


def test_message_shows_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"row 2, column value: '5,1,2' is not a number; write 7\.5 or 7,5"):
        read_table(csv_file(tmp_path, 'value\n"5,1,2"\n'), wanted=WANTED)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("level\nL1\n", "missing-column", id="missing"),
        pytest.param("value,result\n1,2\n", "doubled-column", id="ambiguous"),
        pytest.param("value\n", "no-rows", id="no-rows"),
        pytest.param("", "missing-column", id="empty"),
        pytest.param('value,note\n1,"a\n2,b\n', "quotes", id="quotes"),
    ],
)
def test_table_that_cannot_be_used_says_why(tmp_path: Path, text: str, code: str) -> None:
    assert [found for _, found in faults(csv_file(tmp_path, text))] == [code]


def test_text_in_an_old_code_page_is_refused_with_its_row(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "value,note\n1,a\n2,é\n", encoding="latin-1")

    assert faults(path) == [("controls.csv, row 3", "encoding")]


@pytest.mark.parametrize("name", ["controls.parquet", "controls.xlsx"])
def test_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("value\n1\n")

    assert [code for _, code in faults(path)] == ["unreadable"]


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in DAMAGED.items()])
def test_damaged_workbook_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "controls.xlsx"
    path.write_bytes(data)

    assert [code for _, code in faults(path)] == ["unreadable"]


def test_extension_and_absence_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "controls.doc"
    other.touch()

    assert [code for _, code in faults(other)] == ["unknown-format"]
    with pytest.raises(NotFound, match=r"none\.csv is not there"):
        read_table(tmp_path / "none.csv", wanted=WANTED)


def test_blank_cell_of_a_column_that_must_be_filled_is_a_fault(tmp_path: Path) -> None:
    wanted = {"value": Column(("value",), Kind.NUMBER, may_be_blank=False), "note": Column(("note",), Kind.TEXT)}

    with pytest.raises(BadInput, match="row 3, column value: this cell must be filled"):
        read_table(csv_file(tmp_path, "value,note\n1,a\n,b\n"), wanted=wanted)


def test_blank_rows_are_passed_over_and_numbers_stay_the_files(tmp_path: Path) -> None:
    table = read_table(excel_file(tmp_path, [["value"], [1], [None], [3], [None]]), wanted=WANTED)

    assert table.numbers("value").tolist() == [1, 3]
    assert [table.row(0), table.row(1)] == [2, 4]
    assert table.rows(np.array([1])).tolist() == [4]


def test_rows_of_parquet_are_counted_from_one(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, {"value": ["1", "x"]})

    assert faults(path) == [("controls.parquet, row 2, column value", "not-a-number")]


def test_labels_sort_as_their_names_do(tmp_path: Path) -> None:
    labels = read_table(csv_file(tmp_path, "value,level\n1,10\n2,B\n3,2\n4, B \n5,A\n6,007\n"), wanted=WANTED).labels(
        "level"
    )

    assert labels.texts().tolist() == ["10", "B", "2", "B", "A", "007"]
    assert labels.codes.tolist() == [2, 4, 0, 4, 3, 1]


def test_labels_that_are_integers_stay_integers(tmp_path: Path) -> None:
    labels = read_table(parquet_file(tmp_path, {"value": [1.0, 2.0], "level": [7, 3]}), wanted=WANTED).labels("level")

    assert labels.names is None
    assert labels.codes.tolist() == [7, 3]
    assert labels.take(np.array([1])).texts().tolist() == ["3"]


def test_header_with_a_line_break_is_read(tmp_path: Path) -> None:
    table = read_table(csv_file(tmp_path, 'x,"kết\nquả"\n1,2\n3,4\n'), wanted=WANTED)

    assert table.numbers("value").tolist() == [2, 4]


@pytest.mark.parametrize("extension", [".csv", ".parquet", ".xlsx"])
def test_what_is_written_is_read_again(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"verdicts{extension}"
    level = Labels(np.array([1, -1, 0]), np.array(["=1+1", "Mức 2"]))

    write_table(path, {"value": np.array([1.5, np.nan, 2]), "level": level, "run": np.array([3, 2, 1])})
    table = read_table(path, wanted=WANTED)

    assert np.array_equal(table.numbers("value"), [1.5, np.nan, 2], equal_nan=True)
    assert table.labels("level").texts().tolist() == ["Mức 2", "", "=1+1"]
    assert table.array("run").tolist() == [3, 2, 1]
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Excel holds 1,048,575 rows"):
        write_table(tmp_path / "all.xlsx", {"value": np.zeros(1_048_576)})
    with pytest.raises(BadInput, match="files are written as"):
        write_table(tmp_path / "all.doc", {"value": np.zeros(1)})

    assert list(tmp_path.iterdir()) == []
