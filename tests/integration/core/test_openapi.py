"""The endpoints of authorization and of the log do what their descriptions say."""

from __future__ import annotations

import json

import pytest
import schemathesis
from django.test import Client
from django.utils import timezone
from hypothesis import strategies as st
from tests.integration.core.token_calls import claims, hospital_system, signed
from tests.integration.described import call_as_described, operations_of, schema_of

from lienthong.core.access import openapi as access
from lienthong.core.actions import system_user
from lienthong.core.log import openapi as log
from lienthong.core.log.sequencer import sequence
from lienthong.core.models import RefusalCount

pytestmark = pytest.mark.django_db

ACCESS, LOG = schema_of(access.description()), schema_of(log.description())


@pytest.mark.parametrize("operation", operations_of(ACCESS), ids=lambda one: one.label)
def test_authorization_answers_as_described(operation: schemathesis.core.APIOperation) -> None:
    hospital_system()

    def prepare(case: schemathesis.Case, data: st.DataObject) -> None:
        RefusalCount.objects.all().delete()  # else each call after the tenth is told to wait
        if isinstance(case.body, dict) and data.draw(st.booleans()):
            audience = "http://localhost/auth/token"
            assertion = signed(claims(at=timezone.now(), aud=audience))
            case.body = case.body | {"client_assertion": assertion, "grant_type": "client_credentials"}
            case.body |= {"scope": "system/Patient.rs"} if data.draw(st.booleans()) else {}

    call_as_described(operation, examples=10, prepare=prepare)


@pytest.mark.parametrize("operation", operations_of(LOG), ids=lambda one: one.label)
@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "empty"])
def test_log_answers_as_described(operation: schemathesis.core.APIOperation, is_signed: bool) -> None:
    if is_signed:
        sequence(by=system_user("log"), at=timezone.now())

    call_as_described(operation, examples=10, prepare=lambda case, data: None)


@pytest.mark.parametrize(
    ("address", "described"),
    [("/auth/openapi.json", access.description()), ("/log/openapi.json", log.description())],
    ids=["authorization", "log"],
)
def test_description_is_public(address: str, described: dict[str, object]) -> None:
    answer = Client().get(address)

    assert json.loads(answer.content) == json.loads(json.dumps(described))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("described", [access.description(), log.description()], ids=["authorization", "log"])
def test_other_method_is_refused_in_the_shape_of_errors(method: str, described: dict[str, dict[str, object]]) -> None:
    for path, item in described["paths"].items():
        if method.lower() in item:  # type: ignore[operator]  # a path item
            continue

        answer = Client(enforce_csrf_checks=True).generic(method, path.replace("{first}", "1").replace("{second}", "1"))

        assert answer.status_code == 405, path
        assert answer.headers["Allow"]
        assert set(answer.json()) == {"code", "message", "findings"}
