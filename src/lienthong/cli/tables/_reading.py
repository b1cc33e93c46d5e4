"""From a file to a table, or to every fault of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.tables._columns import Column
from lienthong.cli.tables._table import Labels, Table, Values
from lienthong.errors import BadInput, NotFound
from lienthong.findings import Finding

Reader = Callable[[Path, Mapping[str, Column], Mapping[str, str]], Table]

# Loaded when a file of the kind is read: openpyxl alone takes longer to start than most tables to read.
READERS = {".csv": "_delimited", ".tsv": "_delimited", ".parquet": "_parquet", ".xlsx": "_workbook"}
MOST_FINDINGS = 50


def read_table(path: Path, *, wanted: Mapping[str, Column], mapping: Mapping[str, str] | None = None) -> Table:
    """Read the wanted columns of a CSV, Parquet or Excel file; `mapping` gives headings that replace the usual ones.

    Rows whose wanted cells are all blank are passed over. Raises NotFound where there is no such file, BadInput with
    at most 50 findings, and how many more, where a column is missing or a cell can't be read.
    """
    if not path.is_file():
        raise NotFound(f"{path} is not there; give a file that ends in {', '.join(READERS)}")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        message = f"files may end in {', '.join(READERS)}; save it as one of these"
        raise BadInput([Finding(path.name, "unknown-format", message)])
    read: Reader = import_module(f"lienthong.cli.tables.{reader}").read
    table = read(path, wanted, mapping or {})
    if reader != "_parquet":
        table = _without_blank_rows(table)
    if not table.row_count:
        raise BadInput([Finding(table.name, "no-rows", "the file has no rows below its headings")])
    refuse(blank_findings(table, wanted))
    return table


def refuse(findings: list[Finding]) -> None:
    """Raise BadInput where there are findings, the first 50 of them and how many more."""
    if not findings:
        return
    shown = findings[:MOST_FINDINGS]
    if len(findings) > MOST_FINDINGS:
        name = findings[0].where.partition(",")[0]
        shown.append(Finding(name, "more", f"{len(findings) - MOST_FINDINGS:,} more cells are at fault"))
    raise BadInput(shown)


def blank_findings(table: Table, wanted: Mapping[str, Column]) -> list[Finding]:
    """Return a finding for each blank cell of a column in which every cell must be filled."""
    findings = []
    for key, column in wanted.items():
        if key not in table or column.may_be_blank:
            continue
        findings += [table.finding(int(i), key, "blank", "this cell must be filled") for i in _where_blank(table, key)]
    return findings


def _where_blank(table: Table, key: str) -> NDArray[np.intp]:
    return np.flatnonzero(_is_blank(table.columns[key]))


def _is_blank(values: Values) -> NDArray[np.bool_]:
    if isinstance(values, Labels):
        return np.zeros(values.codes.size, dtype=np.bool_) if values.names is None else values.codes < 0
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype.kind == "M":
        return np.isnat(values)
    return values == "" if values.dtype.kind in "UO" else np.zeros(values.size, dtype=np.bool_)


def _without_blank_rows(table: Table) -> Table:
    """Drop rows without any content; Excel often leaves some below the last."""
    blank = np.ones(table.row_count, dtype=np.bool_)
    for values in table.columns.values():
        if not blank.any():
            return table
        if not isinstance(values, Labels) and values.dtype.kind == "b":
            blank &= ~values.astype(np.bool_)
        else:
            blank &= _is_blank(values)
    if not blank.any():
        return table
    kept = np.flatnonzero(~blank)
    columns = {
        key: values.take(kept) if isinstance(values, Labels) else values[kept] for key, values in table.columns.items()
    }
    return Table(table.name, columns, table.headings, kept.size, table.first_row, table.rows(kept))
