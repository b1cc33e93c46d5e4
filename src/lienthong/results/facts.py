"""What the rows of patients, results and reports tell, as values: all that other apps see of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

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


_COLUMNS = tuple(field.name for field in fields(ResultFacts))[:-7]


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


def facts_of_results(rows: Iterable[Result]) -> list[ResultFacts]:
    """Return what versions of results tell, in the order of the rows."""
    found = list(rows)
    reports = Report.objects.filter(pk__in={row.report_id for row in found}).in_bulk()
    return [_result_facts(row, reports[row.report_id]) for row in found]


def facts_of_reports(rows: Iterable[Report]) -> list[ReportFacts]:
    """Return what reports tell, in the order of the rows, with their patients and all versions of their results."""
    found = list(rows)
    patients = PatientRecord.objects.filter(pk__in={row.patient_record_id for row in found})
    owners = {one.record_id: one for one in facts_of_patients(patients)}
    versions: dict[int, list[ResultFacts]] = {row.pk: [] for row in found}
    for one in facts_of_results(Result.objects.filter(report_id__in=list(versions)).order_by("id")):
        versions[one.report_id].append(one)
    return [_report_facts(row, owners[row.patient_record_id], tuple(versions[row.pk])) for row in found]


def _result_facts(row: Result, report: Report) -> ResultFacts:
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return ResultFacts(
        **columns,
        marks=tuple(row.marks),
        comment=row.comment or "",
        filled_in=tuple(row.filled_in.split()),
        report_comment=report.comment or "",
        source=report.source,
        report_number=report.number,
        facility_id=report.facility_id,
    )


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
