"""The administrator's page of a subscriber: where it is called, and nothing of its headers or its criteria."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.exchange.fhir.conftest import System
from tests.integration.exchange.fhir.subscriptions.conftest import subscribe, subscription, way_of
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver

from lienthong.core.models import User


@pytest.mark.django_db
def test_page_of_a_subscriber_shows_its_endpoint_and_no_secret(
    hospital: System, administrator: User, receiver: Receiver
) -> None:
    header = {"header": ["Authorization: Bearer abc-123"]}
    subscribe(hospital, subscription(receiver, "Observation?patient.identifier=001180012345", channel=header))
    client = Client(headers={"accept-language": "en"})
    client.force_login(administrator)

    answer = client.get(reverse("exchange:outlet", args=[way_of().outlet.code]))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"https://127.0.0.1:{receiver.port}/hook" in page
    assert "Results for the wards" in page
    assert "abc-123" not in page
    assert "001180012345" not in page
