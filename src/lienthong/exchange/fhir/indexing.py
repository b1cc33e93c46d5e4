"""By what a resource is found: its search values (R4, Search) as tokens, texts, times and ranges of numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from uuid import UUID

from lienthong.exchange.fhir.placing import Place
from lienthong.exchange.processing.settling import numbers_of, patient_records
from lienthong.exchange.senders import SourceFacts
from lienthong.interop.fhir import dumps, r4, references
from lienthong.interop.fhir.r4 import search
from lienthong.results.actions import ResourceDraft
from lienthong.results.reads import fold_name
from lienthong.results.resources.compartment import OF_PATIENT, OF_SOMEBODY, WITHOUT_PATIENTS
from lienthong.results.resources.names import name_of
from lienthong.results.resources.tokens import code_token, code_tokens, present_token, reference_token
from lienthong.results.search import loading
from lienthong.results.search.conditions import text_parameter
from lienthong.results.search.received import CLINICAL_TIME, JOINED

# Ends of what is open, as numbers that JSON can hold.
_FIRST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
_MOST = 1e300


def real_references(several: Sequence[tuple[str, Sequence[Place]]]) -> list[dict[str, str]]:
    """Return for the places of each sender, for themselves and their references, `Kind/name` of what is named here.

    What names no resource of the sender is left out: it is another's name, a row of the house, or nothing.
    """
    own = [{one.reference for one in places} for _source, places in several]
    names = [
        {text: _name(text, source) for text in given | _named(places)}
        for (source, places), given in zip(several, own, strict=True)
    ]
    asked = {name for given, known in zip(own, names, strict=True) for text, name in known.items() if text not in given}
    there = loading.existing(asked)
    return [
        {text: f"{text.partition('/')[0]}/{name}" for text, name in known.items() if text in given or name in there}
        for given, known in zip(own, names, strict=True)
    ]


def _named(places: Sequence[Place]) -> set[str]:
    return {text for one in places for text in references(one.resource) if text.count("/") == 1}


def _name(reference: str, source: str) -> UUID:
    kind, _slash, own_id = reference.partition("/")
    return name_of(kind, source=source, own_id=own_id)


def patients_named(
    places: Sequence[Place], there: Mapping[str, str], *, source: str, stored: Sequence[int]
) -> dict[str, int]:
    """Return the records of the patients that resources name, by `Patient/name`, as far as they are known.

    A message of one patient tells it by what was `stored` of it; else the patient's numbers tell it.
    """
    given = {there[one.reference]: one for one in places if one.kind == "Patient"}
    named = {target for text, target in there.items() if target.startswith("Patient/")} | set(given)
    if len(stored) == 1 and len(named) == 1:
        return {one: stored[0] for one in named}
    numbers = {
        loading.name_in(one): numbers_of(given[one].resource, given[one].own_id) if one in given else ()
        for one in named
    }
    return {f"Patient/{name}": record for name, record in patient_records(numbers, source=source).items()}


@dataclass(slots=True)
class _Found:
    """What is gathered of one resource."""

    tokens: set[int] = field(default_factory=set)
    of_patient: set[int] = field(default_factory=set)
    texts: set[tuple[str, str, str]] = field(default_factory=set)
    ranges: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    time: tuple[dt.datetime | None, dt.datetime | None] = (None, None)


def draft_of(
    place: Place, there: Mapping[str, str], records: Mapping[str, int], *, sender: SourceFacts, inbox_id: int
) -> ResourceDraft:
    """Return a resource of a message with what it is found by, and the record of its patient."""
    found = _Found()
    patient: int | None = records.get(there[place.reference]) if place.kind == "Patient" else None
    told = search.search_values(place.resource, place.kind, sender.zone, codes=_parameters_of(place.kind))
    for parameter, several in told.items():
        found.tokens.add(present_token(parameter))
        for value in several:
            _take(found, parameter, value, there, is_time=CLINICAL_TIME.get(place.kind) == parameter)
            if isinstance(value, search.ReferenceValue) and parameter in OF_PATIENT:
                target = _named_by(value)
                found.of_patient.add(reference_token(parameter, there.get(target, target)))
                patient = patient or records.get(there.get(target, ""))
            elif isinstance(value, search.TokenValue) and (place.kind, parameter) == ("Patient", "identifier"):
                found.of_patient.add(code_token(parameter, system=None, code=value.code))
    if place.kind in WITHOUT_PATIENTS and _is_of_somebody(place.resource):
        found.tokens.add(present_token(OF_SOMEBODY))
    return ResourceDraft(
        name=loading.name_in(there[place.reference]),
        kind=place.kind,
        source=sender.code,
        own_id=place.own_id,
        facility_id=sender.facility_id,
        content=dumps(place.resource),
        inbox_id=inbox_id,
        tokens=sorted(found.tokens),
        of_patient=sorted(found.of_patient),
        texts=sorted(found.texts),
        starts_at=found.time[0],
        ends_at=found.time[1],
        ranges=found.ranges,
        patient_record_id=patient,
        if_version=place.if_version,
    )


@cache
def _parameters_of(kind: str) -> frozenset[str]:
    """Return the parameters that are kept; nothing is searched by a composite of them."""
    return frozenset(code for code, one in r4.search_parameters(kind).items() if one.type != "composite")


def _is_of_somebody(value: object) -> bool:
    """Whether a resource of a kind that tells of no patient refers to one nevertheless, or holds one."""
    if isinstance(value, list):
        return any(map(_is_of_somebody, value))
    if not isinstance(value, dict):
        return False
    named = value.get("reference")
    is_named = isinstance(named, str) and "Patient" in named.split("/")
    return is_named or "Patient" in (value.get("resourceType"), value.get("type")) or _is_of_somebody([*value.values()])


def _take(found: _Found, parameter: str, value: search.SearchValue, there: Mapping[str, str], *, is_time: bool) -> None:
    """Add what one value of a parameter is found by."""
    if isinstance(value, search.TokenValue):
        found.tokens.update(code_tokens(parameter, system=value.system, code=value.code))
        if not parameter.startswith(JOINED):
            found.texts.update((text_parameter(parameter), fold_name(text), text) for text in value.texts)
    elif isinstance(value, search.UriValue):
        found.tokens.update(code_tokens(parameter, system="", code=value.text))
    elif isinstance(value, search.StringValue):
        found.texts.add((parameter, fold_name(value.text), value.text))
    elif isinstance(value, search.ReferenceValue):
        _take_reference(found, parameter, value, there)
    elif isinstance(value, search.DateValue) and is_time:
        found.time = _widened(found.time, value)
    elif isinstance(value, search.DateValue):
        start, end = value.start or _FIRST, value.end or _LAST
        found.ranges.setdefault(parameter, []).append((start.timestamp(), end.timestamp()))
    elif isinstance(value, search.NumberValue):
        found.ranges.setdefault(parameter, []).append((_kept(value.value), _kept(value.value)))
    elif isinstance(value, search.QuantityValue):
        _take_quantity(found, parameter, value)


def _take_reference(found: _Found, parameter: str, value: search.ReferenceValue, there: Mapping[str, str]) -> None:
    if value.type and value.id:
        reference = _named_by(value)
        found.tokens.add(reference_token(parameter, there.get(reference, reference)))
    if value.identifier:
        number = value.identifier
        found.tokens.update(code_tokens(f"{parameter}:identifier", system=number.system, code=number.code))


def _named_by(value: search.ReferenceValue) -> str:
    """Return `Kind/id` of what is here, the URL of what is on another server."""
    return value.url if "://" in value.url else f"{value.type}/{value.id}"


def _take_quantity(found: _Found, parameter: str, value: search.QuantityValue) -> None:
    """Keep the number, and its unit as it is coded and as it is written."""
    low, high = (_kept(one) if one is not None else None for one in (value.low, value.high))
    found.ranges.setdefault(parameter, []).append(
        (low if low is not None else -_MOST, high if high is not None else _MOST)
    )
    if value.code:
        found.tokens.update(code_tokens(parameter, system=value.system, code=value.code))
    if value.unit:
        found.tokens.update(code_tokens(parameter, system="", code=value.unit))


def _kept(number: Decimal) -> float:
    """Return a number as JSON can hold it."""
    return max(-_MOST, min(_MOST, float(number)))


def _widened(
    time: tuple[dt.datetime | None, dt.datetime | None], value: search.DateValue
) -> tuple[dt.datetime | None, dt.datetime | None]:
    start, end = value.start or _FIRST, value.end or _LAST
    return min(time[0] or start, start), max(time[1] or end, end)
