"""CSV, with comma, semicolon, tab or bar, in UTF-8 or UTF-16."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Container, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from lienthong.cli.tables._arrow import values_of
from lienthong.cli.tables._careful import table_of_cells
from lienthong.cli.tables._cells import BLANK_NUMBERS
from lienthong.cli.tables._columns import Column, Kind, find_columns, known_headings
from lienthong.cli.tables._grid import Header, find_header, table_of_grid
from lienthong.cli.tables._reading import refuse
from lienthong.cli.tables._table import Table
from lienthong.errors import BadInput
from lienthong.findings import Finding
from lienthong.interop.cells import fold

DELIMITERS = ",;\t|"
HEADER_WITHIN = 15
ENOUGH_FOR_HEADER = 1 << 16
TYPES = {
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.TEXT: pa.string(),
    Kind.LABEL: pa.dictionary(pa.int32(), pa.string()),
    Kind.INSTANT: pa.timestamp("us"),
}
TRUE = ("true", "True", "TRUE", "1", "yes", "Yes", "YES")
FALSE = ("false", "False", "FALSE", "0", "no", "No", "NO")


def read(path: Path, wanted: Mapping[str, Column], mapping: Mapping[str, str]) -> Table:
    """Read by columns where every cell is plain, else cell by cell."""
    data = _as_utf8(path.read_bytes(), path.name)
    delimiter, header, line = _header(data, known_headings(wanted, mapping))
    positions, findings = find_columns(path.name, header.headings, wanted, mapping)
    refuse(findings)
    kinds = {position: wanted[key].kind for key, position in positions.items()}
    has_odd_rows = line != header.row or _has_empty_lines(data)
    columns = None if has_odd_rows else _fast(data, delimiter, header, kinds)
    if columns is not None:
        headings = {key: header.headings[position] for key, position in positions.items()}
        read = {key: values_of(columns[f"f{position}"], wanted[key].kind) for key, position in positions.items()}
        known = {key: values for key, values in read.items() if values is not None}
        if len(known) == len(read):
            return Table(path.name, known, headings, columns.num_rows, header.row + 1)
    return _careful(data, path.name, delimiter, wanted, mapping)


def _fast(data: bytes, delimiter: str, header: Header, kinds: Mapping[int, Kind]) -> pa.Table | None:
    """Return the wanted columns, named f0, f1, …; None where a cell is not plainly of its kind."""
    for point in (".", ","):
        try:
            return arrow_csv.read_csv(
                pa.BufferReader(data),
                arrow_csv.ReadOptions(skip_rows=header.row, autogenerate_column_names=True, block_size=1 << 22),
                arrow_csv.ParseOptions(delimiter=delimiter),
                arrow_csv.ConvertOptions(
                    include_columns=[f"f{position}" for position in kinds],
                    column_types={f"f{position}": TYPES[kind] for position, kind in kinds.items()},
                    null_values=sorted(BLANK_NUMBERS),
                    true_values=TRUE,
                    false_values=FALSE,
                    decimal_point=point,
                    timestamp_parsers=[arrow_csv.ISO8601],  # its other parsers take 31/02 for 3 March
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowKeyError):
            continue
    return None


def _careful(data: bytes, name: str, delimiter: str, wanted: Mapping[str, Column], mapping: Mapping[str, str]) -> Table:
    grid = []
    try:
        for row in csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter, strict=True):
            grid.append(row)
    except csv.Error as error:
        message = "the quotation marks from this row on don't fit; mend them, or save the file as .xlsx"
        raise BadInput([Finding(f"{name}, row {len(grid) + 1}", "quotes", message)]) from error
    empty, cells = table_of_grid(name, grid, wanted, mapping)
    return table_of_cells(empty, cells, wanted)


def _header(data: bytes, known: Container[str]) -> tuple[str, Header, int]:
    """Return the separator by which one of the first rows names most columns, that row, and its line."""
    start = data[:ENOUGH_FOR_HEADER].decode(errors="ignore")
    found = {}
    for delimiter in DELIMITERS:
        rows, lines = _first_rows(start, delimiter)
        header = find_header(rows, known)
        found[delimiter] = (header, lines[header.row - 1] if lines else 0)
    best = max(DELIMITERS, key=lambda delimiter: _named(found[delimiter][0], known))
    return best, *found[best]


def _first_rows(text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the first rows, and the line on which each ends: a cell may hold line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = [(row, reader.line_num) for row in islice(reader, HEADER_WITHIN)]
    return [row for row, _ in rows], [line for _, line in rows]


def _named(header: Header, known: Container[str]) -> int:
    return sum(fold(heading) in known for heading in header.headings)


def _has_empty_lines(data: bytes) -> bool:
    """Say whether a line before the last is empty; Arrow would not count it as a row, Excel does."""
    first = [at for at in map(data.find, (b"\n\n", b"\n\r\n", b"\r\r")) if at >= 0]
    return bool(first) and not data[min(first) :].isspace()


def _as_utf8(data: bytes, name: str) -> bytes:
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None
    try:
        if encoding:
            return data.decode(encoding).encode()
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        message = "the text is not UTF-8 or UTF-16; save the file as “CSV UTF-8” or as .xlsx"
        raise BadInput([Finding(f"{name}, row {row}", "encoding", message)]) from error
    return data
