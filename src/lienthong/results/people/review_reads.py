"""What the pages of review show: cases, the records of a pair, a person with the history of its links."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from lienthong.registry.reads import Access
from lienthong.results.identity import read_number
from lienthong.results.models import PatientRecord, PersonLink, PersonMerge, PriorNumber, Result, ReviewCase
from lienthong.results.permissions import REVIEWERS


@dataclass(frozen=True, slots=True)
class NumberFacts:
    kind: str
    value: str
    standing: str


@dataclass(frozen=True, slots=True)
class SideFacts:
    """A record, or what a message says where `record_id` is None; `results` counts current versions."""

    record_id: int | None
    source: str
    facility_id: int
    local_id: str
    full_name: str
    other_name: str
    birth_date: dt.date | None
    sex: str
    phone: str
    address: str
    numbers: tuple[NumberFacts, ...]
    results: int
    updated_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    decision: str
    why: str
    by: str
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case; `fields` are triples of field, level and bits."""

    id: int
    reason: str
    state: str
    bits: float
    fields: tuple[tuple[str, str, float], ...]
    is_holding: bool
    waiting: int
    opened_at: dt.datetime
    left: SideFacts
    right: SideFacts
    decisions: tuple[DecisionFacts, ...]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list: no patient's fields, only where the records come from."""

    id: int
    reason: str
    state: str
    bits: float
    is_holding: bool
    opened_at: dt.datetime
    facility_ids: tuple[int, int]
    sources: tuple[str, str]


@dataclass(frozen=True, slots=True)
class LinkFacts:
    record_id: int
    person_id: int
    reason: str
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class MergeFacts:
    id: int
    reason: str
    why: str
    by: str
    merged_at: dt.datetime
    undone_at: dt.datetime | None
    undone_by: str
    undone_why: str


@dataclass(frozen=True, slots=True)
class PriorFacts:
    id: int
    local_id: str
    said_at: dt.datetime
    superseded_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    person_id: int
    records: tuple[SideFacts, ...]
    links: tuple[LinkFacts, ...]
    merges: tuple[MergeFacts, ...]
    prior_numbers: tuple[PriorFacts, ...]


def visible_cases(access: Access) -> QuerySet[ReviewCase]:
    """Return the cases whose records all come from facilities that the reviewer operates."""
    reached = access.facilities_as(*REVIEWERS)
    own = Q(other=None) | Q(other__facility__in=reached)
    return ReviewCase.objects.filter(own, record__facility__in=reached)


def case_rows(access: Access, *, state: str = "", reason: str = "", limit: int = 500) -> list[CaseRow]:
    """Return cases, those that hold messages first and then the oldest."""
    rows = visible_cases(access).select_related("record", "other")
    if state:
        rows = rows.filter(state=state)
    if reason:
        rows = rows.filter(reason=reason)
    return [
        CaseRow(
            id=row.pk,
            reason=row.reason,
            state=row.state,
            bits=row.bits,
            is_holding=row.is_holding,
            opened_at=row.opened_at,
            facility_ids=(row.record.facility_id, (row.other or row.record).facility_id),
            sources=(row.record.source, (row.other or row.record).source),
        )
        for row in rows.order_by("-is_holding", "opened_at", "pk")[:limit]
    ]


def case_counts(access: Access) -> dict[str, int]:
    """Return how many cases stand in each state."""
    counted = visible_cases(access).order_by().values_list("state").annotate(Count("pk"))
    return dict(counted)


def case_facts(case: ReviewCase) -> CaseFacts:
    """Return a case with both sides."""
    sides = sides_of([case.record_id, *([case.other_id] if case.other_id else [])])
    left = sides[case.record_id]
    right = sides[case.other_id] if case.other_id else _claimed_side(case.claimed or {}, left)
    decisions = case.decisions.select_related("by").order_by("decided_at", "pk")
    return CaseFacts(
        id=case.pk,
        reason=case.reason,
        state=case.state,
        bits=case.bits,
        fields=tuple((one["field"], one["level"], one["bits"]) for one in case.fields),
        is_holding=case.is_holding,
        waiting=case.held.count(),
        opened_at=case.opened_at,
        left=left,
        right=right,
        decisions=tuple(DecisionFacts(one.decision, one.why, one.by.full_name, one.decided_at) for one in decisions),
    )


def sides_of(record_ids: Collection[int]) -> dict[int, SideFacts]:
    """Return records by key, with their numbers and how many results hang on them."""
    counted = Counter(
        Result.objects.filter(patient_record_id__in=record_ids, is_current=True).values_list(
            "patient_record_id", flat=True
        )
    )
    rows = PatientRecord.objects.filter(pk__in=record_ids).prefetch_related("identifiers").order_by("pk")
    return {row.pk: _side(row, counted[row.pk]) for row in rows}


def person_facts(person_id: int) -> PersonFacts:
    """Return a person's records now, and every link and merge that ever concerned it or them."""
    now = PersonLink.objects.filter(person_id=person_id, superseded_at=None)
    ids = list(now.order_by("record_id").values_list("record_id", flat=True))
    links = PersonLink.objects.filter(Q(person_id=person_id) | Q(record__in=ids)).order_by("-recorded_at", "-pk")
    merges = PersonMerge.objects.filter(Q(survivor_id=person_id) | Q(absorbed_id=person_id))
    priors = PriorNumber.objects.filter(record__in=ids).order_by("-said_at", "-pk")
    return PersonFacts(
        person_id=person_id,
        records=tuple(sides_of(ids).values()),
        links=tuple(
            LinkFacts(one.record_id, one.person_id, one.reason, one.recorded_at, one.superseded_at) for one in links
        ),
        merges=tuple(map(_merge, merges.select_related("merged_by", "undone_by").order_by("-merged_at", "-pk"))),
        prior_numbers=tuple(PriorFacts(one.pk, one.local_id, one.said_at, one.superseded_at) for one in priors),
    )


def _merge(row: PersonMerge) -> MergeFacts:
    undone_by = row.undone_by.full_name if row.undone_by else ""
    return MergeFacts(
        *(row.pk, row.reason, row.why, row.merged_by.full_name, row.merged_at, row.undone_at, undone_by, row.undone_why)
    )


def _side(row: PatientRecord, results: int) -> SideFacts:
    pairs = sorted((one.pk, one.system, one.value, one.standing) for one in row.identifiers.all())
    return SideFacts(
        record_id=row.pk,
        source=row.source,
        facility_id=row.facility_id,
        local_id=row.local_id,
        full_name=row.full_name,
        other_name=row.other_name,
        birth_date=row.birth_date,
        sex=row.sex,
        phone=row.phone,
        address=row.address,
        numbers=_numbers((system, value, standing) for _, system, value, standing in pairs),
        results=results,
        updated_at=row.updated_at,
    )


def _claimed_side(said: dict[str, Any], left: SideFacts) -> SideFacts:
    """Return what a message says under the number of the record on the left."""
    born = dt.date.fromisoformat(said["birth_date"]) if said.get("birth_date") else None
    return SideFacts(
        record_id=None,
        source=left.source,
        facility_id=left.facility_id,
        local_id=left.local_id,
        full_name=said.get("full_name", ""),
        other_name=said.get("other_name", ""),
        birth_date=born,
        sex=said.get("sex", ""),
        phone=said.get("phone", ""),
        address=said.get("address", ""),
        numbers=_numbers((system, value, "") for system, value in said.get("identifiers", [])),
        results=0,
        updated_at=None,
    )


def _numbers(pairs: Iterable[tuple[str, str, str]]) -> tuple[NumberFacts, ...]:
    found = ((read_number(system, value), value, standing) for system, value, standing in pairs)
    return tuple(NumberFacts(number.kind, value, standing) for number, value, standing in found if number)
