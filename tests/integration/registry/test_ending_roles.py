"""Roles end and people leave: by whom, from when on, and what the audit log says of it."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.core import SystemUserFactory, UserFactory
from tests.factories.registry import FacilityFactory, LaboratoryFactory, RegionFactory, bind

from lienthong.core.actions import open_account
from lienthong.core.models import AuditEvent, User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.registry.access import access_of
from lienthong.registry.actions import bind_role, dismiss, end_role
from lienthong.registry.models import Laboratory, Region, RoleBinding

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 2, 2, 0, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 2)
DAY = dt.timedelta(days=1)


@pytest.fixture
def region() -> Region:
    return RegionFactory(code="VN-HD")


@pytest.fixture
def laboratory(region: Region) -> Laboratory:
    return LaboratoryFactory(code="L1", facility__code="F1", facility__region=region)


@pytest.fixture
def administrator(region: Region) -> User:
    return person("administrator", region)


@pytest.fixture
def technician(laboratory: Laboratory) -> User:
    return person("technician", laboratory)


def person(role: str, place: object) -> User:
    user: User = UserFactory()
    bind(user, role, place)  # type: ignore[arg-type]  # a place of the registry
    return user


def roles(user: User, on: dt.date = ON) -> frozenset[str]:
    return access_of(user, on=on).roles


def test_role_that_ends_today_holds_no_longer_today_but_held_yesterday(administrator: User, technician: User) -> None:
    end_role(user=technician, role="technician", laboratory="L1", why="left", by=administrator, at=AT)

    assert roles(technician) == frozenset()
    assert roles(technician, ON - DAY) == {"technician"}
    event = AuditEvent.objects.get(action="end-role")
    assert (event.actor, event.object_key) == (administrator.username, technician.username)
    assert event.detail == {"role": "technician", "place": "L1", "why": "left"}


def test_role_that_began_today_and_ends_today_holds_on_no_day(administrator: User, laboratory: Laboratory) -> None:
    newcomer = UserFactory()
    bind_role(user=newcomer, role="technician", laboratory="L1", by=administrator, at=AT)

    end_role(user=newcomer, role="technician", laboratory="L1", by=administrator, at=AT)

    assert roles(newcomer) == roles(newcomer, ON + DAY) == frozenset()
    assert not RoleBinding.objects.known_at(None).filter(user=newcomer).exists()


def test_role_that_begins_later_is_ended_too(administrator: User, technician: User) -> None:
    RoleBinding.objects.filter(user=technician).update(valid_from=ON + 10 * DAY)

    end_role(user=technician, role="technician", laboratory="L1", by=administrator, at=AT)

    assert roles(technician, ON + 20 * DAY) == frozenset()


def test_role_that_is_given_again_holds_again(administrator: User, technician: User) -> None:
    end_role(user=technician, role="technician", laboratory="L1", by=administrator, at=AT)

    bind_role(user=technician, role="technician", laboratory="L1", by=administrator, at=AT)

    assert roles(technician) == {"technician"}


def test_other_roles_of_the_person_stay(administrator: User, technician: User, region: Region) -> None:
    bind(technician, "clinician", FacilityFactory(code="F2", region=region))

    end_role(user=technician, role="technician", laboratory="L1", by=administrator, at=AT)

    assert roles(technician) == {"clinician"}


def test_role_that_is_not_held_is_not_found(administrator: User, technician: User) -> None:
    for _ in range(2):
        with pytest.raises(NotFound):
            end_role(user=technician, role="manager", laboratory="L1", by=administrator, at=AT)


@pytest.mark.parametrize("role", ["technician", "manager", "officer", "clinician", "operator"])
def test_role_is_ended_by_no_other_than_an_administrator(role: str, technician: User, region: Region) -> None:
    with pytest.raises(NotAllowed):
        end_role(user=technician, role="technician", laboratory="L1", by=person(role, region), at=AT)

    assert roles(technician) == {"technician"}


def test_administrator_of_another_place_ends_nothing(technician: User, region: Region) -> None:
    elsewhere = person("administrator", RegionFactory(code="VN-QN"))

    with pytest.raises(NotAllowed):
        end_role(user=technician, role="technician", laboratory="L1", by=elsewhere, at=AT)
    with pytest.raises(NotAllowed):
        dismiss(technician, by=elsewhere, at=AT)

    assert roles(technician) == {"technician"}


def test_administrator_of_a_laboratory_reaches_no_role_of_its_facility(laboratory: Laboratory) -> None:
    small, chief = person("administrator", laboratory), person("administrator", laboratory.facility)

    with pytest.raises(NotAllowed):
        end_role(user=chief, role="administrator", facility="F1", by=small, at=AT)
    with pytest.raises(NotAllowed):
        bind_role(user=small, role="administrator", facility="F1", by=small, at=AT)
    with pytest.raises(NotAllowed):
        dismiss(chief, by=small, at=AT)


def test_administrator_of_a_facility_ends_roles_in_its_laboratories(laboratory: Laboratory, technician: User) -> None:
    end_role(
        user=technician,
        role="technician",
        laboratory="L1",
        by=person("administrator", laboratory.facility),
        at=AT,
    )

    assert roles(technician) == frozenset()


def test_own_last_role_of_administrator_stays(administrator: User) -> None:
    with pytest.raises(NotAllowed, match="your own last role"):
        end_role(user=administrator, role="administrator", region="VN-HD", by=administrator, at=AT)
    with pytest.raises(NotAllowed, match="your own account"):
        dismiss(administrator, by=administrator, at=AT)

    assert roles(administrator) == {"administrator"}


def test_one_of_two_own_roles_of_administrator_ends(administrator: User, laboratory: Laboratory) -> None:
    bind(administrator, "administrator", laboratory)

    end_role(user=administrator, role="administrator", laboratory="L1", by=administrator, at=AT)

    assert access_of(administrator, on=ON).regions["administrator"]


def test_administrator_who_was_ended_ends_nobody(administrator: User, region: Region) -> None:
    other = person("administrator", region)
    end_role(user=administrator, role="administrator", region="VN-HD", by=other, at=AT)

    with pytest.raises(NotAllowed):
        end_role(user=other, role="administrator", region="VN-HD", by=administrator, at=AT)


def test_command_ends_the_last_administrator(administrator: User) -> None:
    end_role(user=administrator, role="administrator", region="VN-HD", by=SystemUserFactory(), at=AT)

    assert roles(administrator) == frozenset()


def test_dismissed_person_has_no_role_and_no_account(administrator: User, technician: User, region: Region) -> None:
    bind(technician, "operator", region)

    ended = [dismiss(technician, why="left", by=administrator, at=AT) for _ in range(2)]

    technician.refresh_from_db()
    assert ended == [2, 0]
    assert not technician.is_active
    assert not technician.has_usable_password()
    assert roles(technician) == frozenset()
    found = AuditEvent.objects.order_by("id").values_list("action", "object_kind", "detail__why")
    assert list(found) == [
        ("end-role", "user", "left"),
        ("end-role", "user", "left"),
        ("close-account", "account", "left"),
    ]


def test_account_with_a_role_elsewhere_stays_open_with_all_roles(administrator: User, technician: User) -> None:
    bind(technician, "clinician", FacilityFactory(code="QN1"))

    with pytest.raises(NotAllowed, match="outside your places"):
        dismiss(technician, by=administrator, at=AT)

    technician.refresh_from_db()
    assert technician.is_active
    assert roles(technician) == {"technician", "clinician"}


def test_account_of_who_had_a_role_here_is_closed(administrator: User, technician: User) -> None:
    end_role(user=technician, role="technician", laboratory="L1", by=administrator, at=AT)

    assert dismiss(technician, by=administrator, at=AT) == 0

    technician.refresh_from_db()
    assert not technician.is_active


def test_account_of_who_never_had_a_role_here_stays(administrator: User) -> None:
    with pytest.raises(NotAllowed):
        dismiss(UserFactory(), by=administrator, at=AT)


def test_closed_account_gets_no_role_before_it_is_opened(administrator: User, technician: User) -> None:
    dismiss(technician, by=administrator, at=AT)

    with pytest.raises(Conflict, match="closed"):
        bind_role(user=technician, role="technician", laboratory="L1", by=administrator, at=AT)
    open_account(technician, password="correct horse battery", by=SystemUserFactory(), at=AT)
    bind_role(user=technician, role="technician", laboratory="L1", by=administrator, at=AT)

    assert roles(technician) == {"technician"}
