"""What is published of authorization, and how a page answers to a system that is not let in."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from lienthong.config.middleware import ErrorsAsPages
from lienthong.core.access import NotAuthenticated, ScopeMissing
from lienthong.errors import LienthongError


@pytest.mark.django_db
def test_smart_configuration_names_what_is_there() -> None:
    answer = Client().get("/.well-known/smart-configuration")

    said = answer.json()
    assert said["token_endpoint"] == "http://testserver/auth/token"
    assert said["introspection_endpoint"] == "http://testserver/auth/introspect"
    assert said["revocation_endpoint"] == "http://testserver/auth/revoke"
    assert said["grant_types_supported"] == ["client_credentials"]
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert set(said["token_endpoint_auth_signing_alg_values_supported"]) == {"RS384", "ES384"}
    assert "client-confidential-asymmetric" in said["capabilities"]
    assert {"system/*.cruds", "system/Observation.cruds", "delivery/write"} <= set(said["scopes_supported"])
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("error", "status", "challenge"),
    [
        (NotAuthenticated("Show a token."), 401, 'Bearer realm="lienthong"'),
        (
            NotAuthenticated("It has ended.", error="invalid_token"),
            401,
            'Bearer realm="lienthong", error="invalid_token", error_description="It has ended."',
        ),
        (
            ScopeMissing("system/Patient.r"),
            403,
            'Bearer realm="lienthong", error="insufficient_scope", error_description="This needs the scope '
            'system/Patient.r, which the token does not carry.", scope="system/Patient.r"',
        ),
    ],
    ids=["no token", "token over", "scope missing"],
)
def test_refusal_of_an_interface_carries_its_challenge(error: LienthongError, status: int, challenge: str) -> None:
    request = RequestFactory().get("/fhir/Patient", headers={"Accept": "application/json"})

    answer = ErrorsAsPages(lambda _: HttpResponse()).process_exception(request, error)

    assert answer is not None
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (status, challenge)
