"""A workbook of several sheets: whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from lienthong.cli.eqa.whole_file import whole_file
from lienthong.errors import BadInput
from lienthong.findings import Finding

MOST_ROWS = 1_048_575
ROWS_A_STEP = 10_000
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"


def write_workbook(
    path: Path, sheets: Mapping[str, Mapping[str, pa.Array]], on_progress: Callable[[int], None] = lambda _: None
) -> None:
    """Write each table of columns as a sheet under its name; text is never taken for a formula.

    The file appears when it is complete; one of the same name is replaced. BadInput for more rows than Excel has.
    """
    from openpyxl import Workbook

    tables = {
        title: pa.table({name: _printable(column) for name, column in columns.items()})
        for title, columns in sheets.items()
    }
    longest = max(table.num_rows for table in tables.values())
    if longest > MOST_ROWS:
        message = f"Excel holds {MOST_ROWS:,} rows and there are {longest:,}; write .csv or .parquet"
        raise BadInput([Finding(str(path), "too-many-rows", message)])
    book = Workbook(write_only=True)
    for title, table in tables.items():
        sheet = book.create_sheet(title[:31])
        sheet.freeze_panes = "A2"
        for number, row in enumerate(_rows(sheet, table)):
            sheet.append(row)
            if number and number % ROWS_A_STEP == 0:
                on_progress(ROWS_A_STEP)
        on_progress(table.num_rows % ROWS_A_STEP)
    with whole_file(path) as draft:
        book.save(draft)


def _printable(column: pa.Array) -> pa.Array:
    """Return a column without the control characters that a workbook can't hold."""
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, _printable(column.dictionary))
    return pc.replace_substring_regex(column, CONTROL, "") if pa.types.is_string(column.type) else column


def _rows(sheet: object, table: pa.Table) -> Iterator[list[object]]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    def cell(value: object, *, is_heading: bool = False) -> object:
        made = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]
        if isinstance(value, str):
            made.data_type = "s"
        if is_heading:
            made.font = Font(bold=True)
        return made

    yield [cell(name, is_heading=True) for name in table.column_names]
    for batch in table.to_batches(max_chunksize=10_000):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield [cell(value) if isinstance(value, str) and value.startswith("=") else value for value in values]
