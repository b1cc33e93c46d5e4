"""Roles are bound by those who reach the place."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.core import SystemUserFactory, UserFactory
from tests.factories.registry import LaboratoryFactory, RegionFactory, bind

from lienthong.core.models import AuditEvent
from lienthong.errors import NotAllowed, NotFound
from lienthong.registry.access import access_of, check_laboratory, check_role
from lienthong.registry.actions import bind_role
from lienthong.registry.models import RoleBinding

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 2, 2, 0, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 2)


def test_role_bound_by_an_administrator_of_the_region_holds_from_that_day() -> None:
    region = RegionFactory(code="VN-HD")
    laboratory = LaboratoryFactory(facility__region=region)
    administrator, technician = UserFactory(), UserFactory()
    bind(administrator, "administrator", region)

    for _ in range(2):
        bind_role(user=technician, role="technician", laboratory=laboratory.code, by=administrator, at=AT)

    assert access_of(technician, on=ON).laboratories_as("technician") == {laboratory.pk}
    assert access_of(technician, on=ON - dt.timedelta(days=1)).roles == frozenset()
    assert RoleBinding.objects.filter(user=technician).count() == 1
    assert AuditEvent.objects.filter(action="bind-role", object_key=technician.username).count() == 1


def test_role_outside_the_administrators_region_is_refused() -> None:
    administrator = UserFactory()
    bind(administrator, "administrator", RegionFactory(code="VN-HD"))
    RegionFactory(code="VN")

    with pytest.raises(NotAllowed):
        bind_role(user=administrator, role="administrator", region="VN", by=administrator, at=AT)


@pytest.mark.parametrize("role", ["technician", "manager", "officer", "clinician", "operator"])
def test_role_bound_by_another_than_an_administrator_is_refused(role: str) -> None:
    region, user = RegionFactory(code="VN-HD"), UserFactory()
    bind(user, role, region)

    with pytest.raises(NotAllowed):
        bind_role(user=user, role="administrator", region="VN-HD", by=user, at=AT)


def test_role_in_an_unknown_place_is_refused() -> None:
    with pytest.raises(NotFound, match="VN-X"):
        bind_role(user=UserFactory(), role="officer", region="VN-X", by=SystemUserFactory(), at=AT)


def test_role_in_two_places_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="exactly one place"):
        bind_role(user=UserFactory(), role="officer", region="VN", facility="F1", by=SystemUserFactory(), at=AT)


def test_technician_reaches_the_own_laboratory_and_no_other() -> None:
    own, other = LaboratoryFactory(), LaboratoryFactory()
    technician = UserFactory()
    bind(technician, "technician", own)

    check_laboratory(technician, own.pk, "technician", on=ON)
    with pytest.raises(NotAllowed):
        check_laboratory(technician, other.pk, "technician", on=ON)


def test_role_that_has_ended_gives_nothing() -> None:
    technician = UserFactory()
    binding = bind(technician, "technician", LaboratoryFactory())
    RoleBinding.objects.filter(pk=binding.pk).update(valid_to=ON)

    with pytest.raises(NotAllowed):
        check_role(technician, "technician", on=ON)


def test_system_user_is_not_asked() -> None:
    laboratory = LaboratoryFactory()

    check_laboratory(SystemUserFactory(), laboratory.pk, "technician", on=ON)
