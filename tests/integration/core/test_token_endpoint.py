"""The token endpoint: who is given a token, with which scopes, and why others are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oauthlib.oauth2 import BackendApplicationClient
from tests.factories.core import ClientKeyFactory
from tests.integration.core.token_calls import (
    AT,
    CLIENT_ID,
    EC_KEY,
    JWT_BEARER,
    NUMBERS,
    OTHER_KEY,
    RSA_KEY,
    TOKEN,
    claims,
    form,
    hospital_system,
    post,
    signed,
    told,
)

from lienthong.core.access.registration import end_key, suspend_system
from lienthong.core.assertions import Client, check_client_assertion
from lienthong.core.models import AccessToken, AuditEvent, ConnectedSystem

pytestmark = pytest.mark.django_db
EPOCH = int(AT.timestamp())
PUBLIC_PEM = EC_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


@pytest.fixture(autouse=True)
def system(monkeypatch: pytest.MonkeyPatch) -> ConnectedSystem:
    """A registered system, at 9:15:20 on 23 November 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    return hospital_system()


def hs256(key: bytes) -> str:
    """Sign with a public key as if it were a shared secret; PyJWT itself refuses to."""
    import base64
    import hashlib
    import hmac

    def part(content: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")

    body = part({"alg": "HS256", "kid": "ec", "typ": "JWT"}) + b"." + part(claims())
    mac = base64.urlsafe_b64encode(hmac.new(key, body, hashlib.sha256).digest()).rstrip(b"=")
    return (body + b"." + mac).decode()


@pytest.mark.parametrize(
    ("key", "algorithm", "key_id"), [(EC_KEY, "ES384", "ec"), (RSA_KEY, "RS384", "rsa")], ids=["ES384", "RS384"]
)
def test_token_is_given_for_an_assertion_of_a_registered_key(key: object, algorithm: str, key_id: str) -> None:
    answer = post(form(signed(claims(), key=key, algorithm=algorithm, key_id=key_id)))

    assert answer.status_code == 200
    assert told(answer) | {"access_token": "…"} == {
        "access_token": "…",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "system/Patient.rs",
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_token_answer_is_read_by_a_client_library() -> None:
    answer = post(form())

    client = BackendApplicationClient(CLIENT_ID)
    read = client.parse_request_body_response(answer.content.decode())
    assert read["token_type"] == "Bearer"
    assert read.scopes == ["system/Patient.rs"]


def test_token_is_kept_as_a_digest_and_logged_without_itself(system: ConnectedSystem) -> None:
    assertion = signed(claims())
    token = told(post(form(assertion)))["access_token"]

    row = AccessToken.objects.get()
    event = AuditEvent.objects.get(action="issue-token")
    system.refresh_from_db()
    said = json.dumps([event.detail, event.object_key, event.actor_label])
    assert len(token) == 43
    assert token not in row.digest
    assert token not in said
    assert assertion not in said
    assert (event.facility, event.detail["client"], event.detail["key"]) == ("30001", CLIENT_ID, "ec")
    assert (system.last_token_at, row.key_id) == (AT, "ec")


REFUSED: dict[str, Callable[[], str]] = {
    "not a jwt": lambda: "abc.def",
    "unsigned": lambda: jwt.encode(claims(), None, algorithm="none", headers={"kid": "ec"}),
    "public key as secret": lambda: hs256(PUBLIC_PEM),
    "other key": lambda: signed(claims(), key=OTHER_KEY),
    "weaker hash": lambda: signed(claims(), key=RSA_KEY, algorithm="RS256", key_id="rsa"),
    "other padding": lambda: signed(claims(), key=RSA_KEY, algorithm="PS384", key_id="rsa"),
    "key of the other kind": lambda: signed(claims(), key=RSA_KEY, algorithm="RS384", key_id="ec"),
    "no key named": lambda: signed(claims(), key_id=None),
    "unknown key": lambda: signed(claims(), key_id="none"),
    "unknown client": lambda: signed(claims(iss="nobody", sub="nobody")),
    "subject is another": lambda: signed(claims(sub="his-30002")),
    "no subject": lambda: signed(claims(sub=None)),
    "other address": lambda: signed(claims(aud="http://testserver/auth")),
    "introspection's address": lambda: signed(claims(aud="http://testserver/auth/introspect")),
    "no address": lambda: signed(claims(aud=None)),
    "ended": lambda: signed(claims(exp=EPOCH - 31)),
    "ends too late": lambda: signed(claims(exp=EPOCH + 331)),
    "no end": lambda: signed(claims(exp=None)),
    "end is infinite": lambda: signed(claims(exp=float("inf"))),
    "begins in the future": lambda: signed(claims(iat=EPOCH + 31)),
    "no id": lambda: signed(claims(jti=None)),
    "issuer that no table takes": lambda: signed(claims(iss="a\x00", sub="a\x00")),
}


@pytest.mark.parametrize("assertion", [pytest.param(make, id=name) for name, make in REFUSED.items()])
def test_assertion_that_proves_nothing_is_refused(assertion: Callable[[], str]) -> None:
    answer = post(form(assertion()))

    assert (answer.status_code, told(answer)["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"exp": EPOCH - 29}, {"exp": EPOCH + 329}, {"iat": EPOCH + 29}, {"iat": EPOCH - 900}, {"aud": ["x", TOKEN]}],
    ids=["ended half a minute ago", "clock ahead", "begins in half a minute", "signed long ago", "several addresses"],
)
def test_assertion_within_the_skew_of_clocks_is_taken(changes: dict[str, object]) -> None:
    assert post(form(signed(claims(**changes)))).status_code == 200


def test_assertion_is_taken_once(system: ConnectedSystem) -> None:
    assertion = signed(claims())
    assert post(form(assertion)).status_code == 200

    again = post(form(assertion))

    system.refresh_from_db()
    assert (again.status_code, told(again)["error"]) == (401, "invalid_client")
    assert "used before" in told(again)["error_description"]
    assert AccessToken.objects.count() == 1
    assert (system.last_refused_at, "used before" in system.last_refusal) == (AT, True)


@pytest.mark.parametrize(
    "dates",
    [{"valid_to": AT}, {"valid_from": AT.replace(hour=3)}],
    ids=["ended", "of later"],
)
def test_key_outside_its_period_opens_nothing(system: ConnectedSystem, dates: dict[str, object]) -> None:
    ClientKeyFactory(system=system, key_id="other", pair=EC_KEY, **dates)

    answer = post(form(signed(claims(), key_id="other")))

    assert "does not hold" in told(answer)["error_description"]


def test_suspended_system_is_told_so_once_it_has_proven_itself() -> None:
    ConnectedSystem.objects.update(suspended_at=AT)

    assert "suspended" in told(post(form()))["error_description"]
    assert "suspended" not in told(post(form(signed(claims(), key=OTHER_KEY))))["error_description"]


@pytest.mark.parametrize("act", ["end the key", "suspend the system"])
def test_key_that_is_ended_meanwhile_leaves_no_token(monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    """The act comes between the check of the assertion and the token."""

    def check(*args: object, **named: object) -> Client:
        client = check_client_assertion(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        if act == "end the key":
            end_key(CLIENT_ID, "ec", ends_at=AT, by=client.system.user, at=AT)  # type: ignore[union-attr]  # it is there
        else:
            suspend_system(CLIENT_ID, why="Now.", by=client.system.user, at=AT)  # type: ignore[union-attr]  # likewise
        return client

    monkeypatch.setattr("lienthong.core.access.validator.check_client_assertion", check)

    answer = post(form())

    assert (answer.status_code, told(answer)["error"]) == (401, "invalid_client")
    assert not AccessToken.objects.exists()


def test_token_is_in_no_log_however_much_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    assertion = signed(claims())

    token = told(post(form(assertion)))["access_token"]

    assert token not in caplog.text
    assert assertion not in caplog.text


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(["grant_type", "scope", "client_id", "client_assertion", "client_assertion_type", "scopes"]),
        st.one_of(st.text(), st.sampled_from(["client_credentials", "e30.e30.e30", JWT_BEARER, "extra_credentials"])),
    ),
    raw=st.binary(),
)
def test_no_request_ends_in_an_error_of_the_server(fields: dict[str, str], raw: bytes) -> None:
    form_type = "application/x-www-form-urlencoded"
    peer = f"10.1.{next(NUMBERS)}"
    for body in (raw, urlencode(fields).encode()):
        answer = Browser(REMOTE_ADDR=peer).post("/auth/token", body, content_type=form_type)

        assert answer.status_code in (400, 401)
        assert set(answer.json()) == {"error", "error_description"}


FORMS = {
    "no grant type": ({"grant_type": None}, 400, "invalid_request"),
    "other grant": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    "no kind of assertion": ({"client_assertion_type": None}, 401, "invalid_client"),
    "no assertion": ({"client_assertion": ""}, 401, "invalid_client"),
    "secret": ({"client_assertion": None, "client_secret": "s"}, 401, "invalid_client"),
    "other client": ({"client_id": "his-30002"}, 401, "invalid_client"),
    "no scope": ({"scope": None}, 400, "invalid_scope"),
    "unknown scope": ({"scope": "everything"}, 400, "invalid_scope"),
    "scope of a person": ({"scope": "patient/Observation.rs"}, 400, "invalid_scope"),
    "restricted scope": ({"scope": "system/Observation.rs?category=laboratory"}, 400, "invalid_scope"),
    "rights out of order": ({"scope": "system/Observation.sr"}, 400, "invalid_scope"),
    "not granted": ({"scope": "system/Consent.rs delivery/read"}, 400, "invalid_scope"),
}


@pytest.mark.parametrize(("changes", "status", "error"), FORMS.values(), ids=FORMS.keys())
def test_form_with_a_fault_is_refused_with_a_reason(changes: dict[str, str | None], status: int, error: str) -> None:
    answer = post(form(**changes))

    described = told(answer)["error_description"]
    assert (answer.status_code, told(answer)["error"]) == (status, error)
    assert len(described) > 20
    assert described.isascii()
    assert not set(described) & set('"\\')


WIRE = {
    "parameter twice": lambda: "grant_type=client_credentials&scope=a&scope=b&client_id=a&client_assertion=x",
    "bytes that are no form": lambda: "\x00\x01=%ZZ",
    "not percent-encoded": lambda: "grant_type=client_credentials&scope=é",
    "nothing": lambda: "",
    "too long": lambda: "grant_type=" + "x" * 70_000,
}


@pytest.mark.parametrize("body", [pytest.param(make, id=name) for name, make in WIRE.items()])
def test_body_that_is_no_form_is_an_invalid_request(body: Callable[[], str]) -> None:
    answer = post(body())

    assert (answer.status_code, told(answer)["error"]) == (400, "invalid_request")


def test_query_string_is_refused() -> None:
    assert told(post(form(), path="/auth/token?scope=a"))["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("system/Patient.read", "system/Patient.rs"),
        ("system/Patient.*", "system/Patient.rs"),
        ("system/*.rs", "system/Observation.rs system/Patient.rs"),
        ("system/*.cruds delivery/write delivery/read", "system/Observation.rs system/Patient.rs delivery/write"),
        ("system/Patient.r system/Patient.s system/Consent.r", "system/Patient.rs"),
    ],
)
def test_scopes_are_narrowed_to_what_was_granted(asked: str, given: str) -> None:
    assert told(post(form(scope=asked)))["scope"] == given
