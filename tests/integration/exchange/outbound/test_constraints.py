"""What must hold of outlets and dispatches, held by the database."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests.integration.exchange.outbound.scene import AT, Scene

from lienthong.exchange.outbound.models import Dispatch, Outlet

pytestmark = pytest.mark.django_db
OUTLET_FAULTS: dict[str, dict[str, object]] = {
    "exchange_outlet_channel": {"channel": "fax"},
    "exchange_outlet_state": {"state": "asleep"},
    "exchange_outlet_position": {"position": -2},
    "exchange_outlet_period": {"valid_to": AT - dt.timedelta(days=1)},
    "exchange_outlet_failing": {"failures": 3},
}
DISPATCH_FAULTS: dict[str, dict[str, object]] = {
    "exchange_dispatch_state": {"state": "lost"},
    "exchange_dispatch_delivered": {"state": "delivered"},
}


@pytest.mark.parametrize(("name", "changes"), OUTLET_FAULTS.items(), ids=OUTLET_FAULTS.keys())
def test_outlet_that_can_not_be_is_refused(orders: Scene, name: str, changes: dict[str, object]) -> None:
    outlet = orders.outlet()

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Outlet.objects.filter(pk=outlet).update(**changes)


@pytest.mark.parametrize(("name", "changes"), DISPATCH_FAULTS.items(), ids=DISPATCH_FAULTS.keys())
def test_dispatch_that_can_not_be_is_refused(orders: Scene, name: str, changes: dict[str, object]) -> None:
    one = queued(orders.outlet())

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Dispatch.objects.filter(pk=one.pk).update(**changes)


def test_one_change_makes_one_dispatch_of_a_thing(orders: Scene) -> None:
    outlet = orders.outlet()
    queued(outlet)

    with pytest.raises(IntegrityError, match="exchange_dispatch_once"), transaction.atomic():
        queued(outlet)


def queued(outlet: int) -> Dispatch:
    told = {"position": 0, "kind": "report", "subject": "1", "version": 1, "queued_at": AT}
    return Dispatch.objects.create(outlet_id=outlet, **told)
