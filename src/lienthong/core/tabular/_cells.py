"""One cell: from what the file holds to a value of the column's kind, or the reason why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_noop

from lienthong.core.retold import retold as _
from lienthong.core.tabular._columns import Column, Kind, Value
from lienthong.interop import cells
from lienthong.interop.cells import CellFault, Code, Raw, clean, fold

# The code of the finding, and what is allowed.
REASONS: dict[Code, tuple[str, str]] = {
    Code.FORMULA_ERROR: (
        "formula-error",
        gettext_noop("the cell holds an error of a formula; write the value itself"),
    ),
    Code.SHORTENED: (
        "lost-digits",
        gettext_noop("digits were lost: the program wrote 1.2E+11; format the cell as text, type it again"),
    ),
    Code.TOO_MANY_DIGITS: (
        "lost-digits",
        gettext_noop("Excel keeps 15 digits of a number; format the cell as text, type it again"),
    ),
    Code.NOT_A_NUMBER: (
        "not-a-number",
        gettext_noop("this is not a number; write it as 7.5 or 7,5 without thousands separators"),
    ),
    Code.NOT_AN_INTEGER: ("not-an-integer", gettext_noop("this must be a whole number")),
    Code.NOT_A_DATE: (
        "not-a-date",
        gettext_noop("this is not a day of the calendar; write it as 31/12/2026 or 2026-12-31"),
    ),
    Code.NOT_A_MOMENT: (
        "not-a-moment",
        gettext_noop("this is not a day and time; write it as 31/12/2026 07:30 or 2026-12-31 07:30"),
    ),
    Code.NO_SUCH_TIME: ("not-a-moment", gettext_noop("the time must lie between 00:00 and 23:59")),
    Code.NOT_YES_OR_NO: ("not-yes-or-no", gettext_noop("this must be yes or no (có, không; 是, 否; 1, 0)")),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a file holds in one place. `form` is Excel's number format, `epoch` the day its serial dates count from."""

    raw: Raw
    form: str = ""
    epoch: dt.datetime | None = None

    @property
    def is_empty(self) -> bool:
        return self.raw is None or (isinstance(self.raw, str) and not clean(self.raw))


class Fault(Exception):
    """Why a cell is not what its column may hold."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


def read_cell(cell: Cell, column: Column, *, zone: dt.tzinfo | None) -> Value:
    """Return the value of a cell that is not empty; raise Fault with what is allowed."""
    try:
        cells.check_formula(cell.raw)
        if column.kind is Kind.MOMENT:
            return _moment(cell, zone)
        return READERS[column.kind](cell, column)
    except CellFault as fault:
        code, message = REASONS[fault.code]
        raise Fault(code, _(message)) from fault


def _text(cell: Cell, column: Column) -> str:
    if column.refuses_numbers and isinstance(cell.raw, (int, float)):
        told = _("Excel keeps this as a number, without leading zeros; format the cell as text, type it again")
        raise Fault("number-cell", told)
    text = cells.text(cell.raw, form=cell.form, with_decimals=column.keeps_decimals)
    if len(text) > column.longest:
        raise Fault("too-long", _("the text is longer than %(most)s characters") % {"most": column.longest})
    return text


def _number(cell: Cell, column: Column) -> Decimal:
    return _within(cells.number(cell.raw), column)


def _integer(cell: Cell, column: Column) -> int:
    return cells.whole(_number(cell, column))


def _within(number: Decimal, column: Column) -> Decimal:
    if column.least is not None and number < column.least:
        raise Fault("too-small", _("the number must be at least %(least)s") % {"least": column.least})
    if column.most is not None and number > column.most:
        raise Fault("too-large", _("the number must be at most %(most)s") % {"most": column.most})
    if column.decimals is not None and -int(number.normalize().as_tuple().exponent) > column.decimals:
        raise Fault("too-many-decimals", _("at most %(most)s decimals are kept") % {"most": column.decimals})
    return number


def _day(cell: Cell, column: Column) -> dt.date:
    return cells.day(cell.raw, epoch=cell.epoch)


def _moment(cell: Cell, zone: dt.tzinfo | None) -> dt.datetime:
    if zone is None:
        raise ValueError("a table with a column of moments needs a zone")
    found = cells.moment(cell.raw, epoch=cell.epoch)
    if isinstance(cell.raw, str) and ":" in cell.raw:
        found = found.replace(microsecond=0)  # a time that is typed is kept to the second
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _yes_no(cell: Cell, column: Column) -> bool:
    return cells.yes_no(cell.raw, form=cell.form)


def _choice(cell: Cell, column: Column) -> str:
    word = fold(_text(cell, column))
    for code, others in column.choices.items():
        if word in {fold(code), *(fold(other) for other in others)}:
            return code
    raise Fault("not-a-choice", _("this must be one of: %(codes)s") % {"codes": ", ".join(column.choices)})


READERS: dict[Kind, Callable[[Cell, Column], Value]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.DAY: _day,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
}
