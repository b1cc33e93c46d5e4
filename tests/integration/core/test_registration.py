"""Connected systems are registered, changed, given keys and suspended; what must hold of them; what time ends."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from tests.factories.core import ClientKeyFactory, ConnectedSystemFactory, UserFactory, public_jwk
from tests.integration.core.token_calls import AT, EC_KEY, OTHER_KEY

from lienthong.core.access import registration
from lienthong.core.access.housekeeping import forget_expired_access
from lienthong.core.access.keys import PublicKey, read_keys
from lienthong.core.access.reads import history
from lienthong.core.access.refusals import count_refusal
from lienthong.core.access.registration import SystemEntry
from lienthong.core.models import AccessToken, ClientKey, ConnectedSystem, RefusalCount, UsedAssertion, User
from lienthong.errors import BadInput, Conflict, NotFound

pytestmark = pytest.mark.django_db
ENTRY = SystemEntry(
    client_id="his-30001", name="Anphu HIS", facility="30001", scopes=("system/*.read", "delivery/write")
)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def by() -> User:
    person: User = UserFactory()
    return person


def keys(key_id: str = "k1", pair: object = EC_KEY) -> tuple[PublicKey, ...]:
    return read_keys(json.dumps({**public_jwk(pair), "kid": key_id}))  # type: ignore[arg-type]  # a private key


def register(by: User, entry: SystemEntry = ENTRY) -> ConnectedSystem:
    registration.register_system(entry, keys=keys(), by=by, at=AT)
    return ConnectedSystem.objects.get(client_id=entry.client_id)


def test_registered_system_acts_as_a_user_of_its_own(by: User) -> None:
    system = register(by)

    assert (system.user.username, system.user.is_system, system.user.has_usable_password()) == (
        "client:his-30001",
        True,
        False,
    )
    assert system.scopes == ["system/*.rs", "delivery/write"]
    assert [one.action for one in history("his-30001")] == ["add-key", "register-system"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"client_id": "a b"}, "client_id"),
        ({"client_id": "a" * 101}, "client_id"),
        ({"name": " "}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"contact": "a" * 201}, "contact"),
        ({"scopes": ()}, "scopes"),
        ({"scopes": ("system/Potato.rs",)}, "system/Potato.rs"),
    ],
)
def test_entry_with_a_fault_is_not_registered(by: User, changes: dict[str, object], where: str) -> None:
    with pytest.raises(BadInput) as refused:
        register(by, replace(ENTRY, **changes))  # type: ignore[arg-type]  # fields of the dataclass

    assert where in {one.where for one in refused.value.findings}
    assert not ConnectedSystem.objects.exists()


def test_client_id_is_given_once(by: User) -> None:
    register(by)

    with pytest.raises(Conflict, match="already"):
        register(by)


def test_change_is_told_with_what_stood_before(by: User) -> None:
    register(by)

    registration.change_system(replace(ENTRY, name="New HIS", scopes=("cds-hooks/call",)), by=by, at=AT)

    assert history("his-30001")[0].detail == {
        "name": "Anphu HIS → New HIS",
        "scopes": "system/*.rs delivery/write → cds-hooks/call",
    }


def test_same_change_again_changes_nothing(by: User) -> None:
    register(by)
    before = len(history("his-30001"))

    registration.change_system(ENTRY, by=by, at=AT)

    assert len(history("his-30001")) == before


def test_system_never_changes_its_facility(by: User) -> None:
    register(by)

    with pytest.raises(Conflict, match="one facility"):
        registration.change_system(replace(ENTRY, facility="30002"), by=by, at=AT)


def test_keys_overlap_while_a_system_changes_over(by: User) -> None:
    register(by)
    registration.add_keys("his-30001", keys("k2", OTHER_KEY), by=by, at=AT)

    registration.end_key("his-30001", "k1", ends_at=AT + dt.timedelta(hours=8), by=by, at=AT)

    assert dict(ClientKey.objects.values_list("key_id", "valid_to")) == {"k1": AT + dt.timedelta(hours=8), "k2": None}


def test_key_is_never_registered_under_an_old_id(by: User) -> None:
    register(by)
    registration.end_key("his-30001", "k1", ends_at=AT, by=by, at=AT)

    with pytest.raises(Conflict, match="k1"):
        registration.add_keys("his-30001", keys("k1", OTHER_KEY), by=by, at=AT)


def test_acts_that_do_not_fit_the_state_are_refused(by: User) -> None:
    register(by)
    with pytest.raises(Conflict):
        registration.resume_system("his-30001", by=by, at=AT)
    with pytest.raises(BadInput):
        registration.suspend_system("his-30001", why=" ", by=by, at=AT)
    registration.suspend_system("his-30001", why="It floods us.", by=by, at=AT)
    with pytest.raises(Conflict):
        registration.suspend_system("his-30001", why="Again.", by=by, at=AT)
    registration.end_key("his-30001", "k1", ends_at=AT, by=by, at=AT)
    with pytest.raises(Conflict):
        registration.end_key("his-30001", "k1", ends_at=AT, by=by, at=AT)
    with pytest.raises(NotFound):
        registration.end_key("his-30001", "none", ends_at=AT, by=by, at=AT)
    with pytest.raises(NotFound):
        registration.resume_system("nobody", by=by, at=AT)


@pytest.mark.parametrize(
    "fault",
    [
        {"valid_to": dt.datetime(2025, 12, 31, tzinfo=dt.UTC)},
        {"key_id": "same"},
    ],
    ids=["ends before it begins", "same id"],
)
def test_database_refuses_a_key_that_cannot_be(fault: dict[str, object]) -> None:
    system = ConnectedSystemFactory()
    ClientKeyFactory(system=system, key_id="same")

    with pytest.raises(IntegrityError, match="core_clientkey"), transaction.atomic():
        ClientKeyFactory(system=system, **fault)


def test_what_time_has_ended_is_forgotten() -> None:
    system = ConnectedSystemFactory()
    for place, hours in enumerate((-1, 1)):
        end = AT + dt.timedelta(hours=hours)
        AccessToken.objects.create(
            digest=str(place), system=system, key_id="k", scopes=[], issued_at=AT, expires_at=end
        )
        UsedAssertion.objects.create(issuer="i", token_id=str(place), expires_at=end)
        count_refusal("10.0.0.1", "his", at=end)

    assert forget_expired_access(at=AT) == 4
    left = (AccessToken.objects.count(), UsedAssertion.objects.count(), RefusalCount.objects.count())
    assert left == (1, 1, 2)
