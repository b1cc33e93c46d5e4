"""Why a cell has no value."""

from __future__ import annotations

from enum import StrEnum

from lienthong.errors import LienthongError


class Code(StrEnum):
    """What is wrong with a cell."""

    FORMULA_ERROR = "formula-error"
    NOT_A_NUMBER = "not-a-number"
    NOT_AN_INTEGER = "not-an-integer"
    NOT_A_DATE = "not-a-date"
    NOT_A_MOMENT = "not-a-moment"
    NO_SUCH_TIME = "no-such-time"
    NOT_YES_OR_NO = "not-yes-or-no"
    SHORTENED = "shortened"
    TOO_MANY_DIGITS = "too-many-digits"


class CellFault(LienthongError):
    """A cell isn't what is asked of it; `code` says why, and no content is repeated."""

    code: Code

    def __init__(self, code: Code) -> None:
        self.code = code
        super().__init__(code.value)
