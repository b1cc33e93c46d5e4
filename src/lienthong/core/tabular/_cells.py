"""One cell: from what the file holds to a value of the column's kind, or the reason why not."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel

from lienthong.core.tabular._columns import Column, Kind, Value, clean, fold

Raw = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

YES = frozenset({"yes", "y", "true", "1", "x", "có", "co", "đúng", "是", "有", "对"})
NO = frozenset({"no", "n", "false", "0", "không", "khong", "sai", "否", "无", "不"})
DAY_FORMS = (
    re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
)
TIME_FORM = re.compile(r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d+)?)?\s*(?P<Z>Z|[+-]\d{2}:?\d{2})?")
SERIAL = re.compile(r"\d{5}(\.\d+)?")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
SHORTENED = re.compile(r"\d[.,]?\d*[eE]\+\d{1,3}")
FORMULA_ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
EXCEL_DIGITS = 15
ZEROS = re.compile(r"0+")


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
        self.code = code
        super().__init__(message)


def read_cell(cell: Cell, column: Column, *, zone: dt.tzinfo | None) -> Value:
    """Return the value of a cell that is not empty; raise Fault with what is allowed."""
    if isinstance(cell.raw, str) and FORMULA_ERROR.fullmatch(cell.raw.strip()):
        raise Fault("formula-error", _("the cell holds an error of a formula; write the value itself"))
    if column.kind is Kind.MOMENT:
        return _moment(cell, zone)
    return READERS[column.kind](cell, column)


def _text(cell: Cell, column: Column) -> str:
    text = clean(cell.raw) if isinstance(cell.raw, str) else _number_as_text(cell)
    if SHORTENED.fullmatch(text):
        raise Fault(
            "lost-digits", _("digits were lost: the program wrote 1.2E+11; format the cell as text, type it again")
        )
    if len(text) > column.longest:
        raise Fault("too-long", _("the text is longer than %(most)s characters") % {"most": column.longest})
    return text


def _number_as_text(cell: Cell) -> str:
    """Write a number that stands where text is due as Excel shows it: 7.0 as 7, and with the zeros of its format."""
    raw = cell.raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float)):
        if abs(raw) >= 10**EXCEL_DIGITS:
            raise Fault("lost-digits", _("Excel keeps 15 digits of a number; format the cell as text, type it again"))
        text = str(int(raw)) if raw == int(raw) else f"{raw:.{EXCEL_DIGITS}g}"
        return text.zfill(len(cell.form)) if ZEROS.fullmatch(cell.form) and text.isdigit() else text
    if isinstance(raw, dt.datetime):
        return raw.isoformat(sep=" ") if raw.time() != dt.time() else raw.date().isoformat()
    return str(raw)


def _number(cell: Cell, column: Column) -> Decimal:
    if isinstance(cell.raw, (int, float)) and not isinstance(cell.raw, bool):
        return _within(Decimal(f"{cell.raw:.{EXCEL_DIGITS}g}"), column)
    text = _plain(cell)
    if not NUMBER.fullmatch(text):
        raise Fault("not-a-number", _("this is not a number; write it as 7.5 or 7,5 without thousands separators"))
    try:
        return _within(Decimal(text.replace(",", ".")), column)
    except InvalidOperation as error:
        raise Fault("not-a-number", _("this is not a number; write it as 7.5 or 7,5")) from error


def _integer(cell: Cell, column: Column) -> int:
    number = _number(cell, column)
    if number != number.to_integral_value():
        raise Fault("not-an-integer", _("this must be a whole number"))
    return int(number)


def _within(number: Decimal, column: Column) -> Decimal:
    if column.least is not None and number < column.least:
        raise Fault("too-small", _("the number must be at least %(least)s") % {"least": column.least})
    if column.most is not None and number > column.most:
        raise Fault("too-large", _("the number must be at most %(most)s") % {"most": column.most})
    if column.decimals is not None and -int(number.normalize().as_tuple().exponent) > column.decimals:
        raise Fault("too-many-decimals", _("at most %(most)s decimals are kept") % {"most": column.decimals})
    return number


def _day(cell: Cell, column: Column) -> dt.date:
    raw = cell.raw
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    text = _plain(cell)
    if not isinstance(raw, str) or SERIAL.fullmatch(text):
        return _serial(cell).date()
    for form in DAY_FORMS:
        if found := form.fullmatch(text):
            return _date(found)
    raise _not_a_day()


def _moment(cell: Cell, zone: dt.tzinfo | None) -> dt.datetime:
    if zone is None:
        raise ValueError("a table with a column of moments needs a zone")
    raw = cell.raw
    if isinstance(raw, dt.datetime):
        return raw.replace(tzinfo=zone) if raw.tzinfo is None else raw
    text = _plain(cell)
    if not isinstance(raw, str) or SERIAL.fullmatch(text):
        return _serial(cell).replace(tzinfo=zone)
    day, _sep, time = text.replace("T", " ", 1).partition(" ")
    found = next((match for form in DAY_FORMS if (match := form.fullmatch(day))), None)
    clock = TIME_FORM.fullmatch(time)
    if found is None or clock is None:
        raise Fault("not-a-moment", _("this is not a day and time; write it as 31/12/2026 07:30 or 2026-12-31 07:30"))
    return dt.datetime.combine(_date(found), _time(clock, zone))


def _date(found: re.Match[str]) -> dt.date:
    try:
        return dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError as error:
        raise _not_a_day() from error


def _time(clock: re.Match[str], zone: dt.tzinfo) -> dt.time:
    if clock["Z"]:
        offset = clock["Z"].replace("Z", "+00:00")
        zone = dt.datetime.strptime(offset, "%z").tzinfo or zone
    try:
        return dt.time(int(clock["H"]), int(clock["M"]), int(clock["S"] or 0), tzinfo=zone)
    except ValueError as error:
        raise Fault("not-a-moment", _("the time must lie between 00:00 and 23:59")) from error


def _serial(cell: Cell) -> dt.datetime:
    """Read Excel's count of days, from a workbook's number or from a CSV that was saved without date formats."""
    text = "" if isinstance(cell.raw, bool) else _plain(cell)
    found = from_excel(float(text), epoch=cell.epoch or WINDOWS_EPOCH) if SERIAL.fullmatch(text) else None
    if not isinstance(found, dt.datetime):
        raise _not_a_day()
    return found


def _not_a_day() -> Fault:
    return Fault("not-a-date", _("this is not a day of the calendar; write it as 31/12/2026 or 2026-12-31"))


def _yes_no(cell: Cell, column: Column) -> bool:
    word = fold(_number_as_text(cell) if not isinstance(cell.raw, str) else cell.raw)
    if word in YES:
        return True
    if word in NO:
        return False
    raise Fault("not-yes-or-no", _("this must be yes or no (có, không; 是, 否; 1, 0)"))


def _choice(cell: Cell, column: Column) -> str:
    word = fold(_text(cell, column))
    for code, others in column.choices.items():
        if word in {fold(code), *(fold(other) for other in others)}:
            return code
    raise Fault("not-a-choice", _("this must be one of: %(codes)s") % {"codes": ", ".join(column.choices)})


def _plain(cell: Cell) -> str:
    """Return the cell as text with full-width digits and signs made plain, and − taken for a minus."""
    text = clean(cell.raw) if isinstance(cell.raw, str) else str(cell.raw)
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


READERS: dict[Kind, Callable[[Cell, Column], Value]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.DAY: _day,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
}
