"""What other apps may ask of orders: an order with its versions, those of a patient, and what a report answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields

from lienthong.results.models import Order, OrderVersion, Report
from lienthong.results.orders.joining import orders_of, reports_of


@dataclass(frozen=True, slots=True)
class OrderState:
    """One version of an order. `report_id` is the report that made it; then `control` (ORC-1) is empty."""

    version: int
    control: str
    status: str
    filler_number: str
    group_number: str
    service_code: str
    service_system: str
    service: str
    specimen: str
    priority: str
    requester: str
    diagnoses: tuple[tuple[str, str, str], ...]
    requested_at: dt.datetime | None
    wanted_at: dt.datetime | None
    recorded_at: dt.datetime
    inbox_id: int
    report_id: int | None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order: `now` is its current version, `versions` all of them, oldest first; `report_ids` answer it."""

    id: int
    source: str
    placer_number: str
    filler_number: str
    facility_id: int
    patient_record_id: int
    now: OrderState
    versions: tuple[OrderState, ...]
    report_ids: tuple[int, ...]


def order(order_id: int) -> OrderFacts | None:
    """Return an order; None where there is none."""
    return next(iter(_facts(Order.objects.filter(pk=order_id))), None)


def orders(order_ids: Collection[int]) -> list[OrderFacts]:
    """Return those of these orders that there are."""
    return _facts(Order.objects.filter(pk__in=list(order_ids)).order_by("pk"))


def orders_of_report(report_id: int) -> list[OrderFacts]:
    """Return the orders that a report answers, by the placer's number and the patient; as a rule one or none."""
    found = orders_of(list(Report.objects.filter(pk=report_id)))
    return _facts(Order.objects.filter(pk__in=[one.pk for orders in found.values() for one in orders]).order_by("pk"))


def order_id(*, source: str, placer_number: str) -> int | None:
    """Return the key of the order that a sender's number names; None where there is none."""
    return Order.objects.filter(source=source, placer_number=placer_number).values_list("pk", flat=True).first()


def _facts(rows: Iterable[Order]) -> list[OrderFacts]:
    found = list(rows)
    reports = reports_of(found)
    versions: dict[int, list[OrderState]] = {row.pk: [] for row in found}
    for version in OrderVersion.objects.filter(order__in=list(versions)).order_by("version"):
        versions[version.order_id].append(_state(version))
    return [
        OrderFacts(
            id=row.pk,
            source=row.source,
            placer_number=row.placer_number,
            filler_number=row.filler_number,
            facility_id=row.facility_id,
            patient_record_id=row.patient_record_id,
            now=versions[row.pk][-1],
            versions=tuple(versions[row.pk]),
            report_ids=tuple(sorted(report.pk for report in reports[row.pk])),
        )
        for row in found
    ]


def _state(row: OrderVersion) -> OrderState:
    columns = {one.name: getattr(row, one.name) for one in fields(OrderState)}
    return OrderState(**{**columns, "diagnoses": tuple((one[0], one[1], one[2]) for one in row.diagnoses)})
