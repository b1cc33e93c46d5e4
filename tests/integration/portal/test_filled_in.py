"""What a hospital's export does not tell is shown as filled in, wherever a result stands."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.integration.portal.conftest import Scene, draft_of, signed_in, store
from tests.integration.portal.test_order_check import place_order, text_of

from lienthong.core.models import User

FILLED = "collected_at status method loinc reference_range"


@pytest.fixture
def exported(scene: Scene) -> int:
    """An HbA1c that came in an export: its interval is the registered one, its collection the time of the order."""
    changes = {"reference_range": "", "reference_low": Decimal("4.0"), "reference_high": Decimal("6.0")}
    draft = draft_of(scene, "HBA1C", filled_in=FILLED, reported_value="7.9", value=Decimal("7.9"), **changes)
    return store(scene, "HBA1C", draft, inbox_id=2).report_id


@pytest.fixture
def reader(client: Client, staff: dict[str, User]) -> Client:
    """The provincial laboratory's own clinician, in English."""
    return signed_in(client, staff["province-clinician"])


def test_report_says_what_was_filled_in(reader: Client, exported: int) -> None:
    page = text_of(reader.get(f"/reports/{exported}/").content)

    assert "Specimen collected 2 Nov 2026, 10:00: time of the order, which stands for the collection" in page
    assert "4–6 as registered" in page
    assert page.count("Filled in.") == 3


def test_report_as_it_was_sent_says_nothing_of_the_kind(reader: Client, scene: Scene) -> None:
    page = text_of(reader.get(f"/reports/{scene.reports['UREA']}/").content)

    assert "as registered" not in page
    assert "Filled in." not in page


@pytest.mark.parametrize("page", ["/reports/{report}/", "/patients/{record}/"], ids=["report", "patient"])
def test_workbook_names_what_was_filled_in_of_each_result(
    reader: Client, scene: Scene, exported: int, page: str
) -> None:
    address = page.format(report=exported, record=scene.province_record)

    content = reader.get(f"{address}?export=xlsx").content

    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]  # it has a sheet
    said = {row[-1] for row in rows[1:] if row[-1]}
    assert rows[0][-1] == "Filled in"
    assert said == {"time of collection, status, method, LOINC code, reference interval"}


def test_patient_s_page_says_that_the_order_stands_for_the_collection(
    reader: Client, scene: Scene, exported: int
) -> None:
    page = text_of(reader.get(f"/patients/{scene.province_record}/").content)

    assert "Ordered 2 Nov 2026, 10:00, which stands for the collection; released" in page


def test_order_check_counts_from_the_order_and_says_so(
    client: Client, scene: Scene, staff: dict[str, User], exported: int
) -> None:
    clinician = signed_in(client, staff["clinician"])

    page = text_of(clinician.get(place_order(clinician, scene)).content)

    assert "Ordered 2 Nov 2026, 10:00, which stands for the collection" in page
    assert "the time at which the examination was ordered; it stands for the collection" in page
