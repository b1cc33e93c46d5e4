"""The log of the web application names no patient, though addresses may."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
NUMBER = "079080012345"


@pytest.mark.parametrize(
    ("method", "address", "route"),
    [
        ("get", f"/fhir/Patient/{NUMBER}", "fhir/<str:kind>/<str:id_>"),
        ("get", f"/fhir/Patient/{NUMBER}?identifier={NUMBER}", "fhir/<str:kind>/<str:id_>"),
        ("delete", f"/p/{NUMBER}/", "p/<str:token>/"),
        ("get", f"/nowhere/{NUMBER}", "an address that there is not"),
        ("post", "/sign-in/", "sign-in/"),
    ],
    ids=["refused", "searched", "method", "nowhere", "csrf"],
)
def test_refused_request_is_logged_by_its_route(
    method: str, address: str, route: str, caplog: pytest.LogCaptureFixture
) -> None:
    getattr(Client(enforce_csrf_checks=True), method)(address)

    assert route in caplog.text
    assert NUMBER not in caplog.text
