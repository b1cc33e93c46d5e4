"""The migration that takes back a scope which opened nothing: a system that had it can be changed again."""

from __future__ import annotations

import pytest
from tests.factories.core import access_token
from tests.integration.core.test_systems_of_keys import migrate

BEFORE, AFTER = ("core", "0009_audit_of_outlets"), ("core", "0010_scope_of_the_log")


@pytest.mark.django_db
def test_scope_is_taken_from_systems_and_tokens_and_the_others_stay() -> None:
    access_token(facility="30001", scopes=("system/*.rs", "log/read", "delivery/write"))
    access_token(facility="30002", scopes=("delivery/read",))
    migrate(BEFORE)

    now = migrate(AFTER)

    for name in ("ConnectedSystem", "AccessToken"):
        rows = now.get_model("core", name).objects.order_by("pk").values_list("scopes", flat=True)
        assert list(rows) == [["system/*.rs", "delivery/write"], ["delivery/read"]]
