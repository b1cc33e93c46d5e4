"""Which reports answer which orders: the placer's number and the patient must agree.

Order and report often come from two systems of one hospital, each with a record of its own. Within a facility the
hospital's own number of the patient joins them; elsewhere only a record, or a person that both records are linked to.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lienthong.results.models import Order, PatientRecord, PersonLink, Report


def reports_of(orders: Collection[Order]) -> dict[int, list[Report]]:
    """Return the reports that answer each order, by its key; an order without a placer number has none."""
    numbers = {order.placer_number for order in orders} - {""}
    reports = list(Report.objects.filter(placer_number__in=numbers)) if numbers else []
    patients = _Patients.of(orders, reports) if reports else None
    return {order.pk: [one for one in reports if patients and answers(one, order, patients)] for order in orders}


def orders_of(reports: Collection[Report]) -> dict[int, list[Order]]:
    """Return the orders that each report answers, by its key."""
    numbers = {report.placer_number for report in reports} - {""}
    orders = list(Order.objects.filter(placer_number__in=numbers)) if numbers else []
    patients = _Patients.of(orders, reports) if orders else None
    return {report.pk: [one for one in orders if patients and answers(report, one, patients)] for report in reports}


def answers(report: Report, order: Order, patients: _Patients) -> bool:
    """Whether a report answers an order."""
    if not order.placer_number or report.placer_number != order.placer_number:
        return False
    return patients.are_one(
        report.patient_record_id, order.patient_record_id, is_one_facility=report.facility_id == order.facility_id
    )


@dataclass(frozen=True, slots=True)
class _Patients:
    """What is known of some records: the local number, and the person."""

    _local_numbers: dict[int, str]
    _people: dict[int, int]

    @classmethod
    def of(cls, orders: Collection[Order], reports: Collection[Report]) -> _Patients:
        ids = {one.patient_record_id for one in orders} | {one.patient_record_id for one in reports}
        records = PatientRecord.objects.filter(pk__in=ids)
        links = PersonLink.objects.filter(record__in=ids, superseded_at=None)
        return cls(dict(records.values_list("pk", "local_id")), dict(links.values_list("record_id", "person_id")))

    def are_one(self, one: int, other: int, *, is_one_facility: bool) -> bool:
        if one == other:
            return True
        person = self._people.get(one)
        if person is not None and person == self._people.get(other):
            return True
        return is_one_facility and self._local_numbers[one] == self._local_numbers[other]
