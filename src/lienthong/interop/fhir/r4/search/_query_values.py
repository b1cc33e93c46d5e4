"""One value of a query, read by the type of its parameter (FHIR R4, Search)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import get_args

from lienthong.interop.fhir._numbers import number
from lienthong.interop.fhir.r4._definitions import SearchParameter, resource_types
from lienthong.interop.fhir.r4._references import parts_of
from lienthong.interop.fhir.r4._times import moments
from lienthong.interop.fhir.r4.search._escaping import split, unescaped
from lienthong.interop.fhir.r4.search._folding import folded
from lienthong.interop.fhir.r4.search._queries import (
    BadQuery,
    CompositeQuery,
    DateQuery,
    MissingQuery,
    NumberQuery,
    Prefix,
    QuantityQuery,
    QueryValue,
    ReferenceQuery,
    TextQuery,
    TokenQuery,
    TypedIdentifierQuery,
    UriQuery,
)

PREFIXES: tuple[Prefix, ...] = get_args(Prefix)
MODIFIERS: Mapping[str, tuple[str, ...]] = {
    "string": ("missing", "exact", "contains"),
    "token": ("missing", "not", "text", "of-type"),
    "reference": ("missing", "identifier"),
    "uri": ("missing", "below", "above"),
}
"The modifiers that are read, of those of R4; references also take the name of a type. Value sets are not asked (:in)."

_PREFIXED = re.compile(r"([a-z]{2})(?=[-+.0-9])(.*)", re.ASCII | re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
_DATES = "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss] with Z or an offset"
_TENTH = Decimal("0.1")
_HALF = Decimal("0.5")
_WITHOUT_PREFIX: Prefix = "eq"


def parse_query_value(
    parameter: SearchParameter,
    text: str,
    *,
    modifier: str = "",
    zone: tzinfo = UTC,
    at: datetime | None = None,
) -> QueryValue:
    """Return what one value of a query asks for; a comma has been split off before (`alternatives`).

    `zone` is that of dates and times which name none; `at` the instant from which `ap` measures the distance of a date
    (a tenth of it to both sides). Raises BadQuery, which names the parameter and what is allowed.
    """
    name = f"{parameter.code}:{modifier}" if modifier else parameter.code
    _check_modifier(parameter, modifier, name)
    if modifier == "missing":
        if text not in ("true", "false"):
            raise BadQuery(name, "must be true or false")
        return MissingQuery(text == "true")
    if not text:
        raise BadQuery(name, "must have a value")
    if parameter.components:
        return _composite(parameter, text, name, zone, at)
    if parameter.type == "date":
        return _date(text, name, zone, at)
    reader = _READERS.get(parameter.type)
    if reader is None:
        raise BadQuery(name, f"is of type {parameter.type}, which can't be searched")
    return reader(text, modifier, name)


def _check_modifier(parameter: SearchParameter, modifier: str, name: str) -> None:
    allowed = MODIFIERS.get(parameter.type, ("missing",))
    if not modifier or modifier in allowed:
        return
    if parameter.type == "reference" and modifier in (parameter.targets or resource_types()):
        return
    also = f", {', '.join(sorted(parameter.targets))}" if parameter.type == "reference" and parameter.targets else ""
    raise BadQuery(name, f"has an unknown modifier; allowed are {', '.join(allowed)}{also}")


def _composite(parameter: SearchParameter, text: str, name: str, zone: tzinfo, at: datetime | None) -> CompositeQuery:
    parts = split(text, "$")
    if len(parts) != len(parameter.components):
        raise BadQuery(name, f"must have {len(parameter.components)} parts with $ between them")
    kinds = [SearchParameter(name, kind, "") for kind, _ in parameter.components]
    return CompositeQuery(
        tuple(parse_query_value(kind, part, zone=zone, at=at) for kind, part in zip(kinds, parts, strict=True))
    )


def _prefix_of(text: str, name: str) -> tuple[Prefix, str]:
    match = _PREFIXED.fullmatch(text)
    if match is None:
        return _WITHOUT_PREFIX, text
    for prefix in PREFIXES:
        if prefix == match[1]:
            return prefix, match[2]
    raise BadQuery(name, f"has an unknown prefix; allowed are {', '.join(PREFIXES)}")


def _date(text: str, name: str, zone: tzinfo, at: datetime | None) -> DateQuery:
    prefix, bare = _prefix_of(text, name)
    held = moments(bare.replace(" ", "+"), zone)  # a + that the client didn't escape in the URL
    if held is None or held.start is None or held.end is None:
        raise BadQuery(name, f"must be {_DATES}")
    if prefix != "ap":
        return DateQuery(prefix, held.start, held.end)
    if at is None:
        raise BadQuery(name, "can't be searched with ap here")
    return DateQuery(prefix, *_widened(held.start, held.end, at))


def _widened(start: datetime, end: datetime, at: datetime) -> tuple[datetime, datetime]:
    """Add a tenth of the gap between the date and now to both sides (FHIR R4, Search, prefixes, ap)."""
    gap: timedelta = abs(at - start) / 10
    try:
        return start - gap, end + gap
    except OverflowError:
        return start, end


def _number(text: str, _: str, name: str) -> NumberQuery:
    prefix, bare = _prefix_of(text, name)
    if not _NUMBER.fullmatch(bare):
        raise BadQuery(name, f"must be a number, with one of {', '.join(PREFIXES)} before it or nothing")
    try:
        value = Decimal(str(number(bare.removeprefix("+"))))
    except ValueError as error:
        raise BadQuery(name, f"is not allowed: {error}") from None
    if prefix == "ap":
        margin = abs(value) * _TENTH
        return NumberQuery(prefix, value, value - margin, value + margin)
    exponent = value.as_tuple().exponent
    margin = _HALF.scaleb(exponent) if isinstance(exponent, int) else Decimal(0)
    return NumberQuery(prefix, value, value - margin, value + margin)


def _quantity(text: str, modifier: str, name: str) -> QuantityQuery:
    parts = [unescaped(part) for part in split(text, "|")]
    if len(parts) not in (1, 3):
        raise BadQuery(name, "must be a number, or a number|system|code")
    value = _number(parts[0], modifier, name)
    if len(parts) == 1:
        return QuantityQuery(value, None, None)
    return QuantityQuery(value, parts[1] or None, parts[2] or None)


def _token(text: str, modifier: str, name: str) -> QueryValue:
    if modifier == "text":
        plain = unescaped(text)
        return TextQuery(plain, folded(plain), "starts")
    parts = [unescaped(part) for part in split(text, "|")]
    if modifier == "of-type":
        if len(parts) != 3 or not all(parts):
            raise BadQuery(name, "must be system|code|value, each with something in it")
        return TypedIdentifierQuery(*parts)
    return _code(parts, name)


def _code(parts: list[str], name: str) -> TokenQuery:
    if len(parts) > 2 or not any(parts):
        raise BadQuery(name, "must be code, system|code, |code or system|")
    if len(parts) == 1:
        return TokenQuery(None, parts[0])
    return TokenQuery(parts[0], parts[1] or None)


def _string(text: str, modifier: str, _: str) -> TextQuery:
    plain = unescaped(text)
    if modifier == "exact":
        return TextQuery(plain, folded(plain), "exact")
    return TextQuery(plain, folded(plain), "contains" if modifier == "contains" else "starts")


def _reference(text: str, modifier: str, name: str) -> ReferenceQuery:
    if modifier == "identifier":
        return ReferenceQuery(identifier=_code([unescaped(part) for part in split(text, "|")], name))
    plain = unescaped(text)
    if _ID.fullmatch(plain):
        return ReferenceQuery(modifier, plain)
    kind, key, base = parts_of(plain)
    if kind and modifier and kind != modifier:
        raise BadQuery(name, f"must name a {modifier}")
    if kind and not base:
        return ReferenceQuery(kind, key)
    if ":" not in plain:
        raise BadQuery(name, "must be an id, a type and an id (Patient/1), or an absolute URL")
    return ReferenceQuery(kind, key, plain)


def _uri(text: str, modifier: str, _: str) -> UriQuery:
    plain = unescaped(text)
    if modifier == "below":
        return UriQuery(plain, "below")
    return UriQuery(plain, "above" if modifier == "above" else "exact")


_READERS: Mapping[str, Callable[[str, str, str], QueryValue]] = {
    "number": _number,
    "quantity": _quantity,
    "token": _token,
    "string": _string,
    "reference": _reference,
    "uri": _uri,
}
