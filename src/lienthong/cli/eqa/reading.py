"""The results of a round: what their table may hold, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.eqa.columns import VALUE_AS_TEXT, wanted_columns
from lienthong.cli.tables import Table, read_table, refuse
from lienthong.errors import BadInput
from lienthong.findings import Finding
from lienthong.interop import cells

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

CENSORED = re.compile(r"(<=|>=|[<>≤≥])\s*\d+([.,]\d*)?")
BLANK = frozenset({"", "NA", "N/A", "NaN", "nan"})
POSITIVE = ("expanded_u", "k", "sigma_pt", "delta_e", "u")
NOT_NEGATIVE = ("u_x_pt",)
FIXED = ("x_pt", "u_x_pt", "sigma_pt", "delta_e")
EVERY = slice(None)


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Results as read: `values` is nan where a result is missing or, as in `texts`, not a number (<0.5).

    `cell` numbers each row's round, analyte, sample and peer group, from 0 on in sorted order; `whole` the same
    without the peer group; `first` is one row of each cell.
    """

    table: Table
    values: FloatArray
    texts: Mapping[int, str]
    cell: IntArray
    whole: IntArray
    first: IntArray

    def __len__(self) -> int:
        return len(self.table)

    def labels(self, key: str, rows: IntArray | slice = EVERY) -> NDArray[np.str_]:
        """Return a column of labels as text; "" where the file lacks it."""
        found = self.table.labels(key)
        if found is not None:
            return found.texts(rows)
        return np.zeros(len(self) if isinstance(rows, slice) else rows.size, dtype="U1")

    def numbered(self, *keys: str) -> IntArray:
        """Return a number for each row by the labels under `keys`, in their sorted order."""
        return _numbered(self.table, *keys)[0]

    def given(self, key: str) -> FloatArray | None:
        return self.table.numbers(key) if key in self.table else None


def read_results(path: Path, mapping: Mapping[str, str]) -> Results:
    """Read a round's results; raise BadInput with every fault of the file."""
    table, values, texts, findings = _read(path, mapping)
    whole, _ = _numbered(table, "round", "analyte", "sample")
    cell, first = _numbered(table, "round", "analyte", "sample", "peer_group")
    results = Results(table, values, texts, cell, whole, first)
    refuse([*findings, *_signs(table), *_repeated(results), *_of_one_cell(results), *_units(results)])
    return results


def _read(path: Path, mapping: Mapping[str, str]) -> tuple[Table, FloatArray, dict[int, str], list[Finding]]:
    """Read values as numbers, and where that fails as text, among which a value may be beyond a limit."""
    wanted = wanted_columns(mapping)
    try:
        table = _unambiguous(read_table(path, wanted=wanted, mapping=mapping), mapping)
        return table, table.numbers("value"), {}, []
    except BadInput as error:
        if not any(finding.code == "not-a-number" for finding in error.findings):
            raise
    try:
        table = _unambiguous(read_table(path, wanted=wanted | VALUE_AS_TEXT, mapping=mapping), mapping)
    except BadInput as error:
        refuse([*error.findings, *_faults_of_values(path, mapping)])
        raise
    return table, *_parsed(table)


def _unambiguous(table: Table, mapping: Mapping[str, str]) -> Table:
    """Headings are compared without capitals, but U is an expanded uncertainty and u a standard one."""
    if table.headings.get("u", "").strip() == "U" and "u" not in mapping:
        message = "U may be a standard or an expanded uncertainty; say --column u=U or --column expanded_u=U"
        raise BadInput([Finding(f"{table.name}, column U", "ambiguous-column", message)])
    return table


def _faults_of_values(path: Path, mapping: Mapping[str, str]) -> list[Finding]:
    chosen = {key: heading for key, heading in mapping.items() if key in VALUE_AS_TEXT}
    try:
        return _parsed(read_table(path, wanted=VALUE_AS_TEXT, mapping=chosen))[2]
    except BadInput:
        return []  # the column is missing, which is said already


def _parsed(table: Table) -> tuple[FloatArray, dict[int, str], list[Finding]]:
    values = np.full(len(table), np.nan)
    texts: dict[int, str] = {}
    findings = []
    for i, text in enumerate(table.array("value").tolist()):
        plain = cells.plain(text)
        if CENSORED.fullmatch(plain):
            texts[i] = plain
            continue
        try:
            values[i] = np.nan if plain in BLANK else float(cells.number(plain))
        except cells.CellFault:
            message = "the result is neither a number (7.5 or 7,5) nor beyond a limit (<0.5 or >30); blank is missing"
            findings.append(table.finding(i, "value", "not-a-result", message))
    return values, texts, findings


def _numbered(table: Table, *keys: str) -> tuple[IntArray, IntArray]:
    """Return a number for each row by the labels under `keys`, in their sorted order, and one row of each number."""
    number = np.zeros(len(table), dtype=np.int64)
    for key in keys:
        labels = table.labels(key)
        if labels is not None:
            names, code = np.unique(labels.codes, return_inverse=True)
            _, number = np.unique(number * names.size + code, return_inverse=True)
    _, first, dense = np.unique(number, return_index=True, return_inverse=True)
    return dense, first


def _signs(table: Table) -> Iterator[Finding]:
    for key in (*POSITIVE, *NOT_NEGATIVE):
        if key in table:
            numbers = table.numbers(key)
            wrong = numbers <= 0 if key in POSITIVE else numbers < 0
            demand = "must be greater than 0" if key in POSITIVE else "must not be negative"
            for i in np.flatnonzero(wrong):
                message = f"{key} {demand}, but is {numbers[i]:g}"
                yield table.finding(int(i), key, "out-of-range", message)


def _repeated(results: Results) -> Iterator[Finding]:
    """A participant gives one result for each analyte and sample, by each method."""
    number = results.numbered("participant", "round", "analyte", "sample", "peer_group")
    _, first, key = np.unique(number, return_index=True, return_inverse=True)
    for i in np.flatnonzero(first[key] != np.arange(number.size)):
        message = (
            "a second result of the same participant for the same round, analyte, sample and peer group; "
            f"the first is in row {results.table.row(int(first[key[i]]))}; keep one"
        )
        yield results.table.finding(int(i), "participant", "repeated", message)


def _of_one_cell(results: Results) -> Iterator[Finding]:
    """What a round's organiser fixed is one number for each round, analyte, sample and peer group."""
    for key in FIXED:
        numbers = results.given(key)
        if numbers is None:
            continue
        first = numbers[results.first][results.cell]
        differs = (numbers != first) & ~(np.isnan(numbers) & np.isnan(first))
        for i in np.flatnonzero(differs):
            message = (
                f"{key} must be the same in all rows of a round, analyte, sample and peer group; it is {numbers[i]:g} "
                f"here and {first[i]:g} in row {results.table.row(int(results.first[results.cell[i]]))}"
            )
            yield results.table.finding(int(i), key, "differs", message)


def _units(results: Results) -> Iterator[Finding]:
    """All results of an analyte in a round are in one unit: nothing is converted here."""
    units = results.table.labels("unit")
    if units is None:
        return
    group, first = _numbered(results.table, "round", "analyte")
    codes = units.codes
    for i in np.flatnonzero(codes != codes[first][group]):
        row = int(first[group[i]])
        expected, found = (str(text) or "blank" for text in units.texts(np.array([row, i])))
        message = f"the unit is {found!r} here and {expected!r} in row {results.table.row(row)}; convert to one unit"
        yield results.table.finding(int(i), "unit", "several-units", message)
