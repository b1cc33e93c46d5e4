"""The page on which everybody changes the own password."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.test import Client, override_settings
from tests.integration.core.signed_in import NEW, OLD, make_nurse, signed_in

from lienthong.core.access.refusals import MOST_OF_CLIENT
from lienthong.core.models import AuditEvent, User

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 20, 5, 0, 20, tzinfo=dt.UTC)
PASSWORD = "/password/"


@pytest.fixture(autouse=True)
def _quick_digest() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def nurse() -> User:
    return make_nurse()


def is_in(client: Client) -> bool:
    return client.get(PASSWORD).status_code == 200


def changed(client: Client, *, old: str = OLD, new: str = NEW, again: str = NEW) -> int:
    form = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post(PASSWORD, form).status_code


def test_own_password_is_changed_and_the_other_sessions_end(nurse: User) -> None:
    here, elsewhere = signed_in(), signed_in()

    answer = here.post(PASSWORD, {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}, follow=True)

    assert "Your password is changed." in answer.content.decode()
    assert is_in(here)
    assert not is_in(elsewhere)
    assert is_in(signed_in(NEW))
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.object_key) == ("change-password", "nurse", "nurse")
    assert event.detail == {"address": "127.0.0.1"}


@pytest.mark.parametrize(
    "form",
    [{"old": "wrong"}, {"again": "another one here"}, {"new": "short", "again": "short"}],
    ids=["wrong old one", "two new ones", "too short"],
)
def test_form_with_a_fault_changes_nothing(nurse: User, form: dict[str, str]) -> None:
    client = signed_in()

    assert changed(client, **form) == 422

    assert Client().login(username="nurse", password=OLD)
    assert not AuditEvent.objects.exists()


def test_who_guesses_the_old_password_waits(nurse: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in()
    monkeypatch.setattr("lienthong.core.views.timezone", SimpleNamespace(now=lambda: AT))

    tried = [changed(client, old="wrong") for _ in range(MOST_OF_CLIENT)]
    answer = client.post(PASSWORD, {"old_password": OLD, "new_password1": NEW, "new_password2": NEW})

    assert tried == [422] * MOST_OF_CLIENT
    assert answer.status_code == 429
    assert "Try again in 40 seconds." in answer.content.decode()
    assert Client().login(username="nurse", password=OLD)


@pytest.mark.parametrize(
    ("language", "title"), [("vi", "Đổi mật khẩu"), ("zh-hans", "修改密码"), ("en", "Change your password")]
)
def test_page_of_the_own_password_is_in_three_languages(nurse: User, language: str, title: str) -> None:
    client = signed_in()
    client.cookies["django_language"] = language

    assert f"<h1>{title}</h1>" in client.get(PASSWORD).content.decode()


@pytest.mark.parametrize("language", ["vi", "zh-hans"])
@pytest.mark.parametrize("new", ["short", "password123"], ids=["short", "of many"])
def test_faults_of_a_password_are_told_in_the_language_of_the_page(nurse: User, language: str, new: str) -> None:
    client = signed_in()
    client.cookies["django_language"] = language

    page = client.post(PASSWORD, {"old_password": "wrong", "new_password1": new, "new_password2": new}).content.decode()

    assert page.count('class="error"') == 2
    assert "password" not in re.sub(r"<[^>]*>", "", page)


def test_page_of_the_own_password_is_for_who_is_signed_in() -> None:
    assert Client().get(PASSWORD).status_code == 302
