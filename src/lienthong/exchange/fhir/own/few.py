"""What the house has so little of that it is told and compared one by one: its facilities, and its definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from lienthong.exchange.fhir.definitions import PUBLISHED_KINDS, definitions
from lienthong.exchange.fhir.own.organizations import location, organization
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir import Element
from lienthong.interop.fhir.r4 import search
from lienthong.registry import reads as registry
from lienthong.registry.reads import FacilityFacts
from lienthong.results.reads import fold_name
from lienthong.results.search.conditions import (
    ChangedWithin,
    Condition,
    HasCode,
    HasText,
    InTime,
    IsMissing,
    Named,
    RefersTo,
    Within,
    text_parameter,
)

PLACES: Mapping[str, Callable[[FacilityFacts], Element]] = {"Location": location, "Organization": organization}
_MOMENT = dt.timedelta(milliseconds=1)
_BEFORE_ALL = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def find_few(kind: str, conditions: Sequence[Condition], *, on: dt.date) -> list[Shown]:
    """Return what meets all conditions, by ids: facilities as they are on a day, definitions; nothing of other kinds.

    What R4 finds a resource by is compared as for resources as received, so that both are found by the same search.
    """
    return [one for one in _all(kind, on) if all(_meets(one, condition) for condition in conditions)]


def _all(kind: str, on: dt.date) -> list[Shown]:
    if kind in PLACES:
        facilities = sorted(registry.facilities(on=on).values(), key=lambda one: one.code)
        return [Shown(kind, one.code, 1, _BEFORE_ALL, PLACES[kind](one), facility_id=one.id) for one in facilities]
    if kind in PUBLISHED_KINDS:
        return [Shown(kind, str(one["id"]), 1, _since(one), one) for one in definitions()[kind]]
    return []


def _since(definition: Element) -> dt.datetime:
    return dt.datetime.fromisoformat(str(definition["date"])).replace(tzinfo=dt.UTC)


def _meets(one: Shown, condition: Condition) -> bool:
    if isinstance(condition, Named):
        return one.id in condition.ids
    if isinstance(condition, ChangedWithin):
        return any(_is_within(span, one.changed_at, one.changed_at + _MOMENT) for span in condition.spans)
    values, parameter = search.search_values(one.element, one.kind), getattr(condition, "parameter", "")
    if isinstance(condition, HasText) and parameter not in values:
        return _is_told(values, condition)
    found = values.get(parameter, [])
    if isinstance(condition, IsMissing):
        return condition.is_missing != bool(found)
    if isinstance(condition, HasCode):
        return any(_has_code(value, condition) for value in found) != condition.is_negated
    return any(_has_value(value, condition) for value in found)


def _is_told(values: Mapping[str, Sequence[search.SearchValue]], condition: HasText) -> bool:
    """Whether a text of a code is what is looked for (:text)."""
    told = [
        text
        for code, several in values.items()
        if text_parameter(code) == condition.parameter
        for value in several
        if isinstance(value, search.TokenValue)
        for text in value.texts
    ]
    return any(_has_text(one, text, condition.matching) for one in told for text in condition.texts)


def _has_code(value: search.SearchValue, condition: HasCode) -> bool:
    if isinstance(value, search.UriValue):
        return any(code == value.text for _system, code in condition.codes)
    if not isinstance(value, search.TokenValue):
        return False
    return any(system in (None, value.system) and code in ("", value.code) for system, code in condition.codes)


def _has_value(value: search.SearchValue, condition: Condition) -> bool:
    if isinstance(value, search.StringValue) and isinstance(condition, HasText):
        return any(_has_text(value.text, text, condition.matching) for text in condition.texts)
    if isinstance(value, search.DateValue) and isinstance(condition, InTime):
        start, end = value.start or _BEFORE_ALL, value.end or dt.datetime.max.replace(tzinfo=dt.UTC)
        return any(_is_within(span, start, end) for span in condition.spans)
    if isinstance(value, search.ReferenceValue) and isinstance(condition, RefersTo):
        return any(f"/{value.url}".endswith(f"/{target}") for target in condition.targets)
    return False


def _has_text(value: str, text: str, matching: str) -> bool:
    """Any word of a text may begin what is looked for, as in resources as received."""
    if matching == "exact":
        return value == text
    folded, wanted = fold_name(value), fold_name(text)
    return wanted in folded if matching == "contains" else f" {wanted}" in f" {folded}"


def _is_within(span: Within, start: dt.datetime, end: dt.datetime) -> bool:
    """Compare as R4 says, Search, prefixes; `ap` is that they touch."""
    asked = search.DateQuery(span.comparison, span.start, span.end)
    return search.matches(asked, search.DateValue(start, end, "period"))
