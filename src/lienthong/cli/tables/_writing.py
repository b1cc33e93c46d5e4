"""Columns into a file: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lienthong.cli.tables._table import Labels, Values
from lienthong.errors import BadInput
from lienthong.findings import Finding

MOST_EXCEL_ROWS = 1_048_575


def write_table(path: Path, columns: Mapping[str, Values | pa.Array]) -> None:
    """Write columns of one length under their headings as CSV, Parquet or Excel; nan and NaT become blank cells.

    The file appears when it is complete; one of the same name is replaced. BadInput for another extension, and for
    more rows than Excel has.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        message = f"files are written as {', '.join(EXTENSIONS)}; give a name that ends in one of these"
        raise BadInput([Finding(str(path), "unknown-format", message)])
    table = pa.table({heading: _array(values) for heading, values in columns.items()})
    if path.suffix.lower() == ".xlsx" and table.num_rows > MOST_EXCEL_ROWS:
        message = f"Excel holds {MOST_EXCEL_ROWS:,} rows and there are {table.num_rows:,}; write .csv or .parquet"
        raise BadInput([Finding(str(path), "too-many-rows", message)])
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        write(Path(beside), table)
        Path(beside).chmod(0o666 & ~_mask())
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def _array(values: Values | pa.Array) -> pa.Array:
    if isinstance(values, Labels):
        return _labels(values)
    if isinstance(values, np.ndarray):
        return pa.array(values, from_pandas=True)  # nan becomes a blank cell
    return values


def _labels(labels: Labels) -> pa.Array:
    if labels.names is None:
        return pa.array(labels.codes)
    indices = pa.array(labels.codes, type=pa.int32(), mask=labels.codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(labels.names.tolist(), type=pa.string()))


def _mask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write_parquet(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    labels = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    pq.write_table(table, path, use_dictionary=labels)  # numbers hardly repeat, and looking for it takes longest


def _write_csv(path: Path, table: pa.Table) -> None:
    import pyarrow.csv as arrow_csv

    plain = {name: _plain(table[name]) for name in table.column_names}
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")  # without it Excel takes UTF-8 for the machine's old code page
        arrow_csv.write_csv(pa.table(plain), file, arrow_csv.WriteOptions(quoting_style="needed"))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _write_excel(path: Path, table: pa.Table) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    def cell(value: object) -> object:
        """Keep text that begins with = as text: a label is no formula."""
        if not isinstance(value, str) or not value.startswith("="):
            return value
        text = WriteOnlyCell(sheet, value)
        text.data_type = "s"
        return text

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append(table.column_names)
    for batch in table.to_batches(max_chunksize=10_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.append([cell(value) for value in row])
    book.save(path)


WRITERS: dict[str, Callable[[Path, Any], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".xlsx": _write_excel,
}
EXTENSIONS = tuple(WRITERS)
