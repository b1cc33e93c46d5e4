"""The interface does what its description says: no fault of ours, no status or content that is not described."""

from __future__ import annotations

import json

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, settings
from tests.integration.described import CHECKS, application, one_connection
from tests.integration.exchange.pushing import System

from lienthong.exchange.deliveries.openapi import EXCEL, HL7, description

pytestmark = pytest.mark.django_db


@schemathesis.serializer(HL7, EXCEL)
def as_bytes(_context: object, value: object) -> bytes:
    """Send what was made as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.openapi.from_dict(description())
schema.app = application


@schema.parametrize()
@settings(max_examples=10, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_interface_answers_as_described(case: schemathesis.Case, system: System) -> None:
    if len(str((case.query or {}).get("source", "x"))) % 2:
        case.query.pop("source", None)  # a made-up sender is refused before anything else is looked at
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {system.token}"}

    with one_connection():
        case.call_and_validate(base_url="http://localhost", checks=CHECKS)


def test_description_and_page_are_public_and_name_the_same_fields() -> None:
    served = json.loads(Client().get("/api/openapi.json").content)
    page = Client(headers={"accept-language": "en"}).get("/api/").content.decode()

    assert served == json.loads(json.dumps(description()))
    for name, one in served["components"]["schemas"].items():
        assert f'id="{name}"' in page
        assert all(f"<code>{field}</code>" in page for field in one.get("properties", {}))
