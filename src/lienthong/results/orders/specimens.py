"""Which orders a tube belongs to, and which messages wait for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from lienthong.results.models import HeldForOrder, InboxMessage, Order, OrderSpecimen, OrderVersion, PersonLink

NumberKind = Literal["specimen", "placer", "filler"]


@dataclass(frozen=True, slots=True)
class OrderOfNumber:
    """An order that a number names, how far it is, and whose it is.

    `named_at` is when the number was given: collection or request, else receipt. `person_id` is None where the record
    is linked to nobody.
    """

    number: str
    named_at: dt.datetime
    order_id: int
    source: str
    facility_id: int
    placer_number: str
    filler_number: str
    status: str
    record_id: int
    person_id: int | None
    local_id: str
    full_name: str
    birth_date: dt.date | None
    sex: str

    @property
    def is_ended(self) -> bool:
        """Whether nothing is to be measured for it any more."""
        return self.status in (OrderVersion.Status.CANCELLED, OrderVersion.Status.REPLACED)


def orders_of_numbers(numbers: Collection[str], *, kind: NumberKind, sources: Collection[str]) -> list[OrderOfNumber]:
    """Return the orders that some senders placed under some numbers, whatever became of them, oldest first.

    `kind` says what the numbers are: those of specimens and tubes, or the placer's or filler's of the orders.
    """
    if kind == "specimen":
        rows = OrderSpecimen.objects.filter(number__in=list(numbers), order__source__in=list(sources))
        named = [(row.number, row.named_at, row.order) for row in rows.select_related("order__patient_record")]
        return _facts(named)
    column = f"{kind}_number"
    orders = Order.objects.filter(**{f"{column}__in": list(numbers)}, source__in=list(sources))
    return _facts([(getattr(row, column), None, row) for row in orders.select_related("patient_record")])


def held_order_lanes(lanes: Collection[str]) -> set[str]:
    """Return in which of some lanes a message is held."""
    rows = InboxMessage.objects.filter(lane__in=list(lanes), state=InboxMessage.State.HELD)
    return set(rows.values_list("lane", flat=True))


def keep_waiting(waits: Collection[tuple[int, int, str]], *, of: Collection[int]) -> None:
    """Write what messages wait for, as message, facility and what; `of` are all that were tried, waiting or not."""
    HeldForOrder.objects.filter(inbox_id__in=list(of)).delete()
    rows = (HeldForOrder(inbox_id=one, facility_id=place, waits_for=what) for one, place, what in waits)
    HeldForOrder.objects.bulk_create(rows, ignore_conflicts=True)


def wait_no_longer(inbox_id: int) -> None:
    """Forget what a message waits for."""
    HeldForOrder.objects.filter(inbox_id=inbox_id).delete()


def waiting_for_orders(order_ids: Collection[int]) -> list[int]:
    """Return the held messages that wait for any number of some orders."""
    found: list[int] = []
    orders = Order.objects.filter(pk__in=list(order_ids)).prefetch_related("specimens")
    for order in orders:
        numbers = {order.placer_number, order.filler_number, *(one.number for one in order.specimens.all())} - {""}
        rows = HeldForOrder.objects.filter(facility_id=order.facility_id, waits_for__in=numbers)
        found += rows.values_list("inbox_id", flat=True)
    return _still_held(found)


def waiting_for_lane(lane: str) -> list[int]:
    """Return the held messages that wait until the messages of an order's lane are dealt with."""
    return _still_held(HeldForOrder.objects.filter(waits_for=lane).values_list("inbox_id", flat=True))


def _still_held(ids: Iterable[int]) -> list[int]:
    """Leave out what a person has closed or another worker has taken up since."""
    wanted = set(ids)
    if not wanted:
        return []
    rows = InboxMessage.objects.filter(id__in=wanted, state=InboxMessage.State.HELD)
    return list(rows.order_by("id").values_list("id", flat=True))


def _facts(named: Iterable[tuple[str, dt.datetime | None, Order]]) -> list[OrderOfNumber]:
    found = sorted(named, key=lambda one: one[2].pk)
    orders = {order.pk for _, _, order in found}
    versions = OrderVersion.objects.filter(order__in=orders)
    status = dict(versions.filter(is_current=True).values_list("order_id", "status"))
    first = {row.order_id: row.requested_at or row.recorded_at for row in versions.filter(version=1)}
    links = PersonLink.objects.filter(record__in={one[2].patient_record_id for one in found}, superseded_at=None)
    people = dict(links.values_list("record_id", "person_id"))
    return [
        OrderOfNumber(
            number=number,
            named_at=named_at or first[order.pk],
            order_id=order.pk,
            source=order.source,
            facility_id=order.facility_id,
            placer_number=order.placer_number,
            filler_number=order.filler_number,
            status=status[order.pk],
            record_id=order.patient_record_id,
            person_id=people.get(order.patient_record_id),
            local_id=order.patient_record.local_id,
            full_name=order.patient_record.full_name,
            birth_date=order.patient_record.birth_date,
            sex=order.patient_record.sex,
        )
        for number, named_at, order in found
    ]
