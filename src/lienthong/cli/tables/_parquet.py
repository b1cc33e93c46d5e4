"""Parquet: only the wanted columns, on every core."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lienthong.cli.tables._arrow import values_of
from lienthong.cli.tables._careful import table_of_cells
from lienthong.cli.tables._columns import Column, find_columns
from lienthong.cli.tables._reading import refuse
from lienthong.cli.tables._table import Table
from lienthong.errors import BadInput
from lienthong.findings import Finding


def read(path: Path, wanted: Mapping[str, Column], mapping: Mapping[str, str]) -> Table:
    """Read the wanted columns; rows are numbered from 1, as a Parquet file has no header row."""
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            return _read(file, path.name, wanted, mapping)
    except pa.ArrowException as error:
        raise BadInput(
            [Finding(path.name, "unreadable", f"this is not a Parquet file, or it is damaged: {error}")]
        ) from error


def _read(file: pq.ParquetFile, name: str, wanted: Mapping[str, Column], mapping: Mapping[str, str]) -> Table:
    names = file.schema_arrow.names
    positions, findings = find_columns(name, names, wanted, mapping)
    refuse(findings)
    headings = {key: names[position] for key, position in positions.items()}
    columns = file.read(columns=list(dict.fromkeys(headings.values())), use_threads=True)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = threads.map(lambda key: values_of(columns[headings[key]], wanted[key].kind), headings)
        converted = dict(zip(headings, found, strict=True))
    read = {key: values for key, values in converted.items() if values is not None}
    strange = {key: columns[headings[key]].to_pylist() for key in headings if key not in read}
    table = Table(name, read, headings, columns.num_rows, first_row=1)
    careful = table_of_cells(table, strange, wanted)
    return Table(name, {key: {**read, **careful.columns}[key] for key in headings}, headings, columns.num_rows, 1)
