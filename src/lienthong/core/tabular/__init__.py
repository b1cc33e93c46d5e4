"""Tables that people bring: Excel workbooks (.xlsx) and CSV in, rows with their places and findings out.

A table is described by its columns; every fault is found, cell by cell, and nothing is stored here::

    COLUMNS = (
        Column("code", _("Code"), longest=40),
        Column("measured_at", _("Measured at"), kind=Kind.MOMENT),
        Column("value", _("Value"), kind=Kind.NUMBER, is_required=False, aliases=("result",)),
    )
    rows, findings = read_table(data, "runs.xlsx", COLUMNS, zone=ZoneInfo("Asia/Ho_Chi_Minh"))
    for row in rows:
        row.text("code"), row.moment("measured_at"), row.decimal("value")   # None where the cell is empty
        row.finding("code", "unknown-code", _("…"))                          # Finding("runs.xlsx!A7", …)

`rows` holds the rows without a fault only; a file that can't be read at all, or lacks a column, gives no row. A header
is accepted as the column's key, as its label in any language of the interface, or as one of its aliases; capitals,
spaces and underscores don't matter, and rows above the header are passed over. Text stays text: 00123 keeps its zeros,
in Excel too. Dates are d/m/Y or Y-m-d (with -, / or .), 2026年3月2日, or Excel's own. A decimal point or comma is read
(1,234 is one and a bit); a number with both, or with two of one, is refused. A moment without an offset is in `zone`.
No cell's content is repeated in a message.
"""

from lienthong.core.tabular._columns import Column, Kind, Value
from lienthong.core.tabular._table import WHOLE_FILE, Row, read_table, stream_table
from lienthong.core.tabular._template import template_bytes

__all__ = ["WHOLE_FILE", "Column", "Kind", "Row", "Value", "read_table", "stream_table", "template_bytes"]
