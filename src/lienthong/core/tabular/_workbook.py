"""A workbook's first sheet, row by row, whatever the file claims to hold.

openpyxl knows formats, dates and kinds of cells, and is asked for them. What it would keep whole until the end of a
part (shared strings, elements that it does not know, rows that come again) is counted here while it is unpacked, and
dropped: a few kilobytes unpack to hundreds of megabytes.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, iterparse

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet._reader import FORMULA_TAG, INLINE_STRING, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from lienthong.core.tabular._cells import Cell
from lienthong.interop.cells import Raw

# Shared strings, elements of a sheet that stand outside its rows, and elements of one row.
MOST_ELEMENTS = 1_000_000
MOST_COLUMNS = 16_384  # as in Excel
# Bytes, and marks (<), of a part that is read whole: formats, names. Excel keeps 64,000 formats of cells.
MOST_WHOLE, MOST_MARKS = 8 * 1024 * 1024, 250_000
# Bytes that the parser gets at a time: few, for many elements at a time make it slow; more and more where no row ends,
# for a mark that does not end in a piece is read again with each.
LEAST_PIECE, MOST_PIECE = 16 * 1024, 1024 * 1024
STRING, RUN, TEXT = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "r", "t"))
FAILED = "#VALUE!"  # as Excel writes it
DOCTYPES = tuple("<!DOCTYPE".encode(codec) for codec in ("utf-8", "utf-16-le", "utf-16-be"))


class TooLarge(Exception):
    """The workbook unpacks to more than a table holds."""


def workbook_rows(data: bytes) -> Iterator[list[Cell]]:
    """Yield the rows of the first sheet; raise TooLarge, or what zipfile, expat and openpyxl raise at damaged bytes."""
    reader = _Reader(data)
    with reader.archive:
        reader.read_manifest()
        reader.read_strings()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        with reader.archive.open(_first_sheet(reader)) as part:
            yield from _rows(part, reader)


class _Archive(zipfile.ZipFile):
    """Refuses a part that is asked for whole and is too large for that."""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        told = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        if told.file_size > MOST_WHOLE:
            raise TooLarge
        data = super().read(name, pwd)
        if data.count(b"<") > MOST_MARKS:
            raise TooLarge
        return data


class _Reader(ExcelReader):
    """openpyxl's reader, with shared strings that are counted."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        self.archive = _Archive(io.BytesIO(data))

    def read_strings(self) -> None:
        if part := self.package.find(SHARED_STRINGS):
            with self.archive.open(part.PartName[1:]) as packed:
                self.shared_strings = [_text(one).replace("x005F_", "") for one in _elements(packed, STRING)]


class _Cells(WorkSheetParser):
    """openpyxl's reader of cells, to which a text that stands in its cell costs as much as ten others.

    A formula whose value no program has written is no empty cell, but a failed one; one that gives no text is a "str".
    """

    def parse_cell(self, element: Element) -> dict[str, Any]:
        inline = element.find(INLINE_STRING) if element.get("t") == "inlineStr" else None
        if inline is not None:
            element.set("t", "str")
            value = Element(VALUE_TAG)
            value.text = _text(inline)
            element.insert(0, value)
        told: dict[str, Any] = super().parse_cell(element)
        if told["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
            told["value"] = FAILED
        return told


class _Unpacked:
    """A part as the parser reads it; `size` is that of the next piece."""

    def __init__(self, part: IO[bytes]) -> None:
        self.part, self.end, self.size = part, b"", LEAST_PIECE

    def read(self, _size: int = -1) -> bytes:
        """Return the next piece; raise ValueError at a document type, with which some bytes become many."""
        piece = self.part.read(self.size)
        self.size = min(2 * self.size, MOST_PIECE)
        seen = self.end + piece
        if any(one in seen for one in DOCTYPES):
            raise ValueError("a part of a workbook has no document type")  # ISO/IEC 29500-2
        self.end = seen[-max(map(len, DOCTYPES)) :]
        return piece


def _elements(part: IO[bytes], tag: str) -> Iterator[Element]:
    """Yield the elements of a name, each whole and then emptied; raise TooLarge at one more than may be kept at a time.

    What stands within such an element is let go with it. The emptied element stays in the tree, as does what stands
    outside: both count to the end.
    """
    left = before = MOST_ELEMENTS
    source = _Unpacked(part)
    parsed: Any = source
    for event, element in iterparse(parsed, ("start", "end")):  # noqa: S314 — entities are refused, elements counted
        if event == "start":
            left -= 1
            if left < 0:
                raise TooLarge
            if element.tag == tag:
                before = left
        elif element.tag == tag:
            yield element
            element.clear()
            left, source.size = before, LEAST_PIECE


def _text(element: Element) -> str:
    """Return a text without its formats; how it is pronounced is no part of it."""
    return (element.findtext(TEXT) or "") + "".join(run.findtext(TEXT) or "" for run in element.findall(RUN))


def _first_sheet(reader: _Reader) -> str:
    names = set(reader.valid_files)
    for _sheet, relation in reader.parser.find_sheets():
        if relation.target in names and "chartsheet" not in relation.Type:
            return str(relation.target)
    raise KeyError("the workbook has no sheet")


def _rows(part: IO[bytes], reader: _Reader) -> Iterator[list[Cell]]:
    """Yield the rows, those too that the file leaves out; raise ValueError where they don't follow one another."""
    book = reader.wb
    parser = _Cells(part, reader.shared_strings, data_only=True)
    last = 0
    for element in _elements(part, ROW_TAG):
        if len(element) > MOST_COLUMNS:
            raise TooLarge
        number, cells = parser.parse_row(element)  # type: ignore[arg-type]  # the stubs take attributes for a list
        if number <= last:
            raise ValueError("a row comes again, or after one that follows it")
        yield from ([] for _ in range(last + 1, number))
        last = number
        yield _row(cells, book)


def _row(cells: list[dict[str, Any]], book: Any) -> list[Cell]:
    epoch: dt.datetime = book.epoch
    row = [Cell(None, "", epoch)] * max((one["column"] for one in cells), default=0)
    for one in cells:
        value = _value(one, book)
        # the number format is looked up for numbers only: it takes longer than to read the cell
        form = _form(book, one["style_id"]) if isinstance(value, (int, float)) else ""
        row[one["column"] - 1] = Cell(value, form, epoch)
    return row


def _value(cell: dict[str, Any], book: Any) -> Raw:
    """Return the value of a cell, a day or a time where its format shows one.

    openpyxl would do the same, and repeat the content of a cell in a warning.
    """
    value, style = cell["value"], cell["style_id"]
    if cell["data_type"] != "n" or not isinstance(value, (int, float)) or style not in book._date_formats:
        return _raw(value)
    try:
        return _raw(from_excel(value, book.epoch, timedelta=style in book._timedelta_formats))
    except (OverflowError, ValueError):
        return FAILED


def _form(book: Any, style: int) -> str:
    number = book._cell_styles[style].numFmtId
    if number < BUILTIN_FORMATS_MAX_SIZE:
        return str(BUILTIN_FORMATS.get(number, "General"))
    return str(book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE] or "")


def _raw(value: object) -> Raw:
    """Keep plain values; what openpyxl has classes for (rich text, formulas) becomes text."""
    if value is None or isinstance(value, (str, int, float, dt.date, dt.time, dt.timedelta)):
        return value
    return str(value)
