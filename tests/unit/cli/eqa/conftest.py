"""A round of invented results, and the command that scores it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from lienthong.cli import main

Columns = dict[str, list[object]]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lienthong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `lienthong eqa score`; give its exit code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lienthong", "eqa", "score", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def potassium() -> Columns:
    """Potassium in two samples: groups of 20, 14 and 5, one result missing, one below a limit, one blunder."""
    rng = np.random.default_rng(11)
    rows = []
    for sample, level in (("S1", 4.6), ("S2", 6.2)):
        for i in range(39):
            group = "indirect" if i < 20 else "direct" if i < 34 else "<i>dry & other</i>"
            value: object = round(level * (1 + (0.02 if group == "direct" else 0) + 0.015 * rng.standard_normal()), 2)
            if (i, sample) == (3, "S1"):
                value = round(10 * level, 2)
            text = {(5, "S1"): "<3.5", (6, "S2"): ""}.get((i, sample), str(value))
            rows.append({"participant": f"QZ-{700 + i}", "round": "2026-1", "analyte": "Kali", "sample": sample})
            rows[-1] |= {"peer group": group, "value": text, "unit": "mmol/L", "delta_e": 0.1 * level}
    return {key: [row[key] for row in rows] for key in rows[0]}


@pytest.fixture
def round_file(tmp_path: Path, potassium: Columns) -> Path:
    """Potassium as CSV."""
    return write(tmp_path / "round.csv", potassium)


def write(path: Path, columns: Columns) -> Path:
    """Write columns in the format of the file's extension."""
    if path.suffix == ".xlsx":
        book = Workbook()
        assert book.active is not None
        for row in [list(columns), *map(list, zip(*columns.values(), strict=True))]:
            book.active.append(row)
        book.save(path)
        return path
    table = pa.table(columns)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        arrow_csv.write_csv(table, path)
    return path
