"""A registered system that was not granted CDS Hooks, or is suspended, gets no cards."""

from __future__ import annotations

import json

from tests.integration.portal.cds_calls import SIGN, asked, call, hospital_system
from tests.integration.portal.conftest import Scene

from lienthong.core.models import ConnectedSystem


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
