"""What a report that goes out is told with, beside its facts: numbers of its patient, and times of its observations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from lienthong.results.models import PatientIdentifier, PatientRecord, PersonLink, Report


@dataclass(frozen=True, slots=True)
class PatientNumbers:
    """By which numbers a sender knows a patient: its own with its authority, and all as kind and value.

    Numbers in doubt, or that are another person's, are not among them.
    """

    local_system: str
    local_id: str
    all: tuple[tuple[str, str], ...]


def patient_numbers(record_ids: Collection[int]) -> dict[int, PatientNumbers]:
    """Return the numbers of those of these records that there are."""
    found: dict[int, list[tuple[str, str]]] = {}
    plain = PatientIdentifier.objects.filter(record_id__in=set(record_ids), standing="")
    for record_id, system, value in plain.order_by("pk").values_list("record_id", "system", "value"):
        found.setdefault(record_id, []).append((system, value))
    own = PatientRecord.objects.filter(pk__in=set(record_ids)).values_list("pk", "local_system", "local_id")
    return {pk: PatientNumbers(system, number, tuple(found.get(pk, ()))) for pk, system, number in own}


def record_at(record_id: int, *, facility_id: int) -> int | None:
    """Return the record that a facility has of a record's person today, the last updated of several."""
    person = PersonLink.objects.filter(record_id=record_id, superseded_at=None).values("person_id")
    rows = PatientRecord.objects.filter(facility_id=facility_id, links__person_id__in=person, links__superseded_at=None)
    return rows.order_by("-updated_at", "-pk").values_list("pk", flat=True).first()


def times_of_observation(result_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return when some results were observed (OBX-14), of those of which it was told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, observed_at FROM results_result WHERE id = ANY(%s) AND observed_at IS NOT NULL",
            [list(result_ids)],
        )
        return dict(cursor.fetchall())


def report_numbers(report_ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Return number and facility of those of these reports that there are."""
    rows = Report.objects.filter(pk__in=set(report_ids)).values_list("pk", "number", "facility_id")
    return {pk: (number, facility_id) for pk, number, facility_id in rows}
