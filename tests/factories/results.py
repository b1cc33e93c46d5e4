"""Patients, orders, reports and results as a worker stores them: through the actions, as versions of results need."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.registry.models import Facility
from lienthong.results.actions import (
    PatientClaim,
    ReportClaim,
    ReportDraft,
    ResultDraft,
    StoredReport,
    store_patient,
    store_reports,
)
from lienthong.results.imaging.reads import DocumentFacts, documents_of_reports
from lienthong.results.orders.writing import OrderDraft, StoredOrder, store_orders

NOON = dt.datetime(2026, 11, 20, 5, 0, tzinfo=dt.UTC)


def claim(facility: Facility, **changes: object) -> PatientClaim:
    """Return a claim of a woman born in 1980 under the sender's number P1."""
    usual = PatientClaim(
        source="SX",
        facility_id=facility.pk,
        local_system="",
        local_id="P1",
        full_name="Nguyễn Thị Đào",
        birth_date=dt.date(1980, 5, 17),
        sex="F",
        identifiers=(("MR", "P1"),),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # the fields of the dataclass, by name


def result_draft(analyte_id: int, **changes: object) -> ResultDraft:
    """Return a final 5.6 mmol/L collected and measured before noon."""
    usual = ResultDraft(
        code_system="LN",
        local_code="2345-7",
        local_name="Glucose",
        sub_id="",
        specimen="",
        procedure_id=None,
        analyte_id=analyte_id,
        status="final",
        reported_value="5.6",
        reported_unit="mmol/L",
        comparator="",
        value=Decimal("5.6"),
        outcome="",
        reference_range="3.9-6.4",
        reference_low=Decimal("3.9"),
        reference_high=Decimal("6.4"),
        flags="N",
        collected_at=NOON - dt.timedelta(hours=3),
        measured_at=NOON - dt.timedelta(hours=2),
        released_at=NOON - dt.timedelta(hours=1),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # the fields of the dataclass, by name


def report_draft(facility: Facility, *results: ResultDraft, **changes: object) -> ReportDraft:
    """Return a final report SX1 of results."""
    usual = ReportDraft(
        source="SX",
        facility_id=facility.pk,
        number="SX1",
        service="Biochemistry",
        status="final",
        collected_at=NOON - dt.timedelta(hours=3),
        released_at=NOON - dt.timedelta(hours=1),
        results=results,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # the fields of the dataclass, by name


def store_patient_record(who: PatientClaim, *, at: dt.datetime = NOON) -> int | None:
    """Store a patient and return the key of the record; None where the identity is in doubt."""
    return store_patient(who, said_at=at, by=system_user("exchange"), at=at).record_id


def store_one_report(
    draft: ReportDraft, *, patient_record_id: int, inbox_id: int = 1, at: dt.datetime = NOON, by: User | None = None
) -> StoredReport:
    """Store a report as message `inbox_id` would."""
    claims = [ReportClaim(draft, patient_record_id, inbox_id)]
    return store_reports(claims, by=by or system_user("exchange"), at=at)[0]


def documents_of(report_id: int) -> list[DocumentFacts]:
    """Return what holds of a report beside its results."""
    return documents_of_reports([report_id]).get(report_id, [])


def order_draft(facility: Facility, patient_record_id: int, **changes: object) -> OrderDraft:
    """Return a new order PL1 for glucose, from message 1."""
    usual = OrderDraft(
        source="SX",
        facility_id=facility.pk,
        patient_record_id=patient_record_id,
        inbox_id=1,
        position="ORC",
        control="NW",
        status="requested",
        placer_number="PL1",
        service_code="GLU",
        service_system="L",
        service="Glucose",
        specimen="SER",
        priority="R",
        requester="Lê An",
        diagnoses=(("E10.9", "I10", "Đái tháo đường"),),
        requested_at=NOON - dt.timedelta(hours=4),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # the fields of the dataclass, by name


def store_some_orders(*drafts: OrderDraft, at: dt.datetime = NOON) -> list[StoredOrder]:
    """Store orders as a worker would."""
    return store_orders(drafts, by=system_user("exchange"), at=at)
