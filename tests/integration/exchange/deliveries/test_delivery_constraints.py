"""What the database itself forbids of deliveries."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests.factories.exchange import SourceFactory

from lienthong.exchange.models import Delivery, DeliveryPiece, Source

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


@pytest.fixture
def source() -> Source:
    made: Source = SourceFactory()
    return made


def delivery(source: Source, **changes: object) -> Delivery:
    usual = {
        "number": f"20261120-{Delivery.objects.count():010d}",
        "kind": "FORM",
        "entrance": "push",
        "content": b"x",
        "digest": f"{Delivery.objects.count():064d}",
        "size": 1,
        "client": "HIS",
        "language": "en",
        "state": "received",
        "received_at": AT,
    }
    return Delivery.objects.create(source=source, **{**usual, **changes})


def test_same_bytes_of_a_sender_are_one_delivery_unless_it_was_discarded(source: Source) -> None:
    delivery(source, digest="a", state="discarded")
    delivery(source, digest="a")
    delivery(SourceFactory(), digest="a")

    with pytest.raises(IntegrityError, match="exchange_delivery_once"), transaction.atomic():
        delivery(source, digest="a")


def test_idempotency_key_is_used_once_by_a_system(source: Source) -> None:
    delivery(source, idempotency_key="k")
    delivery(source, idempotency_key="k", client="LIS")

    with pytest.raises(IntegrityError, match="exchange_delivery_key_once"), transaction.atomic():
        delivery(source, idempotency_key="k")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        pytest.param({"state": "lost"}, "exchange_delivery_state", id="no-such-state"),
        pytest.param({"pieces_found": 1, "pieces_received": 2}, "exchange_delivery_pieces", id="more-than-found"),
    ],
)
def test_delivery_is_in_a_state_and_has_no_more_in_the_inbox_than_found(
    source: Source, changes: dict[str, object], name: str
) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        delivery(source, **changes)


def test_place_of_a_delivery_is_one_report(source: Source) -> None:
    row = delivery(source)
    DeliveryPiece.objects.create(delivery=row, place=0, number="R1", where="2", inbox_id=1)

    with pytest.raises(IntegrityError, match="exchange_deliverypiece_once"), transaction.atomic():
        DeliveryPiece.objects.create(delivery=row, place=0, number="R2", where="3", inbox_id=2)
