"""Tables as Excel files, exactly as shown; identifiers stay text."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

Cell = str | int | float | dt.date | dt.datetime | None
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def excel_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Answer with a workbook of one sheet; `name` without extension is the file's and the sheet's name."""
    response = HttpResponse(workbook_bytes(name, header, rows), content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def workbook_bytes(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the workbook. Instants are written in the active zone; text is never taken for a formula or a number."""
    book = Workbook(write_only=False)
    sheet = book.active
    assert sheet is not None  # noqa: S101 — a new workbook has a sheet
    sheet.title = name[:31]
    for column, title in enumerate(header, start=1):
        cell = sheet.cell(row=1, column=column, value=_written(str(title)))
        cell.data_type, cell.font = "s", Font(bold=True)
    for index, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(row=index, column=column, value=_written(value))
            if isinstance(value, str):
                cell.data_type = "s"
                cell.number_format = "@"
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _written(value: Cell) -> Cell:
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.make_naive(value)
    # What a workbook can't hold may stand in whatever a sender wrote; its table must be readable all the same.
    return ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value
