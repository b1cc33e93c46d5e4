"""Whose a result is now: the record that it hangs on never changes, the person that the record leads to does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from lienthong.results.models import PersonLink, Result


@dataclass(frozen=True, slots=True)
class Belonging:
    """The person that a record leads to now, the link by which it does, and since when."""

    person_id: int
    link_id: int
    since: dt.datetime


def belongings(record_ids: Collection[int]) -> dict[int, Belonging]:
    """Return for each record that leads to a person how it does."""
    rows = PersonLink.objects.filter(record_id__in=set(record_ids), superseded_at=None)
    columns = rows.values_list("record_id", "person_id", "pk", "recorded_at")
    return {record_id: Belonging(person_id, link_id, since) for record_id, person_id, link_id, since in columns}


def results_on_records(record_ids: Collection[int]) -> list[int]:
    """Return the keys of all versions of all results that hang on records."""
    return list(Result.objects.filter(patient_record_id__in=set(record_ids)).values_list("pk", flat=True))


def records_of_results(result_ids: Collection[int], *, reused_for: Collection[int]) -> dict[int, int]:
    """Return for each version of a result the record that it hangs on.

    They are looked for on the records that ever led to one person with those they were reused for: rows of results are
    found by their record.
    """
    persons = PersonLink.objects.filter(record_id__in=set(reused_for)).values("person_id")
    records = PersonLink.objects.filter(person_id__in=persons).values_list("record_id", flat=True)
    rows = Result.objects.filter(patient_record_id__in={*reused_for, *records}, pk__in=set(result_ids))
    return dict(rows.values_list("pk", "patient_record_id"))
