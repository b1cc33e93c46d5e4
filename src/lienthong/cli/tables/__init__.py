"""Tables that a pure command reads and writes: CSV, Parquet and Excel, told apart by their extension.

A command says which columns it wants; every fault is found, row by row, and raised together as BadInput::

    WANTED = {
        "value": Column(("value", "result", "kết quả", "结果"), Kind.NUMBER, is_required=True),
        "level": Column(("level", "mức", "水平"), Kind.LABEL),
    }
    table = read_table(path, wanted=WANTED, mapping={"value": "Ergebnis"})
    table.numbers("value")     # float64; nan where the cell is blank
    table.labels("level")      # Labels: integer codes that sort as their names do; None without such a column
    table.row(7)               # the file's own number of the eighth row read, for messages
    write_table(Path("out.parquet"), {"row": …, "z": …, "level": table.labels("level")})

Headings are compared without regard to capitals, spaces, hyphens and underscores. What people bring is read as
`lienthong.core.tabular` reads it (title rows above the header; cells by the rules of `lienthong.interop.cells`), but
without Django, whose settings and languages that module needs, and by columns: millions of rows take about a second. A
file that the fast way refuses is read again cell by cell, which accepts more and names each cell at fault.
"""

from __future__ import annotations

from lienthong.cli.tables._columns import Column, Kind
from lienthong.cli.tables._reading import read_table, refuse
from lienthong.cli.tables._table import Labels, Table
from lienthong.cli.tables._writing import EXTENSIONS, write_table

__all__ = ["EXTENSIONS", "Column", "Kind", "Labels", "Table", "read_table", "refuse", "write_table"]
