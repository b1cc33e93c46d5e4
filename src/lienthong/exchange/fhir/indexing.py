"""By what a resource is found: its search values (R4, Search) as tokens, texts, times and ranges of numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.placing import Place, references
from lienthong.exchange.senders import SourceFacts
from lienthong.interop.fhir import dumps, r4
from lienthong.results.actions import ResourceDraft
from lienthong.results.reads import fold_name, patients_of_message
from lienthong.results.resources.names import name_of
from lienthong.results.resources.tokens import code_tokens, present_token, reference_token
from lienthong.results.search import loading
from lienthong.results.search.received import CLINICAL_TIME, WITHOUT_PATIENTS


def real_references(places: Sequence[Place], *, source: str) -> dict[str, str]:
    """Return for each reference of some resources, and for themselves, `Kind/name` of what it names here.

    What names no resource of the sender is left out: it is another's name, a row of the house, or nothing.
    """
    own = {one.reference for one in places}
    named = {text for one in places for text in references(one.resource) if text.count("/") == 1}
    names = {text: name_of(text.partition("/")[0], source=source, own_id=text.partition("/")[2]) for text in own | named}
    there = loading.existing([names[text] for text in named - own])
    return {
        text: f"{text.partition('/')[0]}/{name}" for text, name in names.items() if text in own or name in there
    }


def patients_named(
    places: Sequence[Place], there: Mapping[str, str], *, source: str, inbox_id: int
) -> dict[str, int]:
    """Return the records of the patients that resources name, by `Patient/name`, as far as they are known.

    A message of one patient tells it by what was stored of it; else the patient's numbers tell it.
    """
    given = {there[one.reference]: one for one in places if one.kind == "Patient"}
    named = {target for text, target in there.items() if target.startswith("Patient/")} | set(given)
    stored = patients_of_message(inbox_id)
    if len(stored) == 1 and len(named) == 1:
        return {one: stored[0] for one in named}
    known = loading.resources([loading.name_in(one) for one in named - set(given)])
    records = {f"Patient/{name}": one.patient_record_id for name, one in known.items() if one.patient_record_id}
    numbers = {target: _numbers(place) for target, place in given.items()}
    found = loading.records_by_numbers({one for several in numbers.values() for one in several}, source=source)
    for target, several in numbers.items():
        own = {found[number] for number in several if number in found}
        if len(own) == 1:
            records[target] = own.pop()
    return records


def _numbers(place: Place) -> list[str]:
    listed = place.resource.get("identifier")
    numbers = [str(one.get("value", "")) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [one for one in numbers if one] or [place.own_id]


@dataclass(slots=True)
class _Found:
    """What is gathered of one resource."""

    tokens: set[int] = field(default_factory=set)
    texts: set[tuple[str, str, str]] = field(default_factory=set)
    ranges: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    time: tuple[dt.datetime | None, dt.datetime | None] = (None, None)


def draft_of(place: Place, there: Mapping[str, str], records: Mapping[str, int], *, sender: SourceFacts) -> ResourceDraft:
    """Return a resource with what it is found by, and the record of its patient."""
    found = _Found()
    patient: int | None = records.get(there[place.reference]) if place.kind == "Patient" else None
    values = r4.search_values(place.resource, KINDS[place.kind].parameters, zone=sender.zone)
    for parameter, several in values.items():
        found.tokens.add(present_token(parameter))
        for value in several:
            _take(found, parameter, value, there, is_time=CLINICAL_TIME.get(place.kind) == parameter)
            if isinstance(value, r4.ReferenceValue) and parameter in ("patient", "subject"):
                patient = patient or records.get(there.get(value.reference, ""))
    return ResourceDraft(
        name=loading.name_in(there[place.reference]),
        kind=place.kind,
        source=sender.code,
        own_id=place.own_id,
        facility_id=sender.facility_id,
        content=dumps(place.resource),
        tokens=sorted(found.tokens),
        texts=sorted(found.texts),
        starts_at=found.time[0],
        ends_at=found.time[1],
        ranges=found.ranges,
        patient_record_id=None if place.kind in WITHOUT_PATIENTS else patient,
        if_version=place.if_version,
    )
