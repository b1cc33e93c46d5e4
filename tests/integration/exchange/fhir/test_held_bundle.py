"""The page of a Bundle that waits: what was measured is shown, the patient is not."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import System

from lienthong.results.models import InboxMessage


@pytest.mark.django_db
def test_held_bundle_shows_its_codes_and_hides_the_patient(scene: Scene, hospital: System) -> None:
    unknown = json.loads(glucose()) | {"code": {"coding": [{"system": "urn:x:local", "code": "XYZ"}]}}
    hospital.post("", transaction(entry(patient()), entry(unknown)))
    user = UserFactory()
    bind(user, "operator", scene.laboratory.facility)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    address = reverse("exchange:message", args=[InboxMessage.objects.get().pk])

    page = client.get(address).content.decode()

    assert "XYZ" in page
    assert "Observation/o1" in page
    assert "Nguyễn Thị Đào" not in page
    assert "1980-02-03" not in page
