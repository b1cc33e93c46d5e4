"""Accounts are closed, opened and get new passwords: what was signed in before no longer is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from tests.factories.core import SystemUserFactory
from tests.integration.core.signed_in import NEW, OLD, make_nurse, signed_in

from lienthong.core import actions
from lienthong.core.models import AuditEvent, User
from lienthong.errors import Conflict, NotAllowed, NotFound

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 20, 5, 0, 20, tzinfo=dt.UTC)
OWN_PAGE = "/patients/"


@pytest.fixture(autouse=True)
def _quick_digest() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def worker() -> User:
    return SystemUserFactory(username="system-setup")


@pytest.fixture
def nurse() -> User:
    return make_nurse()


def is_in(client: Client) -> bool:
    return client.get(OWN_PAGE).status_code != 302


def events() -> list[tuple[str, str, str]]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "actor", "object_key"))


def test_closed_account_ends_its_open_sessions_and_lets_nobody_in(nurse: User, worker: User) -> None:
    open_page = signed_in()
    assert is_in(open_page)

    actions.close_account(nurse, why="left", by=worker, at=AT)

    answer = open_page.get(OWN_PAGE)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse(settings.LOGIN_URL))
    assert not Client().login(username="nurse", password=OLD)
    assert AuditEvent.objects.get().detail == {"why": "left"}


def test_account_that_is_opened_again_revives_neither_session_nor_password(nurse: User, worker: User) -> None:
    open_page = signed_in()

    actions.close_account(nurse, by=worker, at=AT)
    actions.open_account(nurse, password=NEW, by=worker, at=AT)

    assert not is_in(open_page)
    assert not Client().login(username="nurse", password=OLD)
    assert is_in(signed_in(NEW))
    assert [action for action, _actor, _key in events()] == ["close-account", "open-account"]


def test_account_is_closed_once(nurse: User, worker: User) -> None:
    for _ in range(2):
        actions.close_account(nurse, by=worker, at=AT)

    assert events() == [("close-account", "system-setup", "nurse")]


def test_new_password_of_the_command_ends_open_sessions(nurse: User, worker: User) -> None:
    open_page = signed_in()

    actions.set_password(nurse, password=NEW, by=worker, at=AT)

    assert not is_in(open_page)
    assert is_in(signed_in(NEW))
    assert events() == [("set-password", "system-setup", "nurse")]


def test_nobody_closes_the_own_account(nurse: User) -> None:
    with pytest.raises(NotAllowed):
        actions.close_account(nurse, by=nurse, at=AT)


@pytest.mark.parametrize(
    "act",
    [
        lambda user, by: actions.set_password(user, password=NEW, by=by, at=AT),
        lambda user, by: actions.change_password(password=NEW, by=user, address="", at=AT),
        lambda user, by: actions.check_is_open(user),
    ],
    ids=["set", "change", "check"],
)
def test_closed_account_gets_no_password(nurse: User, worker: User, act: Callable[[User, User], object]) -> None:
    actions.close_account(nurse, by=worker, at=AT)

    with pytest.raises(Conflict):
        act(nurse, worker)


def test_open_account_is_not_opened(nurse: User, worker: User) -> None:
    with pytest.raises(Conflict):
        actions.open_account(nurse, password=NEW, by=worker, at=AT)

    assert Client().login(username="nurse", password=OLD)


def test_system_user_has_no_account(worker: User) -> None:
    with pytest.raises(NotFound):
        actions.set_password(worker, password=NEW, by=SystemUserFactory(), at=AT)
