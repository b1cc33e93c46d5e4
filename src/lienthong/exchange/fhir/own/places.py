"""The facilities of the registry among resources: so few that they are told and compared one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from lienthong.exchange.fhir.own.organizations import location, organization
from lienthong.exchange.fhir.showing import Shown
from lienthong.interop.fhir import Element
from lienthong.registry import reads as registry
from lienthong.registry.reads import FacilityFacts
from lienthong.results.reads import fold_name
from lienthong.results.search.conditions import Condition, HasCode, HasText, IsMissing, Named

PLACES: Mapping[str, Callable[[FacilityFacts], Element]] = {"Location": location, "Organization": organization}
_BEFORE_ALL = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_HAS = frozenset(("identifier", "name", "_id"))


def find_places(kind: str, conditions: Sequence[Condition], *, on: dt.date) -> list[Shown]:
    """Return the facilities, as they are on a day, that meet all conditions, by their codes."""
    facilities = sorted(registry.facilities(on=on).values(), key=lambda one: one.code)
    found = [one for one in facilities if all(_meets(one, condition) for condition in conditions)]
    return [Shown(kind, one.code, 1, _BEFORE_ALL, PLACES[kind](one), facility_id=one.id) for one in found]


def _meets(facility: FacilityFacts, condition: Condition) -> bool:
    if isinstance(condition, Named):
        return facility.code in condition.ids
    if isinstance(condition, IsMissing):
        return condition.is_missing != (condition.parameter in _HAS)
    if isinstance(condition, HasCode) and condition.parameter == "identifier":
        return any(code == facility.code for _system, code in condition.codes) != condition.is_negated
    if isinstance(condition, HasText) and condition.parameter == "name":
        return any(_is_named(facility.name, text, condition.matching) for text in condition.texts)
    return False


def _is_named(name: str, text: str, matching: str) -> bool:
    if matching == "exact":
        return name == text
    folded, wanted = fold_name(name), fold_name(text)
    return wanted in folded if matching == "contains" else folded.startswith(wanted)
