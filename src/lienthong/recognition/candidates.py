"""A patient's earlier results with everything that the decision asks about them, gathered in bulk."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from lienthong.assessment import reads as assessment
from lienthong.core.packs import policy_for
from lienthong.iqc import reads as iqc
from lienthong.policy import Difference, EarlierResult, LevelEvidence, MarkHeld, Policy, Producer
from lienthong.recognition.differences import differences
from lienthong.recognition.evidence import local_day
from lienthong.recognition.levels import level_of
from lienthong.recognition.reads import MarkFacts, Triple, marks_at
from lienthong.registry import reads as registry
from lienthong.results import reads as results

_WORST_FIRST = ("out_of_control", "no_evidence", "in_control")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier result for an item, the systems that may have measured it, and what the decision reads of it."""

    result: results.ResultFacts
    procedure_ids: tuple[int, ...]
    earlier: EarlierResult


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a result comes from, as it stood on the day of collection."""

    facility: registry.FacilityFacts
    laboratory_id: int | None
    procedure_ids: tuple[int, ...]
    day: dt.date
    mark_day: dt.date | None


def candidates(
    found: Sequence[results.ResultFacts], *, item_of: Mapping[int, str], policy: Policy, at: dt.datetime
) -> list[Candidate]:
    """Return what `decide` needs to know of each result; `item_of` leads from the analyte to the ordered item."""
    if not found:
        return []
    origins = _origins(found, at=at)
    bench = _Bench.of(found, origins, policy=policy)
    gaps = differences(found, {one.id: origins[one.id].procedure_ids for one in found}, policy=policy)
    return [
        Candidate(
            result=one,
            procedure_ids=origins[one.id].procedure_ids,
            earlier=_earlier(one, origins[one.id], bench, item=item_of[one.analyte_id], difference=gaps.get(one.id)),
        )
        for one in found
    ]


def _earlier(
    one: results.ResultFacts, origin: _Origin, bench: _Bench, *, item: str, difference: Difference | None
) -> EarlierResult:
    return EarlierResult(
        result_id=one.id,
        version=one.version,
        patient_record_id=one.patient_record_id,
        item=item,
        status=one.status,
        collected_at=one.collected_at,
        measured_at=one.measured_at,
        producer=bench.producer(one, origin),
        marks=bench.marks(one, origin, item),
        iqc_state=bench.state(one, origin),
        iqc_held=bench.is_held(one, origin),
        outcome=one.outcome or None,
        difference=difference,
        is_order_time="collected_at" in one.filled_in,
    )


# Where results come from


def _origins(found: Sequence[results.ResultFacts], *, at: dt.datetime) -> dict[int, _Origin]:
    """Return the origin of each result. One that names no analyser may come from any of its laboratory's systems."""
    today = timezone.localdate(at)
    facilities = registry.facilities({one.facility_id for one in found}, on=today)
    procedures = registry.procedures({one.procedure_id for one in found if one.procedure_id}, on=today)
    days = {one.id: local_day(one.collected_at or at, facilities[one.facility_id].time_zone) for one in found}
    dated = _by_day(found, days)
    origins = {}
    for one in found:
        facility = dated[days[one.id]][one.facility_id]
        laboratory_id, procedure_ids = _systems(one, procedures, on=days[one.id])
        origins[one.id] = _Origin(
            facility=facility,
            laboratory_id=laboratory_id,
            procedure_ids=procedure_ids,
            day=days[one.id],
            mark_day=_mark_day(one, facility),
        )
    return origins


def _by_day(
    found: Sequence[results.ResultFacts], days: Mapping[int, dt.date]
) -> dict[dt.date, dict[int, registry.FacilityFacts]]:
    wanted: dict[dt.date, set[int]] = defaultdict(set)
    for one in found:
        wanted[days[one.id]].add(one.facility_id)
    return {day: registry.facilities(ids, on=day) for day, ids in wanted.items()}


def _systems(
    one: results.ResultFacts, procedures: Mapping[int, registry.ProcedureFacts], *, on: dt.date
) -> tuple[int | None, tuple[int, ...]]:
    if one.procedure_id is not None and one.procedure_id in procedures:
        return procedures[one.procedure_id].laboratory_id, (one.procedure_id,)
    laboratory_id = registry.laboratory_of_facility(one.facility_id)
    if laboratory_id is None:
        return None, ()
    return laboratory_id, tuple(
        registry.procedures_of_analyte(laboratory_id=laboratory_id, analyte_id=one.analyte_id, on=on)
    )


def _mark_day(one: results.ResultFacts, facility: registry.FacilityFacts) -> dt.date | None:
    """Return the day on which the mark is judged, at the instant that the producer's policy names.

    Where a message leaves that instant out, the nearest later or earlier one that it gives stands for it.
    """
    by_measurement = (one.measured_at, one.collected_at, one.released_at)
    by_collection = (one.collected_at, one.measured_at, one.released_at)
    known = next((instant for instant in by_measurement if instant), None)
    if known is None:
        return None
    policy = policy_for(facility.region_path, local_day(known, facility.time_zone))
    order = by_collection if policy.mark_judged_at == "collection" else by_measurement
    return local_day(next(instant for instant in order if instant), facility.time_zone)


# What is known of them


@dataclass(frozen=True, slots=True)
class _DayProof:
    """Published levels by facility, and the (laboratory, analyte) pairs in an ISO 15189 scope, on a day."""

    levels: Mapping[int, LevelEvidence]
    scopes: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Bench:
    """The proof behind the results of one patient: levels, scopes, marks, states and brackets."""

    scheme: str | None
    days: Mapping[dt.date, _DayProof]
    held_marks: Mapping[Triple, list[MarkFacts]]
    states: Mapping[tuple[int, dt.datetime], iqc.IqcState]
    brackets: Mapping[int, list[iqc.Bracket]]

    @classmethod
    def of(cls, found: Sequence[results.ResultFacts], origins: Mapping[int, _Origin], *, policy: Policy) -> _Bench:
        systems = [(system, one.measured_at) for one in found for system in origins[one.id].procedure_ids]
        pairs = {(system, measured) for system, measured in systems if measured}
        return cls(
            scheme=policy.level_direction.scheme,
            days=_day_proofs(list(origins.values()), scheme=policy.level_direction.scheme),
            held_marks=marks_at(set(_triples(found, origins))),
            states=iqc.states_at(pairs) if pairs else {},
            brackets=_brackets({system for system, _measured in systems}),
        )

    def producer(self, one: results.ResultFacts, origin: _Origin) -> Producer:
        proof, laboratory = self.days[origin.day], origin.laboratory_id
        published = proof.levels.get(origin.facility.id)
        covered = None if laboratory is None else (laboratory, one.analyte_id) in proof.scopes
        return Producer(
            facility=origin.facility.code,
            region_path=origin.facility.region_path,
            level=level_of(origin.facility, published, self.scheme),
            level_on=published.published_on if published and published.scheme == self.scheme else None,
            covers_by_iso15189=covered,
            has_insurance_contract=origin.facility.has_insurance_contract,
        )

    def marks(self, one: results.ResultFacts, origin: _Origin, item: str) -> tuple[MarkHeld, ...]:
        """Return the marks that every system which may have measured the result held."""
        if origin.mark_day is None or not origin.procedure_ids:
            return ()
        per_system = [
            [row for row in self.held_marks.get((system, one.analyte_id, origin.mark_day), []) if row["item"] == item]
            for system in origin.procedure_ids
        ]
        shared = set.intersection(*({_named(row) for row in rows} for rows in per_system))
        return tuple(
            MarkHeld(mark=row["mark"], scope=frozenset(row["scope"]), grant_id=row["grant_id"])
            for row in per_system[0]
            if _named(row) in shared
        )

    def state(self, one: results.ResultFacts, origin: _Origin) -> str:
        """Return the worst state of the systems at measurement; no evidence without a system or an instant."""
        if one.measured_at is None or not origin.procedure_ids:
            return "no_evidence"
        known = [self.states.get((system, one.measured_at)) for system in origin.procedure_ids]
        states = {state.state if state else "no_evidence" for state in known}
        return next(state for state in _WORST_FIRST if state in states)

    def is_held(self, one: results.ResultFacts, origin: _Origin) -> bool:
        measured = one.measured_at
        if measured is None:
            return False
        return any(
            holds(bracket, measured) for system in origin.procedure_ids for bracket in self.brackets.get(system, [])
        )


def holds(bracket: iqc.Bracket, measured_at: dt.datetime) -> bool:
    """Tell whether a bracket of failed quality control holds a result: start < measured_at <= end, None is open."""
    after_start = bracket.start is None or bracket.start < measured_at
    return after_start and (bracket.end is None or measured_at <= bracket.end)


def _named(row: MarkFacts) -> tuple[str, tuple[str, ...]]:
    return row["mark"], tuple(row["scope"])


def _triples(found: Iterable[results.ResultFacts], origins: Mapping[int, _Origin]) -> Iterable[Triple]:
    for one in found:
        day = origins[one.id].mark_day
        if day is not None:
            yield from ((system, one.analyte_id, day) for system in origins[one.id].procedure_ids)


def _brackets(procedure_ids: Collection[int]) -> dict[int, list[iqc.Bracket]]:
    found: dict[int, list[iqc.Bracket]] = defaultdict(list)
    for bracket in iqc.brackets(procedure_ids) if procedure_ids else []:
        found[bracket.procedure_id].append(bracket)
    return found


def _day_proofs(origins: Sequence[_Origin], *, scheme: str | None) -> dict[dt.date, _DayProof]:
    proofs = {}
    for day in {origin.day for origin in origins}:
        there = [origin for origin in origins if origin.day == day]
        laboratories = {origin.laboratory_id for origin in there if origin.laboratory_id}
        proofs[day] = _DayProof(
            levels=assessment.levels({origin.facility.id for origin in there}, on=day, scheme=scheme),
            scopes=frozenset(assessment.scopes(laboratories, on=day)) if laboratories else frozenset(),
        )
    return proofs
