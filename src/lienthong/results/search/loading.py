"""What was found, as values: resources as received with their versions, and results under the ids they are found by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Q

from lienthong.core.bulk import fetch_prepared, fetch_rows
from lienthong.core.timekey import instant_of
from lienthong.results import reads
from lienthong.results.models import PatientRecord, PersonLink, Report, Resource, ResourceVersion, Result
from lienthong.results.reads import PatientFacts, ReportFacts, ResultFacts
from lienthong.results.search.conditions import OfPatients
from lienthong.results.search.observations import LENGTH_OF_KEY, split_id

# Asked for at each write of a transaction, as Django's own way to the same statement takes longer than the answer.
_RESOURCES = """
SELECT id, kind, source, own_id, facility_id, version, key, is_deleted, patient_record_id, content, inbox_id
FROM results_resource WHERE id = ANY(%s)
"""
_EXISTING = "SELECT id FROM results_resource WHERE id = ANY(%s)"
_RECORDS_BY_NUMBERS = "SELECT local_id, id FROM results_patientrecord WHERE source = %s AND local_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """One version of a resource as received; a deletion has no content."""

    name: UUID
    kind: str
    source: str
    own_id: str
    facility_id: int
    version: int
    changed_at: dt.datetime
    is_deleted: bool
    patient_record_id: int | None
    content: str
    inbox_id: int


@dataclass(frozen=True, slots=True)
class PatientName:
    """How a Patient as received is named here, and by its sender."""

    name: UUID
    source: str
    own_id: str


_PATIENTS_ASKED = """
SELECT r.id, p.id, p.facility_id FROM results_resource r
LEFT JOIN results_patientrecord p ON p.id = r.patient_record_id WHERE r.id = ANY(%s)
UNION ALL SELECT NULL, id, facility_id FROM results_patientrecord WHERE id = ANY(%s)
"""
_PATIENTS = """
SELECT patient_record_id, id, source, own_id FROM results_resource
WHERE patient_record_id = ANY(%s) AND kind = 'Patient' AND NOT is_deleted ORDER BY key
"""


def resources(names: Collection[UUID]) -> dict[UUID, ResourceFacts]:
    """Return the latest versions of those of these resources that there are."""
    rows = fetch_rows(_RESOURCES, [list(names)]) if names else []
    return {row[0]: _received(*row) for row in rows}


def versions(name: UUID) -> list[ResourceFacts]:
    """Return all versions of a resource, newest first."""
    now = Resource.objects.filter(pk=name).first()
    if now is None:
        return []
    earlier = ResourceVersion.objects.filter(resource=now).order_by("-version")
    return [_facts(now), *(_of_version(now, row) for row in earlier)]


def name_in(reference: str) -> UUID:
    """Return the name in a reference `Kind/name` to a resource as received."""
    return UUID(reference.partition("/")[2])


def of_patients(names: Collection[UUID], record_ids: Collection[int]) -> OfPatients:
    """Return the condition to be of some patients: Patients as received, by their names, and the house's records.

    A Patient that is on a record is asked for by that; one that waits for a decision by its name.
    """
    rows = fetch_prepared(_PATIENTS_ASKED, [[*names], [*record_ids]]) if names or record_ids else []
    facilities = {record: facility for _name, record, facility in rows if record is not None}
    waiting = [name for name, record, _facility in rows if record is None]
    return OfPatients(tuple(facilities), frozenset(facilities.values()), tuple(waiting))


def existing(names: Collection[UUID]) -> set[UUID]:
    """Return those of these names that resources have."""
    return {row[0] for row in fetch_rows(_EXISTING, [list(names)])} if names else set()


def results_of_resources(names: Collection[UUID]) -> dict[UUID, ResultFacts]:
    """Return the current result that was stored of each of these Observations."""
    if not names:
        return {}
    rows = Result.objects.filter(resource_id__in=list(names), is_current=True).values_list("id", "resource_id")
    keys = {id_: name for id_, name in rows if name is not None}
    return {keys[one.id]: one for one in reads.results_by_id(list(keys))}


def result_versions(name: UUID) -> list[ResultFacts]:
    """Return all versions of the result that was stored of an Observation, oldest first."""
    return reads.results_by_id(list(Result.objects.filter(resource_id=name).values_list("id", flat=True)))


def subjects_of_results(result_ids: Collection[int]) -> dict[int, str]:
    """Return for each of these versions that is current the id it is found by: its resource's name, else its own."""
    rows = Result.objects.filter(pk__in=list(result_ids), is_current=True)
    found = rows.values_list("pk", "resource_id", "report_id", "key")
    return {pk: str(name or f"{report}-{key[:LENGTH_OF_KEY]}") for pk, name, report, key in found}


def subjects_of_reports(report_ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Return for each report the id it is found by, its resource's name or its own, and its present version."""
    rows = Report.objects.filter(pk__in=list(report_ids)).values_list("pk", "resource_id", "version")
    return {pk: (str(name or pk), version) for pk, name, version in rows}


def examinations_of_reports(names: Collection[UUID]) -> dict[UUID, list[ResultFacts]]:
    """Return for each of these DiagnosticReports its current results that no Observation of it is: its examinations."""
    reports = dict(Report.objects.filter(resource_id__in=list(names)).values_list("pk", "resource_id"))
    rows = Result.objects.filter(report_id__in=list(reports), is_current=True, resource_id=None)
    found: dict[UUID, list[ResultFacts]] = {}
    for one in reads.results_by_id(list(rows.values_list("id", flat=True))) if reports else []:
        if name := reports[one.report_id]:
            found.setdefault(name, []).append(one)
    return found


def results_by_ids(ids: Iterable[str]) -> list[ResultFacts]:
    """Return all versions of the results that these ids name, oldest first."""
    pairs = [pair for one in ids if (pair := split_id(one))]
    if not pairs:
        return []
    wanted = Q()
    for report_id, key in pairs:
        wanted |= Q(report_id=report_id, key__startswith=key)
    found = Result.objects.filter(wanted, resource_id=None).order_by("id").values_list("id", flat=True)
    return reads.results_by_id(list(found))


def reports_by_ids(ids: Collection[int]) -> dict[int, tuple[int, ReportFacts]]:
    """Return reports with the keys of the messages that they follow."""
    changed = dict(Report.objects.filter(pk__in=list(ids), resource_id=None).values_list("pk", "inbox_id"))
    return {one.id: (changed[one.id], one) for one in reads.reports(list(changed))}


def patients_by_ids(ids: Collection[int]) -> dict[int, tuple[dt.datetime, PatientFacts]]:
    """Return patient records with the instants of their last change."""
    changed = dict(PatientRecord.objects.filter(pk__in=list(ids)).values_list("pk", "updated_at"))
    return {one.record_id: (changed[one.record_id], one) for one in reads.patients(list(changed))}


def records_of_persons(record_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Return for each record all others that are taken to be the same person today."""
    links = PersonLink.objects.filter(superseded_at=None)
    persons = dict(links.filter(record_id__in=list(record_ids)).values_list("record_id", "person_id"))
    together: dict[int, list[int]] = {}
    for person, record in links.filter(person_id__in=set(persons.values())).values_list("person_id", "record_id"):
        together.setdefault(person, []).append(record)
    return {
        record: tuple(sorted(other for other in together[person] if other != record))
        for record, person in persons.items()
    }


def patient_names(record_ids: Collection[int]) -> dict[int, PatientName]:
    """Return for each record the Patient that it came as; a record that came otherwise has none."""
    rows = fetch_prepared(_PATIENTS, [[*record_ids]]) if record_ids else []
    return {record: PatientName(*names) for record, *names in rows}


def records_by_numbers(numbers: Collection[str], *, source: str) -> dict[str, int]:
    """Return the records of a sender that it knows by these numbers of its own; a number of several has none."""
    rows = fetch_rows(_RECORDS_BY_NUMBERS, [source, list(numbers)]) if numbers else []
    several: dict[str, set[int]] = {}
    for number, pk in rows:
        several.setdefault(number, set()).add(pk)
    return {number: keys.pop() for number, keys in several.items() if len(keys) == 1}


def _received(
    name: UUID, kind: str, source: str, own_id: str, facility: int, version: int, key: int, *more: Any
) -> ResourceFacts:
    return ResourceFacts(name, kind, source, own_id, facility, version, instant_of(key), *more)


def _facts(row: Resource) -> ResourceFacts:
    return ResourceFacts(
        name=row.pk,
        kind=row.kind,
        source=row.source,
        own_id=row.own_id,
        facility_id=row.facility_id,
        version=row.version,
        changed_at=instant_of(row.key),
        is_deleted=row.is_deleted,
        patient_record_id=row.patient_record_id,
        content=row.content,
        inbox_id=row.inbox_id,
    )


def _of_version(now: Resource, row: ResourceVersion) -> ResourceFacts:
    return replace(
        _facts(now),
        version=row.version,
        changed_at=instant_of(row.pk),
        is_deleted=row.is_deleted,
        content=row.content,
        inbox_id=row.inbox_id,
    )
