"""One cell, read with care: its value, or why it has none."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

from lienthong.cli.tables._columns import Kind
from lienthong.interop import cells
from lienthong.interop.cells import CellFault, Code, Raw, clean

Value = str | int | float | bool | dt.datetime | None

BLANK_NUMBERS = frozenset({"", "NA", "N/A", "NaN", "nan"})
MOST_EXACT = 2**53  # float64 holds every whole number below
LONGEST_SHOWN = 24
A_DAY = "write 2026-12-31 07:30 or 31/12/2026 07:30"
# The code of the finding, and what is allowed, said behind what was found.
REASONS = {
    Code.FORMULA_ERROR: ("formula-error", "is an error of a formula; write the value itself"),
    Code.NOT_A_NUMBER: ("not-a-number", "is not a number; write 7.5 or 7,5 without thousands separators"),
    Code.NOT_AN_INTEGER: ("not-an-integer", "is not a whole number"),
    Code.NOT_A_DATE: ("not-an-instant", f"is not a day of the calendar; {A_DAY}"),
    Code.NOT_A_MOMENT: ("not-an-instant", f"is not a day and time; {A_DAY}"),
    Code.NO_SUCH_TIME: ("not-an-instant", f"is not a time between 00:00 and 23:59; {A_DAY}"),
    Code.NOT_YES_OR_NO: ("not-yes-or-no", "is neither yes nor no (có, không; 是, 否; 1, 0; true, false)"),
    Code.SHORTENED: ("lost-digits", "has lost digits to a program; format the cells as text, type it again"),
    Code.TOO_MANY_DIGITS: ("lost-digits", "has more than Excel's 15 digits; format the cells as text, type it again"),
}


class Fault(Exception):
    """Why a cell is not what its column may hold."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def read_cell(raw: Raw, kind: Kind) -> Value:
    """Return the value of a cell, None where it is blank; raise Fault with what is allowed."""
    if isinstance(raw, str):
        raw = clean(raw)
    if raw is None or raw == "":
        return None
    try:
        cells.check_formula(raw)
        return READERS[kind](raw)
    except CellFault as fault:
        code, message = REASONS[fault.code]
        raise Fault(code, f"{shown(raw)} {message}") from fault


def is_text(raw: Raw) -> bool:
    """Say whether a cell may stand as text: no digits were lost, no formula failed."""
    try:
        read_cell(raw, Kind.TEXT)
    except Fault:
        return False
    return True


def _number(raw: Raw) -> float | None:
    if isinstance(raw, float) and math.isnan(raw):
        return None
    if isinstance(raw, str) and cells.plain(raw) in BLANK_NUMBERS:
        return None
    found = cells.number(raw)
    # A number that is one already keeps all its binary digits.
    number = float(raw) if isinstance(raw, (int, float)) else float(found)
    if math.isinf(number):
        raise CellFault(Code.NOT_A_NUMBER)
    return number


def _integer(raw: Raw) -> int | None:
    number = _number(raw)
    if number is None or not number.is_integer() or abs(number) >= MOST_EXACT:
        raise CellFault(Code.NOT_AN_INTEGER)
    return int(number)


def _flag(raw: Raw) -> bool:
    return cells.yes_no(raw)


def _text(raw: Raw) -> str:
    return cells.text(raw)


def _instant(raw: Raw) -> dt.datetime:
    return cells.moment(raw, without_time=True)


def shown(raw: Raw) -> str:
    """Return a cell's content as a message shows it."""
    text = str(raw)
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…")


READERS: dict[Kind, Callable[[Raw], Value]] = {
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.FLAG: _flag,
    Kind.TEXT: _text,
    Kind.LABEL: _text,
    Kind.INSTANT: _instant,
}
