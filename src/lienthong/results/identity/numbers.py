"""Numbers that name a human being, as small types that check themselves when made.

Viet Nam's personal identification number has no check digit: its digits tell place, century with sex, and year of birth
(Decree 137/2015/NĐ-CP, article 13, and Circular 07/2016/TT-BCA, article 7, as publications of law quote them; the
gazette itself was not read). China's has its check character by GB 11643, which is ISO 7064 MOD 11-2.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

NATIONAL = "NI"
INSURANCE = "HC"
Kind = Literal["cccd", "cmnd", "bhyt", "china-18", "china-15", "unknown"]
Problem = Literal["", "form", "check", "birth-date", "sex"]

_BLANKS = re.compile(r"[\s.\-‐-―/]+")
_CCCD = re.compile(r"(?!000)\d{3}(\d)(\d\d)\d{6}")
_CMND = re.compile(r"\d{9}")
_BHYT = re.compile(r"(?:[A-Z]{2}\d\d{2})?(\d{10})")
_CHINA_18 = re.compile(r"[1-9]\d{5}(\d{8})\d\d(\d)[\dX]")
_CHINA_15 = re.compile(r"[1-9]\d{5}(\d{6})\d\d(\d)")
_CHECK = "10X98765432"


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """A number of one person.

    `key` is what is compared: an insurance card's ten last digits, an old Chinese number brought to eighteen characters
    where that can be done. `born` and `sex` are what the number itself says; `years` are the years of birth that agree
    with it. `problem` is empty, `form` (of no kind known here) or `check` (a check character or date that is wrong).
    """

    system: str
    key: str
    kind: Kind
    problem: Problem = ""
    born: dt.date | None = None
    year: int | None = None
    sex: str = ""

    def problem_with(self, *, birth_date: dt.date | None, sex: str) -> Problem:
        """Return what makes the number doubtful for one born that day and of that sex; empty where nothing does."""
        if self.problem:
            return self.problem
        if birth_date and (
            (self.born and self.born != birth_date) or (self.year is not None and self.year != birth_date.year)
        ):
            return "birth-date"
        return "sex" if sex and self.sex and self.sex != sex else ""


@lru_cache(maxsize=65536)
def read_number(system: str, value: str) -> PersonNumber | None:
    """Return the number that an identifier of the system NI or HC is; None for numbers of other systems."""
    if system not in (NATIONAL, INSURANCE):
        return None
    text = clean_number(value)
    found = _citizen(system, text) or _china(system, text)
    if found is None and system == NATIONAL and _CMND.fullmatch(text):
        found = PersonNumber(system, text, "cmnd")
    if found is None and system == INSURANCE and (match := _BHYT.fullmatch(text)):
        found = PersonNumber(system, match[1], "bhyt")
    return found or PersonNumber(system, text, "unknown", "form")


def clean_number(value: str) -> str:
    """Return a number without blanks, points and dashes, in plain capitals: people type them as they read them."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", value)).upper()


def check_character(body: str) -> str:
    """Return the eighteenth character of a Chinese number from its seventeen digits (ISO 7064 MOD 11-2)."""
    return _CHECK[sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body)) % 11]


def _citizen(system: str, text: str) -> PersonNumber | None:
    """Read Viet Nam's twelve digits: the fourth is twice the centuries since 1900, and one more for women."""
    match = _CCCD.fullmatch(text)
    if match is None:
        return None
    century, woman = divmod(int(match[1]), 2)
    year = 1900 + 100 * century + int(match[2])
    return PersonNumber(system, text, "cccd", year=year, sex="F" if woman else "M")


def _china(system: str, text: str) -> PersonNumber | None:
    """Read China's eighteen characters, or the fifteen of before 1999, whose years are those of the 20th century."""
    if match := _CHINA_18.fullmatch(text):
        kind: Kind = "china-18"
        born, is_right = _date(match[1]), check_character(text[:17]) == text[17]
    elif match := _CHINA_15.fullmatch(text):
        kind, born, is_right = "china-15", _date(f"19{match[1]}"), True
        text = f"{text[:6]}19{text[6:]}"
        text += check_character(text)
    else:
        return None
    problem: Problem = "" if born and is_right else "check"
    return PersonNumber(system, text, kind, problem, born=born, sex="M" if int(match[2]) % 2 else "F")


def _date(digits: str) -> dt.date | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
