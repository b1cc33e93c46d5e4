"""A table that was read: columns as arrays, and the file's own row numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lienthong.findings import Finding

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A label per row, as integers: where `names` is None these are the labels, else positions in `names`.

    Names stand in their order (numbers by size, words by letter), so that codes sort as labels do. A blank label has
    the code −1; labels that are integers in the file are never blank.
    """

    codes: NDArray[np.integer]
    names: NDArray[np.str_] | None = None

    def texts(self, rows: NDArray[np.intp] | slice = slice(None)) -> NDArray[np.str_]:
        """Return the labels of `rows` as text; blank is ""."""
        codes = self.codes[rows]
        if self.names is None:
            return codes.astype(np.str_)
        return np.append(self.names, "")[codes]

    def take(self, rows: NDArray[np.intp]) -> Labels:
        """Return the labels of `rows`."""
        return Labels(self.codes[rows], self.names)


Values = NDArray[np.generic] | Labels


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns by the key under which they were wanted; a column that the file lacks is absent.

    `headings` says what the file calls them. `numbered` gives the file's row number of each row read where these are
    not simply consecutive from `first_row` on: a header is row 1, its first result row 2; Parquet counts from 1.
    """

    name: str
    columns: Mapping[str, Values]
    headings: Mapping[str, str]
    row_count: int
    first_row: int = 2
    numbered: NDArray[np.intp] | None = field(default=None)

    def __contains__(self, key: str) -> bool:
        return key in self.columns

    def __len__(self) -> int:
        return self.row_count

    def row(self, i: int) -> int:
        """Return the file's number of row `i`, counted from 0."""
        return self.first_row + i if self.numbered is None else int(self.numbered[i])

    def rows(self, at: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the file's numbers of the rows `at`."""
        return at + self.first_row if self.numbered is None else self.numbered[at]

    def array(self, key: str) -> NDArray[np.generic]:
        """Return a column of any kind but LABEL."""
        column = self.columns[key]
        if isinstance(column, Labels):
            raise TypeError(f"column {key} holds labels")
        return column

    def numbers(self, key: str) -> FloatArray:
        """Return a column of kind NUMBER."""
        column = self.array(key)
        if column.dtype != np.float64:
            raise TypeError(f"column {key} holds {column.dtype}, not numbers")
        return column.astype(np.float64, copy=False)

    def labels(self, key: str) -> Labels | None:
        """Return a column of kind LABEL, or None where the file has none."""
        column = self.columns.get(key)
        if column is not None and not isinstance(column, Labels):
            raise TypeError(f"column {key} holds {column.dtype}, not labels")
        return column

    def where(self, i: int, key: str) -> str:
        """Say where a cell stands, such as "controls.csv, row 12, column Ergebnis"."""
        return f"{self.name}, row {self.row(i)}, column {self.headings.get(key, key)}"

    def finding(self, i: int, key: str, code: str, message: str) -> Finding:
        """Return what is wrong with the cell of row `i`."""
        return Finding(self.where(i, key), code, message)
