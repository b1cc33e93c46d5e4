"""The migration by which the issuers of keys become connected systems, forwards and back, with rows in it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = ("core", "0005_connected_systems"), ("core", "0007_keys_have_systems")
FIRST, SECOND = "https://his.example", "lis-30002"


def migrate(to: tuple[str, str]):  # type: ignore[no-untyped-def]  # the models as they were then have no types
    """Bring the schema to a migration and return the models of that time."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    executor = MigrationExecutor(connection)
    executor.migrate([to])
    return MigrationExecutor(connection).loader.project_state([to]).apps


@pytest.mark.django_db
def test_issuers_of_keys_become_systems_and_come_back() -> None:
    old = migrate(BEFORE).get_model("core", "ClientKey")
    day = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    for issuer, key_id, facility, days in ((FIRST, "k1", "1", 0), (FIRST, "k2", "2", 1), (SECOND, "k1", "3", 0)):
        held = {"jwk": {"kty": "EC"}, "valid_from": day + dt.timedelta(days=days)}
        old.objects.create(issuer=issuer, key_id=key_id, facility=facility, **held)

    new = migrate(AFTER)
    systems = new.get_model("core", "ConnectedSystem").objects.order_by("client_id")
    made = list(systems.values_list("client_id", "facility", "scopes", "user__username", "user__is_system"))
    keys = new.get_model("core", "ClientKey").objects.order_by("pk").values_list("system__client_id", "key_id")
    held_by = list(keys)
    back = migrate(BEFORE).get_model("core", "ClientKey").objects.order_by("pk")

    assert made == [
        (FIRST, "2", ["cds-hooks/call"], f"client:{FIRST}", True),
        (SECOND, "3", ["cds-hooks/call"], f"client:{SECOND}", True),
    ]
    assert held_by == [(FIRST, "k1"), (FIRST, "k2"), (SECOND, "k1")]
    assert list(back.values_list("issuer", "facility")) == [(FIRST, "2"), (FIRST, "2"), (SECOND, "3")]
    migrate(AFTER)
