"""Who leaves is dismissed by the command, which also gives new passwords and opens closed accounts again."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.factories.core import UserFactory
from tests.factories.registry import LaboratoryFactory, RegionFactory, bind
from tests.integration.registry.test_first_steps import command

from lienthong.core.models import AuditEvent, User
from lienthong.registry.access import Role
from lienthong.registry.models import RoleBinding

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = "correct horse battery", "staple under the bed"


@pytest.fixture
def hoa() -> User:
    """A technician and operator whose password is known."""
    region = RegionFactory(code="VN-30")
    user: User = UserFactory(username="hoa")
    user.set_password(OLD)
    user.save()
    bind(user, "operator", region)
    bind(user, "technician", LaboratoryFactory(code="L1", facility__region=region))
    return user


def held(user: User) -> set[str]:
    return set(RoleBinding.objects.known_at(None).filter(user=user, valid_to=None).values_list("role", flat=True))


def signed_in() -> Client:
    client = Client()
    assert client.login(username="hoa", password=OLD)
    return client


def test_dismissed_user_is_shut_out_at_once(hoa: User) -> None:
    client = signed_in()
    assert client.get("/iqc/").status_code == 200

    done = command("dismiss", "hoa", "--why", "left")

    assert (done.returncode, done.stdout) == (0, "hoa: 2 roles ended, account closed\n"), done.stderr
    assert client.get("/iqc/").status_code == 302
    assert held(hoa) == set()
    events = AuditEvent.objects.filter(actor="system-setup").order_by("id").values_list("action", flat=True)
    assert list(events) == ["end-role", "end-role", "close-account"]


def test_one_role_ends_and_the_account_stays_open(hoa: User) -> None:
    client = signed_in()

    done = command("dismiss", "hoa", "--role", "technician", "--laboratory", "L1")

    assert (done.returncode, done.stdout) == (0, "hoa: no longer technician of L1\n"), done.stderr
    assert client.get("/iqc/").status_code == 403
    assert client.get("/inbox/").status_code == 200
    assert held(hoa) == {"operator"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("dismiss", "nobody"), 1),
        (("dismiss", "system-setup"), 1),
        (("dismiss", "hoa", "--role", "technician"), 2),
        (("dismiss", "hoa", "--laboratory", "L1"), 2),
        (("dismiss", "hoa", "--role", "king", "--laboratory", "L1"), 2),
        (("dismiss", "hoa", "--role", "manager", "--laboratory", "L1"), 1),
        (("password", "nobody"), 1),
    ],
    ids=["unknown", "system", "no place", "no role", "no such role", "not held", "password of unknown"],
)
def test_fault_is_told_and_ends_nothing(hoa: User, arguments: tuple[str, ...], code: int) -> None:
    done = command(*arguments, said=f"{NEW}\n")

    assert done.returncode == code
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert held(hoa) == {"operator", "technician"}


def test_new_password_ends_open_sessions(hoa: User) -> None:
    client = signed_in()

    done = command("password", "hoa", said=f"{NEW}\n")

    assert done.returncode == 0, done.stderr
    assert NEW not in done.stdout
    assert client.get("/iqc/").status_code == 302
    assert Client().login(username="hoa", password=NEW)
    assert AuditEvent.objects.filter(action="set-password", object_key="hoa").count() == 1


def test_weak_password_changes_nothing(hoa: User) -> None:
    done = command("password", "hoa", said="hoa\n")

    assert done.returncode == 2
    assert Client().login(username="hoa", password=OLD)


def test_closed_account_is_appointed_only_where_that_is_meant(hoa: User) -> None:
    command("dismiss", "hoa")
    appoint = ("appoint", "hoa", "--role", Role.MANAGER.value, "--laboratory", "L1")

    refused = command(*appoint, said=f"{NEW}\n")
    password = command("password", "hoa", said=f"{NEW}\n")
    assert (refused.returncode, password.returncode) == (2, 1)
    assert "--reopen" in refused.stderr
    assert held(hoa) == set()
    done = command(*appoint, "--reopen", said=f"{NEW}\n")

    assert done.returncode == 0, done.stderr
    assert held(hoa) == {"manager"}
    assert not Client().login(username="hoa", password=OLD)
    assert Client().login(username="hoa", password=NEW)
    assert AuditEvent.objects.filter(action="open-account", object_key="hoa").count() == 1
