"""What the rows of patients, results and reports tell, as values: all that other apps see of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from lienthong.core.bulk import fetch_by_one_plan
from lienthong.results.models import PatientRecord, Report, Result


@dataclass(frozen=True, slots=True)
class PatientFacts:
    record_id: int
    source: str
    facility_id: int
    full_name: str
    birth_date: dt.date | None
    sex: str
    identifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """One version of one result, with the report it stands in. Times and value may be unknown.

    Both comments are the laboratory's: on this version of the result, and on the report as it is now.
    """

    id: int
    patient_record_id: int
    report_id: int
    inbox_id: int
    key: str
    version: int
    replaces: int | None
    is_current: bool
    procedure_id: int | None
    analyte_id: int
    local_code: str
    local_name: str
    status: str
    reported_value: str
    reported_unit: str
    comparator: str
    value: Decimal | None
    outcome: str
    reference_range: str
    reference_low: Decimal | None
    reference_high: Decimal | None
    flags: str
    collected_at: dt.datetime | None
    measured_at: dt.datetime | None
    released_at: dt.datetime | None
    marks: tuple[Mapping[str, object], ...]
    comment: str
    filled_in: tuple[str, ...]
    report_comment: str
    source: str
    report_number: str
    facility_id: int


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A report: `results` are the current versions, `versions` all of them, oldest first."""

    id: int
    source: str
    number: str
    placer_number: str
    facility_id: int
    patient: PatientFacts
    service: str
    requester: str
    specimen: str
    status: str
    collected_at: dt.datetime | None
    received_at: dt.datetime | None
    released_at: dt.datetime | None
    comment: str
    version: int
    results: tuple[ResultFacts, ...]
    versions: tuple[ResultFacts, ...]


_OF_RESULT = tuple(field.name for field in fields(ResultFacts))[:-4]
_OF_REPORT = ("comment", "source", "number", "facility_id")
_COLUMNS = ", ".join([*(f"o.{name}" for name in _OF_RESULT), *(f"p.{name}" for name in _OF_REPORT)])
_BY_ID = (
    f"SELECT {_COLUMNS} FROM results_result o JOIN results_report p ON p.id = o.report_id"  # noqa: S608 — names are constants
    " WHERE o.id = ANY(%s) AND o.id BETWEEN %s AND %s ORDER BY o.id"  # a kept plan leaves out partitions by bounds only
)


def facts_of_patients(rows: Iterable[PatientRecord]) -> list[PatientFacts]:
    """Return what patient records tell, in the order of the rows."""
    found = list(rows)
    numbers: dict[int, list[tuple[str, str]]] = {row.pk: [] for row in found}
    identifiers = PatientRecord.objects.filter(pk__in=list(numbers), identifiers__isnull=False)
    for pk, system, value in identifiers.order_by("identifiers__pk").values_list(
        "pk", "identifiers__system", "identifiers__value"
    ):
        numbers[pk].append((system, value))
    return [
        PatientFacts(
            record_id=row.pk,
            source=row.source,
            facility_id=row.facility_id,
            full_name=row.full_name,
            birth_date=row.birth_date,
            sex=row.sex,
            identifiers=tuple(numbers[row.pk]),
        )
        for row in found
    ]


def facts_of_results(rows: QuerySet[Result]) -> list[ResultFacts]:
    """Return what versions of results tell, in the order of the rows."""
    ids = list(rows.values_list("pk", flat=True))
    found = {one.id: one for one in facts_by_id(ids)}
    return [found[id_] for id_ in ids]


def facts_by_id(result_ids: Collection[int]) -> list[ResultFacts]:
    """Return what these versions of results tell, oldest first."""
    if not result_ids:
        return []
    asked = [[*result_ids], min(result_ids), max(result_ids)]
    return [_result_facts(row) for row in fetch_by_one_plan(_BY_ID, asked)]


def facts_of_reports(rows: Iterable[Report]) -> list[ReportFacts]:
    """Return what reports tell, in the order of the rows, with their patients and all versions of their results."""
    found = list(rows)
    patients = PatientRecord.objects.filter(pk__in={row.patient_record_id for row in found})
    owners = {one.record_id: one for one in facts_of_patients(patients)}
    versions: dict[int, list[ResultFacts]] = {row.pk: [] for row in found}
    for one in facts_of_results(Result.objects.filter(report_id__in=list(versions)).order_by("id")):
        versions[one.report_id].append(one)
    return [_report_facts(row, owners[row.patient_record_id], tuple(versions[row.pk])) for row in found]


def _result_facts(row: Sequence[Any]) -> ResultFacts:
    *columns, marks, comment, filled_in, report_comment, source, number, facility_id = row
    told = json.loads(marks) if isinstance(marks, str) else marks
    of_report = (report_comment or "", source, number, facility_id)
    return ResultFacts(*[*columns, tuple(told), comment or "", tuple(filled_in.split()), *of_report])


def _report_facts(row: Report, of: PatientFacts, versions: tuple[ResultFacts, ...]) -> ReportFacts:
    return ReportFacts(
        id=row.pk,
        source=row.source,
        number=row.number,
        placer_number=row.placer_number,
        facility_id=row.facility_id,
        patient=of,
        service=row.service,
        requester=row.requester,
        specimen=row.specimen,
        status=row.status,
        collected_at=row.collected_at,
        received_at=row.received_at,
        released_at=row.released_at,
        comment=row.comment or "",
        version=row.version,
        results=tuple(one for one in versions if one.is_current),
        versions=versions,
    )
