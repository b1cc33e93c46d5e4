"""Text: cleaned, folded to be compared, made plain to be parsed; and the words for yes and no."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from lienthong.interop.cells._fault import CellFault, Code
from lienthong.normal_forms import normalize

Raw = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

YES = frozenset({"yes", "y", "true", "1", "x", "có", "co", "đúng", "是", "有", "对"})
NO = frozenset({"no", "n", "false", "0", "không", "khong", "sai", "否", "无", "不"})
SHORTENED = re.compile(r"\d[.,]?\d*[eE]\+\d{1,3}")
FORMULA_ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
EXCEL_DIGITS = 15
ZEROS = re.compile(r"0+")
DECIMALS = re.compile(r"0\.(0+)")


def clean(text: str) -> str:
    """Return text in composed form, without invisible characters, with single spaces."""
    if text.isascii() and text.isprintable():  # most cells of a large table
        return " ".join(text.split())
    visible = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Zs") else sign
        for sign in normalize("NFC", text)
        if unicodedata.category(sign) != "Cf"
    )
    return " ".join(visible.split())


def fold(text: str) -> str:
    """Return the form in which headers, words and choices are compared."""
    spaced = normalize("NFKC", clean(text)).casefold().replace("_", " ").replace("-", " ")
    return " ".join(spaced.strip("*: ").split())


def plain(raw: Raw) -> str:
    """Return a cell as text with full-width digits and signs made plain, and − taken for a minus."""
    cleaned = clean(raw) if isinstance(raw, str) else str(raw)
    return normalize("NFKC", cleaned).replace("−", "-").strip()


def text(raw: Raw, *, form: str = "", with_decimals: bool = False) -> str:
    """Return a cell as text; CellFault where a program lost digits of it, such as 1.2E+11.

    A number is written as Excel shows it: 7.0 as 7, and with the zeros before it of its number format `form`. Of a
    measured value, asked for `with_decimals`, 1.5 is 1.50 in the format 0.00; no digit is rounded away.
    """
    found = clean(raw) if isinstance(raw, str) else _number_as_text(raw, form, with_decimals=with_decimals)
    if SHORTENED.fullmatch(found):
        raise CellFault(Code.SHORTENED)
    return found


def check_formula(raw: Raw) -> None:
    """Raise CellFault where a cell holds what Excel writes for a formula that failed."""
    if isinstance(raw, str) and FORMULA_ERROR.fullmatch(raw.strip()):
        raise CellFault(Code.FORMULA_ERROR)


def yes_no(raw: Raw, *, form: str = "") -> bool:
    """Return whether a cell says yes; CellFault where it says neither yes nor no."""
    word = fold(raw if isinstance(raw, str) else _number_as_text(raw, form))
    if word in YES or word in NO:
        return word in YES
    raise CellFault(Code.NOT_YES_OR_NO)


def _number_as_text(raw: Raw, form: str, *, with_decimals: bool = False) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float)):
        if abs(raw) >= 10**EXCEL_DIGITS:
            raise CellFault(Code.TOO_MANY_DIGITS)
        text = str(int(raw)) if raw == int(raw) else f"{raw:.{EXCEL_DIGITS}g}"
        if with_decimals and (found := DECIMALS.fullmatch(form)):
            shown = f"{raw:.{len(found[1])}f}"
            return shown if float(shown) == float(text) else text
        return text.zfill(len(form)) if ZEROS.fullmatch(form) and text.isdigit() else text
    if isinstance(raw, dt.datetime):
        return raw.isoformat(sep=" ") if raw.time() != dt.time() else raw.date().isoformat()
    return str(raw)
