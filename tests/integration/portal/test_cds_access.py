"""A registered system that was not granted CDS Hooks, or is suspended, gets no cards."""

from __future__ import annotations

import json

import pytest
from tests.factories.recognition import longnan
from tests.factories.registry import FacilityFactory
from tests.integration.portal.cds_calls import SELECT, SIGN, asked, call, hospital_system
from tests.integration.portal.conftest import Scene

from lienthong.core.models import AuditEvent, ConnectedSystem


def test_system_without_the_scope_is_refused(scene: Scene) -> None:
    his = hospital_system()
    ConnectedSystem.objects.update(scopes=["system/*.cruds", "delivery/write"])

    answer = call(his, SIGN, asked())

    assert answer.status_code == 403
    assert "cds-hooks/call" in json.loads(answer.content)["message"]


def test_suspended_system_is_refused(scene: Scene) -> None:
    his = hospital_system()
    ConnectedSystem.objects.update(suspended_at=ConnectedSystem.objects.get().registered_at)

    assert call(his, SIGN, asked()).status_code == 401


def test_system_without_a_key_or_with_another_is_refused(scene: Scene) -> None:
    his = hospital_system()

    for authorization in ("", "Bearer no", "Bearer e30.e30.e30"):
        answer = call(his, SIGN, asked(), authorization=authorization)

        assert answer.status_code == 401
        assert b"HbA1c" not in answer.content


@pytest.mark.parametrize("service", [SIGN, SELECT])
def test_hospital_of_another_country_learns_nothing_by_the_numbers_of_a_patient(scene: Scene, service: str) -> None:
    his = hospital_system()
    FacilityFactory(code="30099", region=longnan())
    ConnectedSystem.objects.update(facility="30099")

    answer = call(his, service, asked("order-sign" if service == SIGN else "order-select"))

    assert (answer.status_code, json.loads(answer.content)) == (200, {"cards": []})
    assert not AuditEvent.objects.filter(action="read").exists()
