"""Excel: the first sheet of a workbook."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

from openpyxl import load_workbook

from lienthong.cli.tables._careful import table_of_cells
from lienthong.cli.tables._columns import Column
from lienthong.cli.tables._grid import table_of_grid
from lienthong.cli.tables._table import Table
from lienthong.errors import BadInput
from lienthong.findings import Finding
from lienthong.interop.cells import Raw


def read(path: Path, wanted: Mapping[str, Column], mapping: Mapping[str, str]) -> Table:
    """Read the first sheet, whichever program wrote it."""
    data = path.read_bytes()
    try:
        grid = _rows(data)
    except Exception as error:  # of bytes that are no workbook zipfile, lxml and openpyxl raise nearly all kinds
        message = "the workbook is damaged or protected by a password; open it in Excel and save it as .xlsx again"
        raise BadInput([Finding(path.name, "unreadable", message)]) from error
    empty, cells = table_of_grid(path.name, grid, wanted, mapping)
    return table_of_cells(empty, cells, wanted)


def _rows(data: bytes) -> list[list[Raw]]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what other programs write there is often wrong
        return [[_raw(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def _raw(value: object) -> Raw:
    """Keep plain values; what openpyxl has classes for (rich text, formulas) becomes text."""
    if value is None or isinstance(value, (str, int, float, dt.date, dt.time, dt.timedelta)):
        return value
    return str(value)
