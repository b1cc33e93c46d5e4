"""From the values of a search parameter to the condition that the search understands (R4, Search)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from lienthong.exchange.fhir.errors import Invalid
from lienthong.interop.fhir import r4
from lienthong.interop.fhir.r4 import search
from lienthong.results.search.conditions import (
    Amount,
    Condition,
    HasAmount,
    HasCode,
    HasText,
    InTime,
    Within,
    text_parameter,
)

# What R4 gives to tokens and URIs beside these needs terminologies or hierarchies, which are not kept here.
MODIFIERS: Mapping[str, tuple[str, ...]] = {"string": ("exact", "contains"), "token": ("not", "text")}


def condition_of(
    parameter: r4.SearchParameter, modifier: str, text: str, *, zone: dt.tzinfo, at: dt.datetime
) -> Condition:
    """Return the condition that one of the values is met; raise Invalid with what is allowed."""
    if modifier and modifier not in MODIFIERS.get(parameter.type, ()):
        allowed = ", ".join(one for one in (":missing", told_modifiers(parameter.type)) if one)
        told = f"{parameter.code}:{modifier[:40]} is not searched here; allowed are {allowed}"
        raise Invalid.because("not-supported", told)
    several = search.alternatives(text)
    try:
        values = [search.parse_query_value(parameter, one, modifier=modifier, zone=zone, at=at) for one in several]
    except search.BadQuery as error:
        raise Invalid.because("value", str(error)) from error
    code = text_parameter(parameter.code) if modifier == "text" else parameter.code
    return _condition(code, values, is_negated=modifier == "not")


def told_modifiers(type_: str) -> str:
    """Return the modifiers of a type of parameter as they are written, beside :missing, which all have."""
    return ", ".join(f":{one}" for one in MODIFIERS.get(type_, ()))


def _condition(code: str, values: Sequence[search.QueryValue], *, is_negated: bool) -> Condition:
    """All values of a parameter are of one kind, by the parameter's type."""
    if dates := [one for one in values if isinstance(one, search.DateQuery)]:
        return InTime(code, tuple(Within(one.prefix, one.start, one.end) for one in dates))
    if texts := [one for one in values if isinstance(one, search.TextQuery)]:
        return HasText(code, tuple(one.text for one in texts), texts[0].match)
    if amounts := [_amount(one) for one in values if isinstance(one, search.NumberQuery | search.QuantityQuery)]:
        return HasAmount(code, tuple(amounts))
    uris = [(None, one.text) for one in values if isinstance(one, search.UriQuery)]
    tokens = [(one.system, one.code or "") for one in values if isinstance(one, search.TokenQuery)]
    return HasCode(code, (*uris, *tokens), is_negated)


def _amount(one: search.NumberQuery | search.QuantityQuery) -> Amount:
    """A quantity without a code of its unit is of any unit.

    The precision of a number counts for equality only (R4, Search, number).
    """
    number = one if isinstance(one, search.NumberQuery) else one.number
    is_ordered = number.prefix not in ("eq", "ne", "ap")
    low, high = (number.value, number.value) if is_ordered else (number.low, number.high)
    if isinstance(one, search.NumberQuery):
        return Amount(number.prefix, low, high)
    return Amount(number.prefix, low, high, one.system, one.code or "")
