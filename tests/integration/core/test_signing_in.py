"""Signing in: who tries passwords waits, nobody else does, and nothing stays behind the back button."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from tests.factories.core import UserFactory

from lienthong.core.access.refusals import MOST_OF_ADDRESS, MOST_OF_CLIENT
from lienthong.core.models import AuditEvent, User

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 20, 5, 0, 20, tzinfo=dt.UTC)
PASSWORD, WRONG = "correct horse battery", "wrong"
# A plain digest, so that a hundred attempts take no minute of computing.
quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])


@pytest.fixture(autouse=True)
def within_one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lienthong.core.views.timezone", SimpleNamespace(now=lambda: AT))


@pytest.fixture
def nurse() -> User:
    with quick:
        user = UserFactory(username="nurse")
        user.set_password(PASSWORD)
        user.save()
    return user


def attempt(name: str = "nurse", password: str = WRONG, address: str = "10.0.0.1") -> int:
    with quick:
        form = {"username": name, "password": password}
        return Client(REMOTE_ADDR=address).post(reverse("core:sign-in"), form).status_code


def test_who_tries_passwords_waits_though_one_is_right(nurse: User) -> None:
    tried = [attempt() for _ in range(MOST_OF_CLIENT)]

    assert tried == [200] * MOST_OF_CLIENT
    assert attempt(password=PASSWORD) == 429
    assert attempt("ｎｕｒｓｅ", PASSWORD) == 429  # the same name to Django
    assert attempt(password=PASSWORD, address="10.0.0.2") == 302


def test_who_tries_many_names_waits_with_any(nurse: User) -> None:
    for place in range(MOST_OF_ADDRESS):
        attempt(f"name-{place}")

    assert attempt(password=PASSWORD) == 429


def test_audit_log_holds_who_came_and_who_was_refused_but_no_mistyped_name(nurse: User) -> None:
    attempt()
    attempt("correct horse")  # the password, where the name belongs
    attempt("nurse\0")  # no text to PostgreSQL
    with quick:
        client = Client(REMOTE_ADDR="10.0.0.1")
        client.post(reverse("core:sign-in"), {"username": "nurse", "password": PASSWORD})
    client.post(reverse("core:sign-out"))
    client.post(reverse("core:sign-out"))  # nobody is signed in any more

    events = AuditEvent.objects.order_by("id").values_list("action", "actor", "object_key", "detail__address")
    assert list(events) == [
        ("refuse-sign-in", "system-access", "nurse", "10.0.0.1"),
        *[("refuse-sign-in", "system-access", "unknown", "10.0.0.1")] * 2,
        ("sign-in", "nurse", "nurse", "10.0.0.1"),
        ("sign-out", "nurse", "nurse", "10.0.0.1"),
    ]


def test_page_says_how_long_to_wait(nurse: User) -> None:
    for _ in range(MOST_OF_CLIENT):
        attempt()

    form = {"username": "nurse", "password": WRONG}
    answer = Client(REMOTE_ADDR="10.0.0.1").post(reverse("core:sign-in"), form, headers={"Accept-Language": "en"})

    assert "Try again in 40 seconds." in answer.content.decode()
    assert answer.headers["Retry-After"] == "40"


def test_nothing_of_who_is_signed_in_is_kept_by_browser_or_proxy(nurse: User) -> None:
    client = Client()
    client.force_login(nurse)

    answer = client.get(reverse("core:sign-out"))

    assert answer.headers["Cache-Control"] == "private, no-store"
