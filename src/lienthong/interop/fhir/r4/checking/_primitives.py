"""Values of primitive types: what R4's regular expressions allow (FHIR R4, Data Types), and what the text adds.

The expressions come from HL7's table. Ours differ where the text says more: control characters are no text, days must
exist in the calendar, integers have 32 bits; and base64Binary is read by a rule that takes no exponential time.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import TypeAlias

from lienthong.interop.fhir._numbers import FARTHEST_EXPONENT, MOST_CHARACTERS
from lienthong.interop.fhir.r4._definitions import primitives
from lienthong.interop.fhir.r4.checking._xhtml import fault_of_xhtml

Holds: TypeAlias = Callable[[object], bool]

_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]+")
_URI = re.compile(r"[^\s\x00-\x1f]+", re.ASCII)
_LINE = re.compile(r"[^\s\x00-\x1f]+(?: [^\s\x00-\x1f]+)*", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)
_INTEGERS = {"integer": -(2**31), "unsignedInt": 0, "positiveInt": 1}
_LARGEST = 2**31 - 1
_TOO_LARGE = 10**MOST_CHARACTERS

ALLOWED = {
    "base64Binary": "a Base64 text",
    "boolean": "true or false, without quotes",
    "canonical": "a URI without white space",
    "code": "a text without white space but single blanks inside",
    "date": "YYYY, YYYY-MM or YYYY-MM-DD of the calendar",
    "dateTime": "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with Z or an offset",
    "decimal": "a number, without quotes",
    "id": "1 to 64 letters, digits, - and . of ASCII",
    "instant": "YYYY-MM-DDThh:mm:ss with Z or an offset",
    "integer": "a whole number of 32 bits, without quotes",
    "markdown": "a text that isn't empty and has no control characters",
    "oid": "urn:oid: and an object identifier",
    "positiveInt": "a whole number from 1 to 2147483647, without quotes",
    "string": "a text that isn't empty and has no control characters",
    "time": "hh:mm:ss",
    "unsignedInt": "a whole number from 0 to 2147483647, without quotes",
    "uri": "a URI without white space",
    "url": "a URL without white space",
    "uuid": "urn:uuid: and a UUID in lower case",
    "xhtml": "a div of XHTML with text or an image, and only the basic elements and attributes of formatting",
}


@cache
def test_of(code: str) -> Holds:
    """Return what tells whether a value of JSON is one of the primitive type `code`."""
    own: dict[str, Holds] = {
        "base64Binary": _is_base64,
        "boolean": _is_boolean,
        "canonical": _matching(_URI),
        "code": _matching(_LINE),
        "decimal": _is_decimal,
        "markdown": _matching(_TEXT),
        "string": _matching(_TEXT),
        "uri": _matching(_URI),
        "url": _matching(_URI),
        "xhtml": _is_xhtml,
    }
    if code in own:
        return own[code]
    if code in _INTEGERS:
        return _whole(_INTEGERS[code])
    pattern = re.compile(primitives()[code], re.ASCII)
    return _dated(pattern) if code in ("date", "dateTime", "instant") else _matching(pattern)


def member_of(codes: frozenset[str]) -> Holds:
    """Return what tells whether a value is one of the codes."""
    return lambda value: type(value) is str and value in codes


def _matching(pattern: re.Pattern[str]) -> Holds:
    fullmatch = pattern.fullmatch
    return lambda value: type(value) is str and fullmatch(value) is not None


def _whole(least: int) -> Holds:
    return lambda value: type(value) is int and least <= value <= _LARGEST


def _dated(pattern: re.Pattern[str]) -> Holds:
    fullmatch = pattern.fullmatch
    return lambda value: (
        type(value) is str and fullmatch(value) is not None and (value[8:10] <= "28" or _is_in_calendar(value[:10]))
    )


def _is_in_calendar(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_boolean(value: object) -> bool:
    return type(value) is bool


def _is_decimal(value: object) -> bool:
    if type(value) is int:
        return bool(-_TOO_LARGE < value < _TOO_LARGE)
    return isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= FARTHEST_EXPONENT


def _is_base64(value: object) -> bool:
    if type(value) is not str:
        return False
    bare = "".join(value.split())
    return len(bare) % 4 == 0 and _BASE64.fullmatch(bare) is not None


def _is_xhtml(value: object) -> bool:
    return type(value) is str and not fault_of_xhtml(value)
