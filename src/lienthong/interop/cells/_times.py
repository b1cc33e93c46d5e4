"""Days and moments as people write them, and as Excel counts them."""

from __future__ import annotations

import datetime as dt
import re

from lienthong.interop.cells._fault import CellFault, Code
from lienthong.interop.cells._text import Raw, plain

DAY_FORMS = (
    re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
)
TIME_FORM = re.compile(r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.(?P<f>\d+))?)?\s*(?P<Z>Z|[+-]\d{2}:?\d{2})?")
SERIAL = re.compile(r"[1-9]\d{4}(\.\d+)?")  # days since 1899 or 1904; these five digits are the years 1927 to 2177
EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 — a workbook's moments have no zone
A_DAY = 86_400_000  # milliseconds: Excel's fractions of a day are no finer


def day(raw: Raw, *, epoch: dt.datetime | None = None) -> dt.date:
    """Return the day that a cell holds; `epoch` is the day its workbook counts from. CellFault if there is none."""
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    text = plain(raw)
    if not isinstance(raw, str) or SERIAL.fullmatch(text):
        return _counted(raw, epoch).date()
    found = _day_form(text)
    if found is None:
        raise CellFault(Code.NOT_A_DATE)
    return _date(found)


def moment(raw: Raw, *, epoch: dt.datetime | None = None, without_time: bool = False) -> dt.datetime:
    """Return the moment that a cell holds, with a zone where it gives an offset; CellFault if there is none.

    With `without_time` a day alone is its midnight.
    """
    if isinstance(raw, dt.datetime):
        return raw
    if without_time and isinstance(raw, dt.date):
        return dt.datetime.combine(raw, dt.time())
    text = plain(raw)
    if not isinstance(raw, str) or SERIAL.fullmatch(text):
        return _counted(raw, epoch)
    written, _sep, time = text.replace("T", " ", 1).partition(" ")
    found = _day_form(written)
    clock = TIME_FORM.fullmatch(time or ("0:00" if without_time else ""))
    if found is None or clock is None:
        raise CellFault(Code.NOT_A_MOMENT)
    return dt.datetime.combine(_date(found), _time(clock))


def _day_form(text: str) -> re.Match[str] | None:
    return next((found for form in DAY_FORMS if (found := form.fullmatch(text))), None)


def _date(found: re.Match[str]) -> dt.date:
    try:
        return dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError as error:
        raise CellFault(Code.NOT_A_DATE) from error


def _time(clock: re.Match[str]) -> dt.time:
    microsecond = int((clock["f"] or "0")[:6].ljust(6, "0"))
    try:
        zone = dt.datetime.strptime(clock["Z"].replace("Z", "+00:00"), "%z").tzinfo if clock["Z"] else None
        return dt.time(int(clock["H"]), int(clock["M"]), int(clock["S"] or 0), microsecond, tzinfo=zone)
    except ValueError as error:
        raise CellFault(Code.NO_SUCH_TIME) from error


def _counted(raw: Raw, epoch: dt.datetime | None) -> dt.datetime:
    """Read Excel's count of days, from a workbook's number or from a CSV that was saved without date formats."""
    text = "" if isinstance(raw, bool) else plain(raw)
    if not SERIAL.fullmatch(text):
        raise CellFault(Code.NOT_A_DATE)
    days, fraction = divmod(float(text), 1)
    return (epoch or EPOCH) + dt.timedelta(days=days, milliseconds=round(fraction * A_DAY))
