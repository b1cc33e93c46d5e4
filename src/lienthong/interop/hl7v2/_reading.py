"""What a reported value says: comparator and number, titre, interval, positive or negative. Nothing is guessed.

A placeholder, a blank, a decimal comma (which may part thousands) and a list of values are no number, and never 0.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from lienthong.interop.hl7v2._delimiters import unescape
from lienthong.normal_forms import normalize

Outcome = Literal["positive", "negative", "indeterminate"]

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?"
_COMPARED = re.compile(rf"(?P<comparator><=|>=|<|>|≤|≥)?\s*(?P<number>{_NUMBER})", re.ASCII)
_TITRE = re.compile(r"(?P<comparator><=|>=|<|>|≤|≥)?\s*1\s*[:/]\s*(?P<titre>\d+)", re.ASCII)
_INTERVAL = re.compile(r"(?P<low>\d+(?:\.\d+)?)\s*[-–~]\s*(?P<high>\d+(?:\.\d+)?)", re.ASCII)
_PLACEHOLDER = re.compile(r"[\s*.\-–—_?/#]*|\"\"|n/?a", re.IGNORECASE)
_FULL_WIDTH = {0xFEE0 + code: code for code in range(0x21, 0x7F)} | {0x3000: 0x20}
_SIGNS = {"≤": "<=", "≥": ">="}
_WITH_NUMBERS = frozenset({"", "NM", "SN", "ST", "TX", "NR"})
_CODED = frozenset({"CE", "CWE", "CNE", "CF", "IS", "ID"})

_POSITIVE = (
    "positive pos reactive detected present + ++ +++ ++++ (+) 1+ 2+ 3+ 4+ +1 +2 +3 +4 "
    "阳性 弱阳性 强阳性 检出 阳 "
    "|weakly positive|weak positive|strongly positive|dương tính|duong tinh|dương tính yếu"
)
_NEGATIVE = (
    "negative neg nonreactive non-reactive absent undetected - (-) 阴性 未检出 阴 "
    "|not detected|non reactive|not reactive|none detected|âm tính|am tinh|không phát hiện"
)
_INDETERMINATE = (
    "indeterminate equivocal borderline inconclusive ± +- +/- (±) 可疑 不确定 灰区 |không xác định|nghi ngờ"
)
_CODES: dict[str, Outcome] = {
    "260373001": "positive",  # SNOMED CT: detected
    "10828004": "positive",
    "52101004": "positive",  # present
    "11214006": "positive",  # reactive
    "260415000": "negative",  # not detected
    "260385009": "negative",
    "2667000": "negative",  # absent
    "131194007": "negative",  # non-reactive
    "82334004": "indeterminate",
    "419984006": "indeterminate",  # inconclusive
    "LA6576-8": "positive",
    "LA11882-0": "positive",  # LOINC answers: detected
    "LA6577-6": "negative",
    "LA11883-8": "negative",
    "LA11884-6": "indeterminate",
}


class Reading(Struct, frozen=True, gc=False):
    """What a reported value says beside its text; `comparator` belongs to `number` or `titre`, `low` to `high`."""

    comparator: str = ""
    number: Decimal | None = None
    titre: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    outcome: Outcome | None = None

    @property
    def is_empty(self) -> bool:
        return self == NOTHING


NOTHING = Reading()


def read_value(value_type: str, values: tuple[str, ...]) -> Reading:
    """Read OBX-5 of the given OBX-2; several repetitions are read only as an outcome that all of them share."""
    readings = [_read_one(value_type, value) for value in values]
    if len(readings) == 1:
        return readings[0]
    outcomes = {reading.outcome for reading in readings}
    return Reading(outcome=outcomes.pop()) if len(outcomes) == 1 else Reading()


def plain_number(text: str) -> Decimal | None:
    """Read a number with a decimal point, and nothing else; None where the text is none."""
    if text.isascii() and text.replace(".", "", 1).isdecimal():
        return Decimal(text)
    text = text.strip()
    return Decimal(text) if re.fullmatch(_NUMBER, text, re.ASCII) else None


def is_placeholder(value: str) -> bool:
    """Whether a value is blank or only marks that there is none (`***.**`, `----`, `N/A`)."""
    return _PLACEHOLDER.fullmatch(value.strip()) is not None


def _read_one(value_type: str, value: str) -> Reading:
    if value_type == "SN":
        return _read_structured(value)
    if value_type == "NR":
        low, _, high = value.partition("^")
        return Reading(low=plain_number(low), high=plain_number(high)) if plain_number(low) is not None else Reading()
    if value_type in _CODED:
        return _read_coded(value)
    if value_type in _WITH_NUMBERS:
        return _read_text(value, is_numeric=value_type == "NM")
    return Reading()


def _read_text(value: str, *, is_numeric: bool) -> Reading:
    if (number := plain_number(value)) is not None and value[:1] not in ("+", "-", " "):
        return Reading(number=number)
    text = value.translate(_FULL_WIDTH).strip()
    if is_numeric and is_placeholder(text):
        return Reading()
    if match := _COMPARED.fullmatch(text):
        outcome = None if is_numeric else _outcome(text)
        if outcome:  # `+1` and the like grade a reaction
            return Reading(outcome=outcome)
        comparator = match["comparator"] or ""
        return Reading(_SIGNS.get(comparator, comparator), Decimal(match["number"]))
    if match := _TITRE.fullmatch(text):
        comparator = match["comparator"] or ""
        return Reading(_SIGNS.get(comparator, comparator), titre=Decimal(match["titre"]))
    if match := _INTERVAL.fullmatch(text):
        return Reading(low=Decimal(match["low"]), high=Decimal(match["high"]))
    return Reading(outcome=_outcome(text))


def _read_structured(value: str) -> Reading:
    """SN: comparator, number, separator or suffix, second number."""
    comparator, first, separator, second = (part.strip() for part in (*value.split("^"), "", "", "")[:4])
    low, high = plain_number(first), plain_number(second)
    comparator = "" if comparator == "=" else _SIGNS.get(comparator, comparator)
    if low is None or comparator not in ("", "<", ">", "<=", ">=", "<>"):
        return Reading()
    if separator == "+" and high is None:
        return Reading(outcome="positive")
    if separator == ":" and high is not None:
        return Reading(comparator, titre=high) if low == 1 else Reading()
    if separator == "-" and high is not None:
        return Reading(low=low, high=high)
    return Reading(comparator, low) if not separator and high is None and comparator != "<>" else Reading()


def _read_coded(value: str) -> Reading:
    parts = [unescape(part).strip() for part in value.split("^")]
    for code in parts[:1] + parts[3:4]:
        if code in _CODES:
            return Reading(outcome=_CODES[code])
    texts = (text for text in (*parts[1:2], *parts[4:5], *parts[8:9], *parts[:1]) if text)
    return Reading(outcome=next((outcome for outcome in map(_outcome, texts) if outcome), None))


def _outcome(text: str) -> Outcome | None:
    return _WORDS.get(" ".join(normalize("NFC", text.translate(_FULL_WIDTH)).casefold().split()))


def _words(listed: str) -> list[str]:
    single, *phrases = listed.split("|")
    return [normalize("NFC", word).casefold() for word in (*single.split(), *phrases)]


_WORDS: dict[str, Outcome] = {
    **dict.fromkeys(_words(_POSITIVE), "positive"),
    **dict.fromkeys(_words(_NEGATIVE), "negative"),
    **dict.fromkeys(_words(_INDETERMINATE), "indeterminate"),
}
