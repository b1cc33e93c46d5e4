"""From rows of cells to wanted columns: where the header stands, and what is below it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lienthong.cli.tables._columns import Column, find_columns, known_headings
from lienthong.cli.tables._reading import refuse
from lienthong.cli.tables._table import Table
from lienthong.interop.cells import Raw, fold

HEADER_WITHIN = 15


@dataclass(frozen=True, slots=True)
class Header:
    """At which row, counted from 1, the headings stand, and what they are."""

    row: int
    headings: tuple[str, ...]


def find_header(rows: Sequence[Sequence[Raw]], known: Container[str]) -> Header:
    """Return the row among the first that names most of the known columns; the first where none does."""
    texts = [tuple("" if cell is None else str(cell) for cell in row) for row in rows[:HEADER_WITHIN]] or [()]
    named = [sum(fold(text) in known for text in row) for row in texts]
    index = named.index(max(named))
    return Header(index + 1, texts[index])


def table_of_grid(
    name: str, grid: Sequence[Sequence[Raw]], wanted: Mapping[str, Column], mapping: Mapping[str, str]
) -> tuple[Table, dict[str, list[Raw]]]:
    """Return a table that has names and numbers but no columns yet, and the raw cells of the wanted columns."""
    header = find_header(grid, known_headings(wanted, mapping))
    positions, findings = find_columns(name, header.headings, wanted, mapping)
    refuse(findings)
    at = [row for row in range(header.row, len(grid)) if _has_content(grid[row], positions.values())]
    cells = {key: [_cell(grid[row], position) for row in at] for key, position in positions.items()}
    headings = {key: header.headings[position] for key, position in positions.items()}
    return Table(name, {}, headings, len(at), numbered=np.array(at, dtype=np.intp) + 1), cells


def _has_content(row: Sequence[Raw], positions: Iterable[int]) -> bool:
    return any(_cell(row, position) not in (None, "") for position in positions)


def _cell(row: Sequence[Raw], position: int) -> Raw:
    return row[position] if position < len(row) else None
