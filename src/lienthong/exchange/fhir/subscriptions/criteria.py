"""The criteria of a Subscription: a search of one kind, judged on each resource as the subscriber reads it.

R4 (Subscription.criteria): a search relative to the base, applied to the new state of a resource. What depends on other
resources can't be judged on one; whose a result is, is known, so that the patient may be named as in any search.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Refused
from lienthong.exchange.fhir.kinds import NOT_OFFERED
from lienthong.exchange.fhir.query import parse_condition
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir import r4
from lienthong.interop.fhir.r4 import search
from lienthong.interop.fhir.r4.search import SearchValue
from lienthong.results.resources.compartment import OF_PATIENT
from lienthong.results.search.conditions import OfPatients

KINDS_TOLD = ("DiagnosticReport", "Observation", "Patient", "ServiceRequest", "Specimen")
LONGEST = 2_000
Values: TypeAlias = dict[str, list[SearchValue]]
Test: TypeAlias = Callable[[Shown, Values], bool]


class BadCriteria(ValueError):
    """Raised for criteria that can't be judged; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One parameter of a search, as it was written: `code`, `code:not`, `patient.identifier`."""

    name: str
    text: str

    @property
    def code(self) -> str:
        return self.name.partition(".")[0].partition(":")[0]

    @property
    def modifier(self) -> str:
        return self.name.partition(".")[0].partition(":")[2]

    @property
    def is_chained(self) -> bool:
        return "." in self.name


@dataclass(frozen=True, slots=True)
class Criteria:
    """A kind, and the parameters that must all be met; `text` is how it was written."""

    text: str
    kind: str
    asked: tuple[Asked, ...]


def read_criteria(text: str) -> Criteria:
    """Read `Observation?code=…&patient=…`; raise BadCriteria."""
    kind, _question, query = text.partition("?")
    if len(text) > LONGEST:
        raise BadCriteria(f"must have at most {LONGEST} characters")
    if kind not in KINDS_TOLD:
        raise BadCriteria(f"must be a search of {', '.join(KINDS_TOLD)}, such as Observation?code=2345-7")
    asked = tuple(Asked(name, value) for name, value in parse_qsl(query, keep_blank_values=True))
    known = parameters_of(kind)
    for one in asked:
        if one.code not in known:
            raise BadCriteria(f"may ask for {', '.join(sorted(known))}, and not for {one.code[:60]}")
        if one.is_chained and one.code not in OF_PATIENT:
            raise BadCriteria(f"may follow no reference but {' and '.join(sorted(OF_PATIENT))}, and not {one.code}")
    return Criteria(text, kind, asked)


def parameters_of(kind: str) -> dict[str, r4.SearchParameter]:
    """Return the parameters that are judged on one resource, composites among them."""
    return {
        code: one
        for code, one in r4.search_parameters(kind).items()
        if one.expression and one.type != "special" and code not in NOT_OFFERED
    }


def judge_of(criteria: Criteria, caller: FhirCaller) -> Callable[[Shown], bool]:
    """Return what tells whether a resource meets criteria; raise BadCriteria where a value can't be understood.

    Patients are looked up now, among those that the caller may read.
    """
    known = parameters_of(criteria.kind)
    tests = [_test(one, known[one.code], criteria.kind, caller) for one in criteria.asked]
    codes = {one.code for one in criteria.asked}

    def judged(shown: Shown) -> bool:
        values = search.search_values(shown.element, criteria.kind, caller.zone, codes=codes)
        return shown.kind == criteria.kind and all(test(shown, values) for test in tests)

    return judged


def _test(asked: Asked, parameter: r4.SearchParameter, kind: str, caller: FhirCaller) -> Test:
    if asked.code in OF_PATIENT and asked.modifier != "missing":
        return _of_patient(asked, parameter, kind, caller)
    return _of_values(asked, parameter, zone=caller.zone, at=caller.at)


def _of_patient(asked: Asked, parameter: r4.SearchParameter, kind: str, caller: FhirCaller) -> Test:
    """Ask for the patient's record, not for a reference: a person has as many references as there are senders."""
    try:
        conditions = parse_condition(kind, urlencode([(asked.name, asked.text)]), caller=caller)
    except Refused as error:
        raise BadCriteria(f"can't be understood: {error}") from error
    records = [one.record_ids for one in conditions if isinstance(one, OfPatients)]
    if len(records) == 1:
        return lambda shown, values: shown.record_id in records[0]
    if asked.is_chained:
        raise BadCriteria(f"may follow {asked.code} to a Patient only")
    return _of_values(asked, parameter, zone=caller.zone, at=caller.at)


def _of_values(asked: Asked, parameter: r4.SearchParameter, *, zone: dt.tzinfo, at: dt.datetime) -> Test:
    try:
        queries = [
            search.parse_query_value(parameter, one, modifier=asked.modifier, zone=zone, at=at)
            for one in search.alternatives(asked.text)
        ]
    except search.BadQuery as error:
        raise BadCriteria(f"can't be understood: {error}") from error
    if asked.modifier == "missing":
        wanted = [one.is_missing for one in queries if isinstance(one, search.MissingQuery)]
        return lambda shown, values: (not values.get(asked.code)) in wanted
    is_negated = asked.modifier == "not"
    return lambda shown, values: _is_met(queries, values.get(asked.code, ())) is not is_negated


def _is_met(queries: Sequence[search.QueryValue], values: Sequence[SearchValue]) -> bool:
    return any(search.matches(query, value) or _begins_word(query, value) for query in queries for value in values)


def _begins_word(query: search.QueryValue, value: SearchValue) -> bool:
    """Whether any word of a text begins what is looked for, as in searches: a name is one text as often as parts."""
    if not isinstance(query, search.TextQuery) or not isinstance(value, search.StringValue):
        return False
    return query.match == "starts" and f" {query.folded}" in f" {value.folded}"
