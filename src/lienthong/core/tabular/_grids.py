"""From bytes to a grid of cells, whichever program wrote the file."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from lienthong.core.retold import retold as _
from lienthong.core.tabular._cells import Cell
from lienthong.core.tabular._workbook import MOST_COLUMNS, MOST_ELEMENTS, MOST_WHOLE, TooLarge, workbook_rows
from lienthong.errors import BadInput
from lienthong.findings import Finding
from lienthong.interop.cells import fold

MOST_ROWS = 200_000
MOST_CELLS = 10_000_000
# Bytes of a workbook's parts: all, and those that are read whole and hold no cells (formats, names, the theme).
MOST_UNPACKED, MOST_BESIDE = 200 * 1024 * 1024, MOST_WHOLE
_OF_CELLS = ("xl/worksheets/", "xl/sharedStrings.xml")
_UNREAD = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/pivot", "xl/embeddings/", "xl/comments")
OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
HEADER_WITHIN = 15
DELIMITERS = ",;\t|"

Grid = list[list[Cell]]
Row = TypeVar("Row", bound=Sequence[Any])


def iterate_grid(data: bytes, name: str, titles: Container[str]) -> Iterator[list[Cell]]:
    """Yield the rows one by one, so that a large file is never in memory as cells; raise BadInput as it is met.

    `titles` are the folded headers that may be met: a CSV's separator is the one that finds most of them.
    """
    if data.startswith(OLD_EXCEL):
        raise _unreadable(name, "old-excel", _("this is a workbook of Excel 97–2003; save it as .xlsx"))
    if data.startswith(b"PK"):
        return _limited(_workbook_rows(data, name), name)
    return _limited(_csv_rows(_decoded(data, name), name, titles), name)


def _limited(rows: Iterator[list[Cell]], name: str) -> Iterator[list[Cell]]:
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            message = _("the file has more than %(most)s rows; bring it in parts") % {"most": MOST_ROWS}
            raise _unreadable(name, "too-many-rows", message)
        yield row


def _counted(rows: Iterable[Row], name: str) -> Iterator[Row]:
    """Yield rows as long as they have no more cells together than a table has: a few bytes may claim any number."""
    left = MOST_CELLS
    for row in rows:
        left -= len(row)
        if left < 0:
            message = _(
                "the file has more than %(most)s cells; delete what stands behind the table, or bring it in parts"
            )
            raise _unreadable(name, "too-many-cells", message % {"most": MOST_CELLS})
        yield row


def _is_too_large(archive: zipfile.ZipFile) -> bool:
    beside = whole = 0
    for part in archive.infolist():
        whole += part.file_size
        beside += 0 if part.filename.startswith((*_OF_CELLS, *_UNREAD)) else part.file_size
    return whole > MOST_UNPACKED or beside > MOST_BESIDE


def _workbook_rows(data: bytes, name: str) -> Iterator[list[Cell]]:
    damaged = _("the workbook is damaged or protected by a password; open it in Excel and save it as .xlsx again")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _is_too_large(archive):
                raise TooLarge
        yield from _counted(workbook_rows(data), name)
    except (BadInput, MemoryError):
        raise
    except TooLarge as error:
        message = _(
            "the workbook holds more than is read: at most %(bytes)s MB unpacked, %(elements)s texts, %(columns)s "
            "columns; copy the table alone into a new workbook, or bring it in parts"
        )
        most = {"bytes": MOST_UNPACKED // 1024**2, "elements": MOST_ELEMENTS, "columns": MOST_COLUMNS}
        raise _unreadable(name, "too-large", message % most) from error
    except Exception as error:  # of bytes that are no workbook zipfile, lxml and openpyxl raise nearly all kinds
        raise _unreadable(name, "unreadable", damaged) from error


def _decoded(data: bytes, name: str) -> str:
    encoding = next((label for bom, label in BOMS if data.startswith(bom)), None) or _without_bom(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = _("the text is not UTF-8 or UTF-16; save the file as “CSV UTF-8” or as .xlsx")
        raise BadInput([Finding(f"{name}!A{line}", "encoding", message)]) from error


def _without_bom(data: bytes) -> str:
    """Tell UTF-16 by its zero bytes, which no other text has."""
    start = data[:200]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    return "utf-16-be" if start[0::2].count(0) > len(start) // 4 else "utf-8"


def _csv_rows(text: str, name: str, titles: Container[str]) -> Iterator[list[Cell]]:
    number = 0
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, titles), strict=True)
        for row in _counted(read, name):
            number += 1
            yield [Cell(value) for value in row]
    except csv.Error as error:
        message = _("the quotation marks from this row on don't fit; save the file as .xlsx")
        raise BadInput([Finding(f"{name}!A{number + 1}", "quotes", message)]) from error


def _delimiter(text: str, titles: Container[str]) -> str:
    """Return the separator by which one of the first rows names most columns; a comma where none does."""
    lines = text.splitlines()[:HEADER_WITHIN]

    def named(delimiter: str) -> int:
        return max(
            (sum(fold(part.strip('"')) in titles for part in line.split(delimiter)) for line in lines), default=0
        )

    return max(DELIMITERS, key=named)


def _unreadable(name: str, code: str, message: str) -> BadInput:
    return BadInput([Finding(name, code, message)])


def is_blank(row: Sequence[Cell]) -> bool:
    return all(cell.is_empty for cell in row)
