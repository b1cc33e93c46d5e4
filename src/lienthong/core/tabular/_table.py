"""From a grid to rows with places: header, cells, findings."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from openpyxl.utils import get_column_letter

from lienthong.core.retold import retold as _
from lienthong.core.tabular._cells import Cell, Fault, read_cell
from lienthong.core.tabular._columns import Column, Value
from lienthong.core.tabular._grids import HEADER_WITHIN, Grid, is_blank, iterate_grid
from lienthong.errors import BadInput
from lienthong.findings import Finding
from lienthong.interop.cells import fold

T = TypeVar("T")
# What is wrong with a file as a whole, found at its beginning or in its midst.
WHOLE_FILE = frozenset(
    {"old-excel", "unreadable", "too-large", "too-many-rows", "too-many-cells", "encoding", "quotes"}
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its values by column key, and where they stand; of a row with `faults` what could be read."""

    name: str
    number: int
    values: Mapping[str, Value]
    letters: Mapping[str, str]
    faults: tuple[Finding, ...] = ()

    def where(self, key: str) -> str:
        """Return the place of a column's cell, such as facilities.xlsx!B7, of the row where the column is absent; in a
        file without a name B7 alone.
        """
        cell = f"{self.letters.get(key, 'A')}{self.number}"
        return f"{self.name}!{cell}" if self.name else cell

    def finding(self, key: str, code: str, message: str) -> Finding:
        return Finding(self.where(key), code, message)

    def has(self, key: str) -> bool:
        """Say whether the file has the column at all."""
        return key in self.letters

    def text(self, key: str) -> str:
        """Return text, or a chosen code; "" where the cell is empty."""
        return _typed(self.values.get(key), str, key) or ""

    def integer(self, key: str) -> int | None:
        return _typed(self.values.get(key), int, key)

    def decimal(self, key: str) -> Decimal | None:
        return _typed(self.values.get(key), Decimal, key)

    def yes_no(self, key: str) -> bool | None:
        return _typed(self.values.get(key), bool, key)

    def day(self, key: str) -> dt.date | None:
        return _typed(self.values.get(key), dt.date, key)

    def moment(self, key: str) -> dt.datetime | None:
        return _typed(self.values.get(key), dt.datetime, key)


@dataclass(frozen=True, slots=True)
class _Header:
    """At which row the header stands, and what it says; `keys` gives the column of each accepted title."""

    index: int
    titles: tuple[str, ...]
    keys: Mapping[str, str]

    @property
    def positions(self) -> dict[str, int]:
        return {self.keys[title]: at for at, title in enumerate(self.titles) if title in self.keys}

    def letters(self) -> dict[str, str]:
        return {key: get_column_letter(position + 1) for key, position in self.positions.items()}


def read_table(
    data: bytes, name: str, columns: Sequence[Column], *, zone: dt.tzinfo | None = None, ignore_extra: bool = False
) -> tuple[list[Row], list[Finding]]:
    """Return the rows without a fault, and every finding; `ignore_extra` passes over columns that are not described."""
    rows: list[Row] = []
    findings: list[Finding] = []
    is_whole = True
    for one in stream_table(data, name, columns, zone=zone, ignore_extra=ignore_extra):
        if isinstance(one, Finding):
            findings.append(one)
            is_whole &= one.code not in WHOLE_FILE  # a cell may be too large as well: its row alone is lost
        elif one.faults:
            findings += one.faults
        else:
            rows.append(one)
    if not rows and not findings:
        findings.append(Finding(name, "no-rows", _("the file has no rows below its header")))
    return (rows if is_whole else []), findings


def stream_table(
    data: bytes, name: str, columns: Sequence[Column], *, zone: dt.tzinfo | None = None, ignore_extra: bool = False
) -> Iterator[Row | Finding]:
    """Yield each row, and what is wrong with the file, as it is read; a large file is never whole in memory.

    A finding whose code is one of `WHOLE_FILE` says that the rows before it must not count either.
    """
    keys = {title: column.key for column in columns for title in column.titles()}
    try:
        lines = iterate_grid(data, name, keys)
        head = list(itertools.islice(lines, HEADER_WITHIN))
        header = _header(head, keys)
        if findings := list(_check_header(header, name, columns, ignore_extra=ignore_extra)):
            yield from findings
            return
        grid = itertools.chain(head[header.index + 1 :], lines)
        yield from _rows(grid, header, name, columns, zone)
    except BadInput as error:
        yield from error.findings


def _rows(
    grid: Iterator[list[Cell]], header: _Header, name: str, columns: Sequence[Column], zone: dt.tzinfo | None
) -> Iterator[Row | Finding]:
    letters, positions = header.letters(), header.positions
    used = [(column, positions[column.key]) for column in columns if column.key in positions]
    for index, cells in enumerate(grid, start=header.index + 2):
        if is_blank(cells):
            continue
        values, faults = _values(Row(name, index, {}, letters), cells, used, zone)
        yield Row(name, index, values, letters, tuple(faults))


def _values(
    row: Row, cells: Sequence[Cell], columns: Sequence[tuple[Column, int]], zone: dt.tzinfo | None
) -> tuple[dict[str, Value], list[Finding]]:
    values: dict[str, Value] = {}
    findings = []
    for column, position in columns:
        cell = cells[position] if position < len(cells) else Cell(None)
        if not cell.is_empty:
            try:
                values[column.key] = read_cell(cell, column, zone=zone)
            except Fault as fault:
                findings.append(row.finding(column.key, fault.code, fault.message))
        elif column.is_required:
            findings.append(row.finding(column.key, "empty", _("this cell must be filled")))
        else:
            values[column.key] = None
    return values, findings


def _header(grid: Grid, keys: Mapping[str, str]) -> _Header:
    """Find the row that names most columns."""
    named = [[_title(cell) for cell in cells] for cells in grid[:HEADER_WITHIN]] or [[]]
    known = [sum(title in keys for title in titles) for titles in named]
    index = known.index(max(known))
    return _Header(index, tuple(named[index]), keys)


def _check_header(header: _Header, name: str, columns: Sequence[Column], *, ignore_extra: bool) -> Iterator[Finding]:
    for column in columns:
        if column.is_required and column.key not in header.positions:
            names = {"label": column.label, "key": column.key}
            yield Finding(name, "missing-column", _("the column “%(label)s” (%(key)s) is missing") % names)
    seen = set()
    for position, title in enumerate(header.titles):
        cell = f"{get_column_letter(position + 1)}{header.index + 1}"
        where = f"{name}!{cell}" if name else cell
        key = header.keys.get(title)
        if key in seen:
            yield Finding(where, "doubled-column", _("this column appears twice; keep one"))
        elif key:
            seen.add(key)
        elif title and not ignore_extra:
            message = _("this column is not known; remove it, or name it as one of: %(keys)s")
            yield Finding(where, "unknown-column", message % {"keys": ", ".join(column.key for column in columns)})


def _title(cell: Cell) -> str:
    return fold(str(cell.raw)) if isinstance(cell.raw, str) else ""


def _typed(value: Value, kind: type[T], key: str) -> T | None:
    """Return the value; raise where the column is of another kind than the caller asks for."""
    if value is None:
        return None
    if type(value) is not kind or not isinstance(value, kind):
        raise TypeError(f"column {key} holds {type(value).__name__}, not {kind.__name__}")
    return value
