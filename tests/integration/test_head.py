"""Monitors, link checkers and caches ask with HEAD what a browser asks with GET."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/sign-in/",
        "/register/",
        "/rules/",
        "/cds-services",
        "/fhir/metadata",
        "/api/openapi.json",
        "/no-such-page/",
    ],
)
def test_head_is_answered_as_get_is_without_the_content(client: Client, address: str) -> None:
    whole, head = client.get(address), client.head(address)
    assert (head.status_code, head.headers["Content-Type"]) == (whole.status_code, whole.headers["Content-Type"])
    assert not head.content


def test_what_takes_no_get_takes_no_head(client: Client) -> None:
    refused = client.head("/auth/token")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
