"""The dated evidence that grants rest on, gathered for many procedures with a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone

from lienthong.assessment import reads as assessment
from lienthong.core.packs import policy_for
from lienthong.eqa import reads as eqa
from lienthong.iqc import reads as iqc
from lienthong.policy import EqaEvidence, Evidence, LevelEvidence, Policy, ProcedureFacts
from lienthong.registry import reads as registry


@dataclass(frozen=True, slots=True)
class Case:
    """One procedure with its evidence on a day of its region, and the policy that judges it."""

    procedure: ProcedureFacts
    laboratory_id: int
    evidence: Evidence
    policy: Policy
    listed: tuple[str, ...]

    @property
    def on(self) -> dt.date:
        return self.policy.on


def gather(procedure_ids: Collection[int], *, at: dt.datetime) -> list[Case]:
    """Return a case for each procedure, judged on the calendar day that `at` is in its facility's zone."""
    by_day = by_local_day(procedure_ids, at=at)
    return [case for day, rows in sorted(by_day.items()) for case in _cases_of_day(rows, on=day)]


def by_local_day(procedure_ids: Collection[int], *, at: dt.datetime) -> dict[dt.date, list[registry.ProcedureFacts]]:
    """Return procedures by the calendar day that `at` is in their facility's zone."""
    today = timezone.localdate(at)
    procedures = registry.procedures(procedure_ids, on=today)
    facilities = registry.facilities({row.facility_id for row in procedures.values()}, on=today)
    by_day: dict[dt.date, list[registry.ProcedureFacts]] = defaultdict(list)
    for procedure in procedures.values():
        by_day[local_day(at, facilities[procedure.facility_id].time_zone)].append(procedure)
    return by_day


def facility_at(facility_id: int, *, at: dt.datetime) -> registry.FacilityFacts | None:
    """Return a facility with its region as on the calendar day that `at` is in its zone; None where there is none."""
    today = timezone.localdate(at)
    found = registry.facilities([facility_id], on=today).get(facility_id)
    if found is None or (on := local_day(at, found.time_zone)) == today:
        return found
    return registry.facilities([facility_id], on=on)[facility_id]


def local_day(instant: dt.datetime, time_zone: str) -> dt.date:
    """Return the calendar day of an instant in a zone."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


def _cases_of_day(procedures: list[registry.ProcedureFacts], *, on: dt.date) -> Iterator[Case]:
    facilities = registry.facilities({row.facility_id for row in procedures}, on=on)
    policies = {path: policy_for(path, on) for path in {facilities[row.facility_id].region_path for row in procedures}}
    listed = {path: _items_by_analyte(policy) for path, policy in policies.items()}
    evidence = _evidence(procedures, policies=policies, facilities=facilities, on=on)
    for row in procedures:
        path = facilities[row.facility_id].region_path
        yield Case(
            procedure=ProcedureFacts(
                procedure_id=row.id,
                analyte=row.analyte.key,
                facility=facilities[row.facility_id].code,
                region_path=path,
            ),
            laboratory_id=row.laboratory_id,
            evidence=evidence[row.id],
            policy=policies[path],
            listed=listed[path].get(row.analyte.key, ()),
        )


def _items_by_analyte(policy: Policy) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in policy.items:
        for analyte in item.analytes:
            found[analyte] = (*found.get(analyte, ()), item.code)
    return found


def _evidence(
    procedures: list[registry.ProcedureFacts],
    *,
    policies: Mapping[tuple[str, ...], Policy],
    facilities: Mapping[int, registry.FacilityFacts],
    on: dt.date,
) -> dict[int, Evidence]:
    ids = [row.id for row in procedures]
    rests_on = registry.systems_resting_on(ids, on=on)
    rounds = eqa.evidence({*ids, *(one for many in rests_on.values() for one in many)}, until=on)
    controls = iqc.evidence(ids, start=on - dt.timedelta(days=_period_days(policies) - 1), end=on)
    levels = _levels(policies, facilities, on=on)
    scopes = assessment.scopes({row.laboratory_id for row in procedures}, on=on)
    return {
        row.id: Evidence(
            eqa=_rounds(rounds, row.id, rests_on.get(row.id, [])),
            iqc=controls.get(row.id),
            level=levels.get(row.facility_id),
            iso15189=scopes.get((row.laboratory_id, row.analyte.id)),
        )
        for row in procedures
    }


def _levels(
    policies: Mapping[tuple[str, ...], Policy], facilities: Mapping[int, registry.FacilityFacts], *, on: dt.date
) -> dict[int, LevelEvidence]:
    """Return each facility's published level in the scheme that its own region compares."""
    found: dict[int, LevelEvidence] = {}
    for path, policy in policies.items():
        there = [row.id for row in facilities.values() if row.region_path == path]
        found |= assessment.levels(there, on=on, scheme=policy.level_direction.scheme)
    return found


def _period_days(policies: Mapping[tuple[str, ...], Policy]) -> int:
    """Return the longest period over which any issuer of a mark looks at IQC; one day where none looks."""
    issuers = [
        policy.issued_by(mark.issuer)
        for policy in policies.values()
        for mark in policy.marks
        if mark.issuer in policy.region_path
    ]
    return max((asked.iqc_coverage.period_days for asked in issuers if asked.iqc_coverage), default=1)


def _rounds(
    rounds: Mapping[int, tuple[EqaEvidence, ...]], procedure_id: int, enrolled: list[int]
) -> tuple[EqaEvidence, ...]:
    """Return the system's own rounds, and those of the enrolled systems it was compared with where it has none."""
    own = rounds.get(procedure_id, ())
    known = {(one.organiser, one.round_code) for one in own}
    extended = {
        (one.organiser, one.round_code, one.evidence_id): one for other in enrolled for one in rounds.get(other, ())
    }
    return own + tuple(one for (organiser, code, _id), one in extended.items() if (organiser, code) not in known)
