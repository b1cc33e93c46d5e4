"""Who may let a system export a whole region."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.factories.core import ClientKeyFactory, ConnectedSystemFactory, UserFactory
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene

from lienthong.core.access.registration import SystemEntry
from lienthong.core.models import ConnectedSystem, User
from lienthong.errors import NotAllowed
from lienthong.exchange.connections import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_the_hospital(scene: Scene) -> User:
    """One who administers the hospital alone."""
    user: User = UserFactory()
    bind(user, "administrator", scene.laboratory.facility)
    return user


def entry(scene: Scene, *scopes: str) -> SystemEntry:
    return SystemEntry(client_id="centre", name="Centre", facility=scene.laboratory.facility.code, scopes=scopes)


def change(scene: Scene, by: User, *scopes: str) -> None:
    actions.change_system(entry(scene, *scopes), by=by, at=timezone.now())


@pytest.fixture
def registered(scene: Scene) -> ConnectedSystem:
    key = ClientKeyFactory(
        system=ConnectedSystemFactory(
            client_id="centre", facility=scene.laboratory.facility.code, scopes=["system/*.rs", "oversight/export"]
        )
    )
    system: ConnectedSystem = key.system
    return system


def test_administrator_of_the_region_grants_it(scene: Scene, administrator: User, registered: ConnectedSystem) -> None:
    change(scene, administrator, "system/Patient.rs", "oversight/export")

    registered.refresh_from_db()
    assert registered.scopes == ["system/Patient.rs", "oversight/export"]


def test_administrator_of_the_facility_may_not_grant_it(scene: Scene, at_the_hospital: User) -> None:
    ConnectedSystemFactory(client_id="centre", facility=scene.laboratory.facility.code, scopes=["system/*.rs"])

    with pytest.raises(NotAllowed, match="oversight/export"):
        change(scene, at_the_hospital, "system/*.rs", "oversight/export")


def test_administrator_of_the_facility_touches_no_system_that_has_it(
    scene: Scene, at_the_hospital: User, registered: ConnectedSystem
) -> None:
    now = timezone.now()

    with pytest.raises(NotAllowed):
        change(scene, at_the_hospital, "system/*.rs")
    with pytest.raises(NotAllowed):
        actions.add_keys("centre", [], by=at_the_hospital, at=now)
    with pytest.raises(NotAllowed):
        actions.end_key("centre", "key", ends_at=now, by=at_the_hospital, at=now)
