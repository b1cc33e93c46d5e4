"""FHIR JSON: decimals keep their digits, and what is absent or of another type reads as empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

import msgspec

from lienthong.interop.fhir._numbers import WrittenDecimal, number

Element: TypeAlias = dict[str, object]


def _as_written(value: object) -> msgspec.Raw:
    if isinstance(value, WrittenDecimal):
        return msgspec.Raw(value.text.encode())
    raise NotImplementedError


ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_as_written)
_DECODER = msgspec.json.Decoder(float_hook=number)
_NOTHING: Mapping[str, object] = {}
_MOST_DIGITS = 50
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


def dumps(resource: Mapping[str, object]) -> str:
    """Write a resource on one line; `Decimal("1.50")` is written as 1.50 (FHIR R4, datatypes, decimal)."""
    return ENCODER.encode(resource).decode()


def loads(text: str | bytes) -> object:
    """Read JSON; numbers with a point become Decimal. Raises ValueError where it is no JSON or a number is too long."""
    try:
        found: object = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("the text is not JSON") from error
    return found


def as_element(value: object) -> Mapping[str, object]:
    return value if type(value) is dict or isinstance(value, Mapping) else _NOTHING


def element_at(parent: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """Return the object at the end of `path`; of a list, its first."""
    for key in path:
        value = parent.get(key)
        if value is None:
            return _NOTHING
        parent = as_element(value[0] if isinstance(value, list) and value else value)
    return parent


def elements_at(parent: Mapping[str, object], key: str) -> tuple[Mapping[str, object], ...]:
    value = parent.get(key)
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple([one for one in value if type(one) is dict or isinstance(one, Mapping)])
    return (value,) if isinstance(value, Mapping) else ()


def text_at(parent: Mapping[str, object], *path: str) -> str:
    """Return the text at the end of `path`; empty where there is none."""
    holder = element_at(parent, *path[:-1]) if len(path) > 1 else parent
    value = holder.get(path[-1])
    return value if isinstance(value, str) else ""


def texts_at(parent: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = parent.get(key)
    return tuple(one for one in value if isinstance(one, str) and one) if isinstance(value, list) else ()


def number_at(parent: Mapping[str, object], key: str) -> str:
    """Return a number with the digits that it was written with, without exponent; empty where there is none."""
    value = parent.get(key)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return f"{value:f}" if isinstance(exponent, int) and abs(exponent) <= _MOST_DIGITS else ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def decimal(text: str) -> Decimal | None:
    """Return the number that FHIR can hold with these digits; None for any other text."""
    cleaned = text.strip().removeprefix("+")
    if not _DECIMAL.fullmatch(cleaned):
        cleaned = _repaired(cleaned)
    return Decimal(cleaned) if _DECIMAL.fullmatch(cleaned) else None


def _repaired(text: str) -> str:
    """Write `.5`, `5.` and `007` as FHIR does: 0.5, 5 and 7."""
    match = re.fullmatch(r"(-?)0*+(\d*+)(\.\d*+)?", text, re.ASCII)
    if match is None or not (match[2] or (match[3] or "").strip(".") or "0" in text):
        return ""
    fraction = match[3] if match[3] and match[3] != "." else ""
    return f"{match[1]}{match[2] or '0'}{fraction}"
