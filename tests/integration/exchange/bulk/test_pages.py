"""The list of exports, as an administrator of the region sees it."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries
from tests.factories.core import UserFactory
from tests.factories.registry import RegionFactory, bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.conftest import System, system_of

from lienthong.core.models import User
from lienthong.exchange.bulk.models import BulkExport, BulkFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(scene: Scene) -> BulkExport:
    """An export of the system of the laboratory that is done, and one of the same that failed."""
    system: System = system_of(scene.laboratory.facility.code, scopes=("system/Patient.rs",))
    for _ in range(2):
        system.get("$export", Prefer="respond-async")
    now = timezone.now()
    done, failed = BulkExport.objects.order_by("pk")
    BulkExport.objects.filter(pk=failed.pk).update(state="failed", reason="no-room", finished_at=now)
    BulkExport.objects.filter(pk=done.pk).update(
        state="complete", transaction_time=now, finished_at=now, expires_at=now, written=1234, patients=1234
    )
    BulkFile.objects.create(
        export=done, name="Patient.1.ndjson", kind="Patient", lines=1234, size=2_340_000, packed=300_000
    )
    return done


def page(user: User, path: str = "") -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client.get(f"/inbox/systems/exports/{path}").content.decode()


def test_list_says_who_exported_what(exported: BulkExport, administrator: User) -> None:
    said = page(administrator)

    assert exported.client_id in said
    assert "1234" in said
    assert "2.3 MB" in said
    assert "The disk was full." in said


def test_list_has_no_export_of_another_region(exported: BulkExport) -> None:
    elsewhere: User = UserFactory()
    bind(elsewhere, "administrator", RegionFactory())

    assert exported.client_id not in page(elsewhere)


def test_workbook_has_the_same_rows(exported: BulkExport, administrator: User) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(administrator)

    content = client.get("/inbox/systems/exports.xlsx").content

    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["client_id", exported.client_id, exported.client_id]
    assert rows[2][10:13] == (1234, 1234, 2.3)


def test_more_exports_ask_no_more_queries(
    exported: BulkExport, administrator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        BulkExport.objects.create(
            client_id="c", client_name="c", facility=exported.facility, user=exported.user, is_oversight=False,
            kinds=["Patient"], request="r", state="waiting", asked_at=timezone.now(),
        )  # fmt: skip
    client = Client()
    client.force_login(administrator)

    with django_assert_max_num_queries(25):
        client.get("/inbox/systems/exports/")
