"""What other apps may ask of results: patients, reports, results with their versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Literal

from django.db.models import Q

from lienthong.registry.reads import Access
from lienthong.results.facts import (
    PatientFacts,
    ReportFacts,
    ResultFacts,
    facts_by_id,
    facts_of_patients,
    facts_of_reports,
    facts_of_results,
)
from lienthong.results.identity import fold_name, identifier_kind
from lienthong.results.intake.deliveries import (
    DeliveryCount,
    MessageState,
    delivery_counts,
    message_states,
    versions_of_messages,
)
from lienthong.results.intake.distributions import Spread, held_spread, stored_spread
from lienthong.results.intake.inbox_reads import (
    HeldGroup,
    InboxCount,
    InboxFacts,
    UnknownSender,
    UnmappedCode,
    held_groups,
    held_message_ids,
    held_messages,
    held_without_patient,
    inbox_counts,
    inbox_message,
    messages_of_run,
    messages_of_source,
    messages_waiting_for_code,
    numbers_of_messages,
    patients_of_messages,
    processed_before,
    received_and_stored,
    refused_of_sender,
    sources_of_messages,
    unknown_senders,
    unmapped_code,
    unmapped_codes,
)
from lienthong.results.intake.traffic import DELAY_ENDS, Traffic, traffic
from lienthong.results.intake.traffic import FIELDS as RESULT_FIELDS
from lienthong.results.intake.waiting import open_lanes, waiting_messages
from lienthong.results.models import PatientRecord, PersonLink, Report, Result
from lienthong.results.orders.reads import (
    OrderFacts,
    OrderState,
    order,
    order_id,
    orders_of_report,
)
from lienthong.results.orders.specimens import NumberKind, OrderOfNumber, held_order_lanes, orders_of_numbers
from lienthong.results.people.belonging import Belonging, belongings, records_of_results, results_on_records
from lienthong.results.people.matching import find_one, side_of
from lienthong.results.people.review_words import number_words
from lienthong.results.reach import Reach, reach_of_facility, reach_of_place

__all__ = [
    "DELAY_ENDS",
    "RESULT_FIELDS",
    "Belonging",
    "DeliveryCount",
    "HeldGroup",
    "InboxCount",
    "InboxFacts",
    "MessageState",
    "NumberKind",
    "OrderFacts",
    "OrderOfNumber",
    "OrderState",
    "PatientFacts",
    "Reach",
    "ReportFacts",
    "ResultFacts",
    "Spread",
    "Traffic",
    "UnknownSender",
    "UnmappedCode",
    "belongings",
    "current_results",
    "delivery_counts",
    "find_patients",
    "fold_name",
    "held_groups",
    "held_message_ids",
    "held_messages",
    "held_order_lanes",
    "held_spread",
    "held_without_patient",
    "identifier_kind",
    "inbox_counts",
    "inbox_message",
    "match_patient",
    "message_states",
    "messages_of_run",
    "messages_of_source",
    "messages_waiting_for_code",
    "number_words",
    "numbers_of_messages",
    "open_lanes",
    "order",
    "order_id",
    "orders_of_numbers",
    "orders_of_report",
    "patient",
    "patients",
    "patients_of_messages",
    "processed_before",
    "reach_of_facility",
    "reach_of_place",
    "received_and_stored",
    "record_id",
    "records_of_results",
    "refused_of_sender",
    "relation_to_patient",
    "report",
    "reports",
    "reports_of_patient",
    "results_by_id",
    "results_on_records",
    "sources_of_messages",
    "stored_spread",
    "traffic",
    "unknown_senders",
    "unmapped_code",
    "unmapped_codes",
    "versions_of_messages",
    "waiting_messages",
]

Relation = Literal["same-facility", "order"]
TREATING_ROLES = ("clinician", "technician", "manager")


def patient(record_id: int) -> PatientFacts | None:
    """Return a patient record; None where there is none."""
    return next(iter(facts_of_patients(PatientRecord.objects.filter(pk=record_id))), None)


def record_id(*, source: str, local_id: str) -> int | None:
    """Return the key of the record that a sender's own number names; None where there is none or more than one."""
    found = PatientRecord.objects.filter(source=source, local_id=local_id).values_list("id", flat=True)[:2]
    return found[0] if len(found) == 1 else None


def find_patients(text: str, *, facility_ids: Collection[int], limit: int = 50) -> list[PatientFacts]:
    """Find records of some facilities by a whole number, or by part of a name with or without its marks."""
    wanted = text.strip()
    if not wanted:
        return []
    matches = Q(local_id=wanted) | Q(identifiers__value=wanted)
    if key := fold_name(wanted):
        matches |= Q(name_key__contains=key)
    rows = PatientRecord.objects.filter(matches, facility_id__in=list(facility_ids))
    return facts_of_patients(rows.distinct().order_by("name_key", "pk")[:limit])


def match_patient(
    *,
    identifiers: Collection[tuple[str, str]],
    birth_date: dt.date | None,
    sex: str,
    name: str,
    reach: Reach | None = None,
) -> PatientFacts | None:
    """Return the record of the one person whom the traits and a national number name; create nothing.

    None where nobody agrees, or where several persons do. Of a person's records the one last updated comes back. What
    is not in `reach` is as if it were not there.
    """
    found = find_one(side_of(identifiers=identifiers, birth_date=birth_date, sex=sex, name=name), reach=reach)
    return patient(found) if found else None


def relation_to_patient(access: Access, record_id: int, *, has_order: bool = False) -> Relation | None:
    """Return what allows a user to read a record: work at its facility, else an order that the caller has checked."""
    facility = PatientRecord.objects.filter(pk=record_id).values_list("facility_id", flat=True).first()
    if facility is None:
        return None
    if facility in access.facilities_as(*TREATING_ROLES):
        return "same-facility"
    return "order" if has_order else None


def current_results(patient_record_id: int, *, analyte_ids: Collection[int], until: dt.datetime) -> list[ResultFacts]:
    """Return the current versions for some analytes over all records of the same person, newest collection first.

    Withdrawn ones are among them, as withdrawn. What was collected after `until` is left out; what has no collection
    time comes last.
    """
    rows = Result.objects.filter(
        Q(collected_at=None) | Q(collected_at__lte=until),
        patient_record_id__in=_records_of_person(patient_record_id),
        analyte_id__in=list(analyte_ids),
        is_current=True,
    )
    found = facts_of_results(rows)
    return sorted(found, key=lambda one: (one.collected_at is not None, one.collected_at, one.id), reverse=True)


def report(report_id: int) -> ReportFacts | None:
    """Return a report with its patient, its results, and all their versions; None where there is none."""
    return next(iter(facts_of_reports(Report.objects.filter(pk=report_id))), None)


def reports(report_ids: Collection[int]) -> list[ReportFacts]:
    """Return those of these reports that there are, with their patients and results."""
    return facts_of_reports(Report.objects.filter(pk__in=list(report_ids)).order_by("pk"))


def patients(record_ids: Collection[int]) -> list[PatientFacts]:
    """Return those of these patient records that there are."""
    return facts_of_patients(PatientRecord.objects.filter(pk__in=list(record_ids)).order_by("pk"))


def reports_of_patient(record_id: int) -> list[ReportFacts]:
    """Return the reports of all records of the same person, newest first."""
    rows = Report.objects.filter(patient_record_id__in=_records_of_person(record_id))
    return facts_of_reports(rows.order_by("-released_at", "-pk"))


def results_by_id(result_ids: Collection[int]) -> list[ResultFacts]:
    """Return those of these versions of results that there are, oldest first."""
    return facts_by_id(result_ids)


def _records_of_person(record_id: int) -> list[int]:
    """Return the record and all others that are taken to be the same person today."""
    person = PersonLink.objects.filter(record_id=record_id, superseded_at=None).values("person_id")
    linked = PersonLink.objects.filter(person_id__in=person, superseded_at=None)
    return sorted({record_id, *linked.values_list("record_id", flat=True)})
