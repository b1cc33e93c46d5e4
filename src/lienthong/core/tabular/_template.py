"""An empty workbook to fill in: the header, and a second sheet that says what each column may hold."""

from __future__ import annotations

import io
from collections.abc import Sequence

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lienthong.core.tabular._columns import KIND_WORDS, Column, Kind

FILLED_ROWS = 1000


def template_bytes(title: str, columns: Sequence[Column]) -> bytes:
    """Return a workbook with the columns' labels in the active language and a sheet "Codes" that explains them."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 — a new workbook has a sheet
    sheet.title = title[:31]
    _write(sheet, [[str(column.label) for column in columns]])
    for position, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = max(12, len(str(column.label)) + 2)
        if column.kind in (Kind.TEXT, Kind.CHOICE):  # so that 00123 keeps its zeros while it is typed
            for row in range(2, FILLED_ROWS + 2):
                sheet.cell(row=row, column=position).number_format = "@"
    codes = book.create_sheet(_("Codes")[:31])
    _write(codes, [[_("Column"), _("Key"), _("Filled"), _("What it holds"), _("Codes")], *_explained(columns)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _explained(columns: Sequence[Column]) -> list[list[str]]:
    return [
        [
            str(column.label),
            column.key,
            _("always") if column.is_required else _("may be empty"),
            str(KIND_WORDS[column.kind]),
            "; ".join(" = ".join((code, *others)) for code, others in column.choices.items()),
        ]
        for column in columns
    ]


def _write(sheet: Worksheet, rows: list[list[str]]) -> None:
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            sheet.cell(row=number, column=place, value=text).data_type = "s"  # a name is no formula
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
