"""How a Subscription stands: its present status and last error, where it is read and by what it is found."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from tests.integration.exchange.fhir.conftest import System
from tests.integration.exchange.fhir.subscriptions.conftest import subscribe, subscription
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver

from lienthong.exchange.outbound.models import Outlet

pytestmark = pytest.mark.django_db
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
FAILED = {"last_error_code": "http-500", "last_error": "the endpoint answers 500"}


def standing(**changes: Any) -> None:
    Outlet.objects.update(**changes)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({}, "active", False),
        ({"state": "off"}, "off", False),
        ({"state": "paused", **FAILED}, "error", True),
        ({"failures": 3, "failing_since": MINUTE, **FAILED}, "active", True),
        ({"failures": 9, "failing_since": 2 * HOUR, **FAILED}, "error", True),
        ({"refused_in_a_row": 1, **FAILED}, "active", True),
        ({"refused_in_a_row": 5, **FAILED}, "error", True),
        (FAILED, "active", False),
        ({"valid_to": -MINUTE}, "off", False),
    ],
    ids=["new", "off", "paused", "failing", "failing-long", "refused", "refused-often", "went-well-since", "ended"],
)
def test_status_and_error_are_those_of_the_outlet(
    hospital: System, receiver: Receiver, changes: dict[str, Any], status: str, error: bool
) -> None:
    subscribe(hospital, subscription(receiver, end="2099-01-01T00:00:00Z"))
    now = timezone.now()
    if "valid_to" in changes:
        standing(valid_from=now - HOUR)
    standing(**{name: now - abs(one) if isinstance(one, dt.timedelta) else one for name, one in changes.items()})

    read = hospital.get("Subscription/s1").json()

    assert read["status"] == status
    assert ("http-500" in read.get("error", "")) is error
    others = {"active", "error", "off", "requested"} - {status}
    assert [one["id"] for one in hospital.search(f"Subscription?status={status}")] == ["s1"]
    assert hospital.search(f"Subscription?status={','.join(sorted(others))}") == []
    assert [one["id"] for one in hospital.search(f"Subscription?status:not={','.join(sorted(others))}")] == ["s1"]
    assert hospital.get("Subscription/s1/_history").json()["entry"][0]["resource"]["status"] == status


def test_error_of_the_client_is_not_kept(hospital: System, receiver: Receiver) -> None:
    subscribe(hospital, subscription(receiver, error="made up"))

    assert "error" not in hospital.get("Subscription/s1").json()


def test_status_that_changes_without_a_version_is_not_answered_as_unchanged(
    hospital: System, receiver: Receiver
) -> None:
    subscribe(hospital, subscription(receiver))
    tag = hospital.get("Subscription/s1").headers["ETag"]
    standing(state="paused", **FAILED)

    answer = hospital.get("Subscription/s1", If_None_Match=tag)

    assert (answer.status_code, answer.json()["status"]) == (200, "error")


def test_writing_it_again_ends_the_error(hospital: System, receiver: Receiver) -> None:
    subscribe(hospital, subscription(receiver))
    standing(state="paused", failures=9, failing_since=timezone.now(), position=-1, **FAILED)

    subscribe(hospital, subscription(receiver))

    read = hospital.get("Subscription/s1").json()
    assert (read["status"], "error" in read, read["meta"]["versionId"]) == ("active", False, "1")
    assert Outlet.objects.get().position == -1  # begins where it stood
