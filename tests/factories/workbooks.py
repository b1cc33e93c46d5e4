"""Workbooks by their parts: what no program would write, or only one that means harm."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping

from openpyxl import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET, STRINGS, TYPES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "[Content_Types].xml"
_OF_STRINGS = (
    b'<Override PartName="/xl/sharedStrings.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def workbook(*rows: Iterable[object]) -> bytes:
    """A workbook as openpyxl writes it."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def packed(parts: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of one sheet some of whose parts are others, or more."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["code"], ["A1"]))) as plain,
        zipfile.ZipFile(stream, "w", method) as changed,
    ):
        own = {one.filename: plain.read(one) for one in plain.infolist()}
        for name, data in (own | dict(parts)).items():
            changed.writestr(name, data)
    return stream.getvalue()


def with_rows(rows: bytes, *, before: bytes = b"", prolog: bytes = b"") -> bytes:
    """A workbook whose sheet has these rows, and something before them."""
    sheet = b'<worksheet xmlns="%b">%b<sheetData>%b</sheetData></worksheet>' % (MAIN.encode(), before, rows)
    return packed({SHEET: prolog + sheet})


def with_strings(strings: bytes, rows: bytes = b"") -> bytes:
    """A workbook whose texts are shared, as Excel writes them: a cell holds the number of its text."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as plain:
        types = plain.read(TYPES).replace(b"</Types>", _OF_STRINGS)
    sheet = b'<worksheet xmlns="%b"><sheetData>%b</sheetData></worksheet>' % (MAIN.encode(), rows)
    return packed({SHEET: sheet, STRINGS: b'<sst xmlns="%b">%b</sst>' % (MAIN.encode(), strings), TYPES: types})


def marked(data: bytes, *, flags: int | None = None, method: int | None = None) -> bytes:
    """A workbook whose ZIP entries claim other flags (1 is encryption) or another method of packing."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = changed.find(signature)
        while at >= 0:
            for value, place in ((flags, at + offset), (method, at + offset + 2)):
                if value is not None:
                    struct.pack_into("<H", changed, place, value)
            at = changed.find(signature, at + 4)
    return bytes(changed)


def broken(method: int) -> bytes:
    """A workbook whose parts are packed by a method, the list of them damaged."""
    changed = bytearray(packed({}, method=method))
    with zipfile.ZipFile(io.BytesIO(bytes(changed))) as archive:
        begin = archive.getinfo(TYPES).header_offset + 30 + len(TYPES)
    for place in range(begin + 12, begin + 30):
        changed[place] ^= 0xFF
    return bytes(changed)


DAMAGED: Mapping[str, bytes] = {
    "encrypted": marked(workbook(["code"], ["A1"]), flags=1),
    "deflate64": marked(workbook(["code"], ["A1"]), method=9),
    "bzip2": broken(zipfile.ZIP_BZIP2),
    "lzma": broken(zipfile.ZIP_LZMA),
    "no-xml": packed({"xl/workbook.xml": b"<workbook"}),
    "no-workbook": packed({TYPES: b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'}),
}
