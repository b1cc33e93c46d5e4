"""Who calls with a token, and what it may do."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import RequestFactory
from tests.integration.core.token_calls import (
    AT,
    CLIENT_ID,
    claims,
    form,
    hospital_system,
    new_token,
    post,
    signed,
    told,
)

from lienthong.core.access import Caller, NotAuthenticated, Right, ScopeMissing, caller_of, standing_caller
from lienthong.core.access.registration import end_key, suspend_system
from lienthong.core.models import AuditEvent, ConnectedSystem
from lienthong.errors import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def system(monkeypatch: pytest.MonkeyPatch) -> ConnectedSystem:
    """A registered system, at 9:15:20 on 23 November 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    return hospital_system(sources=["SX"])


def called(authorization: str, *, at: dt.datetime = AT) -> Caller:
    return caller_of(RequestFactory().get("/fhir/Patient", headers={"Authorization": authorization}), at=at)


def test_caller_is_the_system_of_the_token(system: ConnectedSystem) -> None:
    caller = called(f"bearer {new_token(scope='system/*.rs delivery/write')}")

    assert (caller.client_id, caller.facility, caller.user) == (CLIENT_ID, "30001", system.user)
    assert caller.scopes == ("system/Observation.rs", "system/Patient.rs", "delivery/write")
    assert (caller.may_deliver_for("SX"), caller.may_deliver_for("SY")) == (True, False)
    assert caller.user.is_system


@pytest.mark.parametrize(
    ("kind", "right", "may"),
    [("Patient", "r", True), ("Patient", "s", True), ("Patient", "c", False), ("Observation", "r", False)],
)
def test_token_gives_the_rights_of_its_scopes(kind: str, right: Right, may: bool) -> None:
    caller = called(f"Bearer {new_token(scope='system/Patient.rs')}")

    assert caller.may(kind, right) is may
    if not may:
        with pytest.raises(ScopeMissing, match=rf"system/{kind}\.{right}") as refused:
            caller.check(kind, right)
        assert isinstance(refused.value, NotAllowed)
        assert 'error="insufficient_scope"' in refused.value.challenge


def test_platform_scope_is_asked_by_its_name() -> None:
    caller = called(f"Bearer {new_token(scope='delivery/write')}")

    caller.check_scope("delivery/write")
    with pytest.raises(ScopeMissing, match="delivery/read"):
        caller.check_scope("delivery/read")


@pytest.mark.parametrize(
    ("header", "error"),
    [("", ""), ("Basic abc", ""), ("Bearer abc", "invalid_token"), ("Bearer ", "invalid_token")],
    ids=["none", "basic", "unknown", "empty"],
)
def test_call_without_a_known_token_is_not_authenticated(header: str, error: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        called(header)

    assert refused.value.error == error
    assert refused.value.challenge.startswith('Bearer realm="lienthong"')


def test_token_ends_after_five_minutes() -> None:
    token = new_token()

    called(f"Bearer {token}", at=AT + dt.timedelta(seconds=299))
    with pytest.raises(NotAuthenticated, match="ended"):
        called(f"Bearer {token}", at=AT + dt.timedelta(seconds=300))


def test_token_ends_with_its_key_but_not_with_another(system: ConnectedSystem) -> None:
    token = new_token()
    end_key(CLIENT_ID, "rsa", ends_at=AT, by=system.user, at=AT)
    called(f"Bearer {token}")

    end_key(CLIENT_ID, "ec", ends_at=AT, by=system.user, at=AT)

    with pytest.raises(NotAuthenticated, match="revoked"):
        called(f"Bearer {token}")


def test_token_ends_when_its_system_is_suspended(system: ConnectedSystem) -> None:
    token = new_token()

    suspend_system(CLIENT_ID, why="It floods us.", by=system.user, at=AT)

    with pytest.raises(NotAuthenticated):
        called(f"Bearer {token}")


def test_token_loses_the_scope_that_its_system_loses() -> None:
    token = new_token(scope="system/*.rs")

    ConnectedSystem.objects.update(scopes=["system/Patient.r"])

    assert called(f"Bearer {token}").scopes == ("system/Patient.r",)


def test_system_that_does_not_call_has_what_it_is_granted_now(system: ConnectedSystem) -> None:
    ConnectedSystem.objects.update(scopes=["system/Patient.r"])

    found = standing_caller(CLIENT_ID)

    assert found
    assert (found.client_id, found.facility, found.user) == (CLIENT_ID, "30001", system.user)
    assert (found.scopes, found.sources) == (("system/Patient.r",), ("SX",))


def test_system_that_is_suspended_or_unknown_stands_for_nothing(system: ConnectedSystem) -> None:
    suspend_system(CLIENT_ID, why="It floods us.", by=system.user, at=AT)

    assert standing_caller(CLIENT_ID) is None
    assert standing_caller("nobody") is None


def test_own_token_is_introspected_until_it_is_revoked() -> None:
    token = new_token()

    before = told(post(form(token=token), path="/auth/introspect"))
    revoked = post(form(token=token), path="/auth/revoke")
    after = told(post(form(token=token), path="/auth/introspect"))

    assert before == {
        "active": True,
        "scope": "system/Patient.rs",
        "client_id": CLIENT_ID,
        "token_type": "Bearer",
        "iat": int(AT.timestamp()),
        "exp": int(AT.timestamp()) + 300,
    }
    assert (revoked.status_code, after) == (200, {"active": False})
    assert AuditEvent.objects.filter(action="revoke-token").count() == 1
    with pytest.raises(NotAuthenticated):
        called(f"Bearer {token}")


def test_token_of_another_is_neither_introspected_nor_revoked() -> None:
    token = new_token()
    hospital_system(client_id="other")
    mine = {"iss": "other", "sub": "other"}

    seen = told(post(form(signed(claims(**mine)), token=token), path="/auth/introspect"))
    post(form(signed(claims(**mine)), token=token), path="/auth/revoke")

    assert seen == {"active": False}
    called(f"Bearer {token}")


def test_introspection_and_revocation_ask_who_calls() -> None:
    for path in ("/auth/introspect", "/auth/revoke"):
        assert post({"token": "x"}, path=path).status_code == 401
