"""A table of mappings from Excel: what it would do, what is wrong row by row, and confirming by a second person."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.exchange import OBR, PID, SourceFactory, message
from tests.factories.registry import AnalyteFactory, bind
from tests.integration.exchange.conftest import Scene

from lienthong.core.models import User
from lienthong.errors import NotAllowed
from lienthong.exchange import actions
from lienthong.exchange.models import CodeMapping
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.terms.mapping_table import preview_table, propose_table
from lienthong.results.models import Result

pytestmark = pytest.mark.django_db

HEADER = "sender,local_code,local_system,local_name,unit,analyte,loinc,valid_from\n"
GOOD = "SX,G1,L,Glucose,mmol/L,GLU,,01/11/2026\nSX,K1,L,Kali,mmol/L,,2823-3,2026-11-01\n"


@pytest.fixture
def operator(scene: Scene) -> User:
    user: User = UserFactory()
    bind(user, "operator", scene.laboratory.facility)
    return user


def proposed(table: str, by: User, *, good_rows_only: bool = False) -> tuple[int, int, list[str], bool]:
    report = propose_table((HEADER + table).encode(), "m.csv", good_rows_only=good_rows_only, by=by, at=timezone.now())
    return report.proposed, report.unchanged, [one.code for one in report.findings], report.is_written


def test_table_is_proposed_by_key_and_by_loinc_code(scene: Scene, operator: User) -> None:
    done = proposed(GOOD, operator)

    rows = CodeMapping.objects.order_by("local_code").values_list("local_code", "analyte__key", "valid_from")
    assert done == (2, 0, [], True)
    assert list(rows) == [("G1", "GLU", dt.date(2026, 11, 1)), ("K1", "K", dt.date(2026, 11, 1))]
    assert not CodeMapping.objects.confirmed().exists()


def test_same_table_again_changes_nothing(scene: Scene, operator: User) -> None:
    proposed(GOOD, operator)

    assert proposed(GOOD, operator) == (0, 2, [], True)
    assert CodeMapping.objects.count() == 2


def test_preview_stores_nothing(scene: Scene, operator: User) -> None:
    report = preview_table((HEADER + GOOD).encode(), "m.csv", by=operator, at=timezone.now())

    assert (report.proposed, report.findings, report.is_written) == (2, (), False)
    assert not CodeMapping.objects.exists()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        pytest.param("SX,X,L,,,NONE,,2026-11-01", "unknown-analyte", id="analyte"),
        pytest.param("SX,X,L,,,,9-1,2026-11-01", "unknown-loinc", id="LOINC"),
        pytest.param("SX,X,L,,,,,2026-11-01", "empty", id="neither"),
        pytest.param("SX,X,L,,,GLU,2823-3,2026-11-01", "other-analyte", id="two analytes"),
        pytest.param("NONE,X,L,,,GLU,,2026-11-01", "not-found", id="sender"),
        pytest.param("FAR,X,L,,,GLU,,2026-11-01", "not-allowed", id="sender of elsewhere"),
        pytest.param("SX,X,L,,U/L,GLU,,2026-11-01", "unit-kind", id="unit"),
        pytest.param("SX,X,L,BUN,mg/dL,UREA,,2026-11-01", "urea-and-nitrogen", id="quantity"),
    ],
)
def test_row_that_can_not_be_is_told_and_nothing_is_proposed(scene: Scene, operator: User, row: str, code: str) -> None:
    SourceFactory(code="FAR")
    AnalyteFactory(key="UREA", loinc="22664-7", unit="mmol/L", molar_mass=60.056, name_en="Urea")

    all_rows = proposed(GOOD + row, operator)
    stored = CodeMapping.objects.count()
    good_rows = proposed(GOOD + row, operator, good_rows_only=True)

    assert (all_rows, stored) == ((2, 0, [code], False), 0)
    assert good_rows == (2, 0, [code], True)


def test_pages_lead_from_the_file_to_proposals_that_another_confirms_at_once(scene: Scene, operator: User) -> None:
    scene.process(message(PID, OBR, "OBX|1|NM|G1^Glucose^L||5.6|mmol/L|||||F"))
    second: User = UserFactory()
    bind(second, "operator", scene.laboratory.facility)
    first_client, second_client = (Client(headers={"accept-language": "en"}) for _ in range(2))
    first_client.force_login(operator)
    second_client.force_login(second)
    file = SimpleUploadedFile("m.csv", (HEADER + GOOD).encode())

    shown = first_client.post(reverse("exchange:mapping-table"), {"file": file}, follow=True).content.decode()
    before = CodeMapping.objects.count()
    told = first_client.post(reverse("exchange:mapping-table-preview"), {}, follow=True).content.decode()
    listed = second_client.get(reverse("exchange:mappings")).content.decode()
    second_client.post(reverse("exchange:confirm-all"))
    process_waiting(timezone.now())

    assert "2 mappings would be proposed" in shown
    assert before == 0
    assert "2 mappings are proposed; a second person confirms them." in told
    assert "Confirm all 2 that others proposed" in listed
    assert CodeMapping.objects.confirmed().count() == 2
    assert Result.objects.get().analyte_id == scene.glucose.pk


def test_own_proposals_are_not_confirmed_with_the_others(scene: Scene, operator: User) -> None:
    proposed(GOOD, operator)
    ids = list(CodeMapping.objects.values_list("pk", flat=True))

    with pytest.raises(NotAllowed):
        actions.confirm_mappings(ids, by=operator, at=timezone.now())

    assert not CodeMapping.objects.confirmed().exists()


def test_file_without_the_needed_column_is_refused(scene: Scene, operator: User) -> None:
    report = propose_table(b"sender,analyte\nSX,GLU\n", "m.csv", good_rows_only=True, by=operator, at=timezone.now())

    assert {one.code for one in report.findings} == {"missing-column"}
    assert not report.is_written
