"""Searches of FHIR R4: what a resource is found by, and what a query asks for (FHIR R4, Search)."""

from lienthong.interop.fhir.r4.search._escaping import alternatives
from lienthong.interop.fhir.r4.search._folding import folded
from lienthong.interop.fhir.r4.search._matching import matches
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
from lienthong.interop.fhir.r4.search._query_values import MODIFIERS, PREFIXES, parse_query_value
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
from lienthong.interop.fhir.r4.search._values import search_values

__all__ = [
    "MODIFIERS",
    "PREFIXES",
    "BadQuery",
    "CompositeQuery",
    "CompositeValue",
    "DateQuery",
    "DateValue",
    "MissingQuery",
    "NumberQuery",
    "NumberValue",
    "Prefix",
    "QuantityQuery",
    "QuantityValue",
    "QueryValue",
    "ReferenceQuery",
    "ReferenceValue",
    "SearchValue",
    "StringValue",
    "TextQuery",
    "TokenQuery",
    "TokenValue",
    "TypedIdentifierQuery",
    "UriQuery",
    "UriValue",
    "alternatives",
    "folded",
    "matches",
    "parse_query_value",
    "search_values",
]
