"""Whether a value meets a query: R4's meaning of prefixes and modifiers in plain words, for a database to agree with.

A query's interval and a value's are compared (FHIR R4, Search, prefixes): `eq` where the query's contains the value's
whole, `gt` and `lt` where the value reaches beyond the query's, `sa` and `eb` where it lies wholly beyond.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from lienthong.interop.fhir.r4.search._folding import folded
from lienthong.interop.fhir.r4.search._queries import (
    CompositeQuery,
    DateQuery,
    NumberQuery,
    QuantityQuery,
    QueryValue,
    ReferenceQuery,
    TextQuery,
    TokenQuery,
    TypedIdentifierQuery,
    UriQuery,
)
from lienthong.interop.fhir.r4.search._types import (
    CompositeValue,
    DateValue,
    NumberValue,
    QuantityValue,
    ReferenceValue,
    SearchValue,
    StringValue,
    TokenValue,
    UriValue,
)

Dates: TypeAlias = Callable[[DateQuery, datetime, datetime], bool]
Numbers: TypeAlias = Callable[[NumberQuery, Decimal, Decimal], bool]

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_INFINITE = Decimal("Infinity")


def matches(query: QueryValue, value: SearchValue) -> bool:
    """Tell whether a value of a resource meets one value of a query; of different types none does.

    :not and :missing are about all values of a resource, so it is the caller who turns the answer round.
    """
    for kinds, test in _TESTS:
        if isinstance(query, kinds[0]) and isinstance(value, kinds[1]):
            return test(query, value)
    return False


def _dates(query: DateQuery, value: DateValue) -> bool:
    return _DATES[query.prefix](query, value.start or _EARLIEST, value.end or _LATEST)


_DATES: Mapping[str, Dates] = {
    "eq": lambda query, start, end: query.start <= start and end <= query.end,
    "ne": lambda query, start, end: not (query.start <= start and end <= query.end),
    "gt": lambda query, start, end: end > query.end,
    "lt": lambda query, start, end: start < query.start,
    "ge": lambda query, start, end: end > query.end or (query.start <= start and end <= query.end),
    "le": lambda query, start, end: start < query.start or (query.start <= start and end <= query.end),
    "sa": lambda query, start, end: start >= query.end,
    "eb": lambda query, start, end: end <= query.start,
    "ap": lambda query, start, end: start < query.end and end > query.start,
}

# A stored number is exact; the number of a query is exact too, but for eq, ne and ap.
_NUMBERS: Mapping[str, Numbers] = {
    "eq": lambda query, low, high: query.low <= low and high < query.high,
    "ne": lambda query, low, high: not (query.low <= low and high < query.high),
    "gt": lambda query, low, high: high > query.value,
    "lt": lambda query, low, high: low < query.value,
    "ge": lambda query, low, high: high >= query.value,
    "le": lambda query, low, high: low <= query.value,
    "sa": lambda query, low, high: low > query.value,
    "eb": lambda query, low, high: high < query.value,
    "ap": lambda query, low, high: low <= query.high and high >= query.low,
}


def _numbers(query: NumberQuery, value: NumberValue) -> bool:
    return _NUMBERS[query.prefix](query, value.value, value.value)


def _quantities(query: QuantityQuery, value: QuantityValue) -> bool:
    if query.system is not None and query.system != value.system:
        return False
    # Without a system the code may be that of people: R4, Search, quantity, [number]||[code].
    names = (value.code,) if query.system is not None else (value.code, value.unit)
    if query.code is not None and query.code not in names:
        return False
    low = -_INFINITE if value.low is None else value.low
    high = _INFINITE if value.high is None else value.high
    return _NUMBERS[query.number.prefix](query.number, low, high)


def _tokens(query: TokenQuery, value: TokenValue) -> bool:
    return query.system in (None, value.system) and query.code in (None, value.code)


def _typed_identifiers(query: TypedIdentifierQuery, value: TokenValue) -> bool:
    return query.value == value.code and (query.system, query.code) in value.types


def _texts(query: TextQuery, value: StringValue) -> bool:
    if query.match == "exact":
        return query.text == value.text
    return query.folded in value.folded if query.match == "contains" else value.folded.startswith(query.folded)


def _displays(query: TextQuery, value: TokenValue) -> bool:
    """Any word of a display may begin what is looked for: the name of a code seldom begins with it."""
    return any(f" {query.folded}" in f" {folded(text)}" for text in value.texts)


def _references(query: ReferenceQuery, value: ReferenceValue) -> bool:
    if query.identifier is not None:
        return value.identifier is not None and _tokens(query.identifier, value.identifier)
    if query.url:
        return query.url == value.url
    return query.id == value.id and query.type in ("", value.type)


def _uris(query: UriQuery, value: UriValue) -> bool:
    if query.match == "exact":
        return query.text == value.text
    upper, lower = (query.text, value.text) if query.match == "below" else (value.text, query.text)
    return lower == upper or lower.startswith(upper.removesuffix("/") + "/")


def _composites(query: CompositeQuery, value: CompositeValue) -> bool:
    pairs = zip(query.parts, value.parts, strict=True)
    return all(any(matches(part, one) for one in values) for part, values in pairs)


_TESTS: tuple[tuple[tuple[type, type], Callable[..., bool]], ...] = (
    ((DateQuery, DateValue), _dates),
    ((NumberQuery, NumberValue), _numbers),
    ((QuantityQuery, QuantityValue), _quantities),
    ((TokenQuery, TokenValue), _tokens),
    ((TypedIdentifierQuery, TokenValue), _typed_identifiers),
    ((TextQuery, StringValue), _texts),
    ((TextQuery, TokenValue), _displays),
    ((ReferenceQuery, ReferenceValue), _references),
    ((UriQuery, UriValue), _uris),
    ((CompositeQuery, CompositeValue), _composites),
)
