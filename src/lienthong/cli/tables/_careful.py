"""Cell by cell: what the fast ways refuse is accepted here, or named with its row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.tables._cells import Fault, Value, read_cell
from lienthong.cli.tables._columns import Column, Kind
from lienthong.cli.tables._reading import refuse
from lienthong.cli.tables._table import Labels, Table, Values
from lienthong.findings import Finding
from lienthong.interop.cells import Raw


def table_of_cells(empty: Table, cells: Mapping[str, Sequence[Raw]], wanted: Mapping[str, Column]) -> Table:
    """Return the table of these cells, named and numbered as `empty` is; BadInput with each cell at fault."""
    columns: dict[str, Values] = {}
    findings: list[Finding] = []
    for key, raw in cells.items():
        values, faults = column_of_cells(raw, wanted[key].kind)
        findings += [empty.finding(i, key, fault.code, str(fault)) for i, fault in faults]
        columns[key] = values
    refuse(findings)
    return Table(empty.name, columns, empty.headings, empty.row_count, empty.first_row, empty.numbered)


def column_of_cells(cells: Sequence[Raw], kind: Kind) -> tuple[Values, list[tuple[int, Fault]]]:
    """Return the array of these cells, and the positions and reasons of those at fault."""
    values: list[Value] = [None] * len(cells)
    faults = []
    for i, raw in enumerate(cells):
        try:
            values[i] = read_cell(raw, kind)
        except Fault as fault:
            faults.append((i, fault))
            continue
        if kind is Kind.INTEGER and values[i] is None:
            faults.append((i, Fault("blank", "this cell must hold a whole number")))
    if kind is Kind.INSTANT:
        faults += _offsets_missing(values)
    return ARRAYS[kind](values), faults


def labels_of_texts(codes: NDArray[np.integer], names: Sequence[str]) -> Labels:
    """Return labels whose names stand in their order, given in any; codes −1 and a name "" are blank."""
    kept = sorted({name for name in names if name}, key=_natural)
    place = {name: position for position, name in enumerate(kept)}
    new = np.array([*(place.get(name, -1) for name in names), -1], dtype=np.int32)
    return Labels(new[codes], np.array(kept, dtype=np.str_))


def _natural(name: str) -> tuple[int, int, str]:
    """Numbers come first, by size; 2 before 10."""
    whole = name.isascii() and name.lstrip("-").isdigit()
    return (0, int(name), name) if whole else (1, 0, name)


def _labels(values: list[Value]) -> Labels:
    names = list(dict.fromkeys(str(value) for value in values if value is not None))
    place = {name: position for position, name in enumerate(names)}
    codes = np.array([-1 if value is None else place[str(value)] for value in values], dtype=np.int32)
    return labels_of_texts(codes, names)


def _offsets_missing(values: list[Value]) -> Iterator[tuple[int, Fault]]:
    """Refuse instants without an offset beside others that have one: their order is not known."""
    instants = [(i, value.tzinfo is None) for i, value in enumerate(values) if isinstance(value, dt.datetime)]
    if len({naive for _, naive in instants}) == 2:
        message = "the offset is missing, which other rows have; write +07:00 after the time, in every row or in none"
        yield from ((i, Fault("offset-missing", message)) for i, naive in instants if naive)


def _instants(values: list[Value]) -> NDArray[np.datetime64]:
    utc = [
        value.astimezone(dt.UTC).replace(tzinfo=None) if isinstance(value, dt.datetime) and value.tzinfo else value
        for value in values
    ]
    return np.array(utc, dtype="datetime64[us]")


ARRAYS: dict[Kind, Callable[[list[Value]], Values]] = {
    Kind.NUMBER: lambda values: np.array([np.nan if value is None else value for value in values], dtype=np.float64),
    Kind.INTEGER: lambda values: np.array([value or 0 for value in values], dtype=np.int64),
    Kind.FLAG: lambda values: np.array([bool(value) for value in values], dtype=np.bool_),
    Kind.TEXT: lambda values: np.array([value or "" for value in values], dtype=np.str_),
    Kind.LABEL: _labels,
    Kind.INSTANT: _instants,
}
