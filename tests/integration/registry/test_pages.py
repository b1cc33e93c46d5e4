"""The pages of the registry: who sees what, lists, history, and a table on its way in."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.factories.workbooks import DAMAGED
from tests.integration.registry import tables
from tests.integration.registry.test_imports import LATER, NEW_LOT

from lienthong.core.imports.run import ImportReport
from lienthong.core.models import User
from lienthong.registry.actions import import_table
from lienthong.registry.models import Facility, Laboratory, Procedure, Region, TableFile

pytestmark = pytest.mark.usefixtures("province")


@pytest.fixture
def officer(client: Client, province: dict[str, ImportReport]) -> User:
    """An officer of Hải Dương who is signed in and reads English."""
    return signed_in(client, "officer", Region.objects.get(code="VN-HD"))


@pytest.fixture
def administrator(client: Client, province: dict[str, ImportReport]) -> User:
    """An administrator of the nation who is signed in and reads English."""
    return signed_in(client, "administrator", Region.objects.get(code="VN"))


def signed_in(client: Client, role: str, place: Region | Facility | Laboratory) -> User:
    user = UserFactory()
    bind(user, role, place)
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def words(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]  # the test client's response


def sheet_of(response: object) -> list[list[object]]:
    book = load_workbook(io.BytesIO(response.content))  # type: ignore[attr-defined]  # the test client's response
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def bring(client: Client, kind: str, text: str) -> object:
    file = SimpleUploadedFile(f"{kind}.csv", text.encode())
    return client.post(reverse("registry:import"), {"kind": kind, "file": file}, follow=True)


@pytest.mark.usefixtures("officer")
def test_facilities_page_lists_what_lies_in_the_region_with_its_numbers(client: Client) -> None:
    page = words(client.get(reverse("registry:facilities")))

    assert "<h1>2 facilities</h1>" in page
    assert "Bệnh viện A" in page
    assert "hospital-class: I, technical-level: specialised" in page


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=hospital", []),
        ("?q=khám", ["Phòng khám B"]),
        ("?q=00123", ["Bệnh viện A"]),
        ("?ownership=private", ["Phòng khám B"]),
        ("?region=VN-HD", ["Bệnh viện A", "Phòng khám B"]),
    ],
)
def test_facilities_export_is_the_table_as_filtered(client: Client, query: str, names: list[str]) -> None:
    rows = sheet_of(client.get(reverse("registry:facilities") + query + "&format=xlsx"))

    assert rows[0][:2] == ["Code", "Name"]
    assert [row[1] for row in rows[1:]] == names


@pytest.mark.usefixtures("officer")
def test_facilities_export_keeps_zeros_and_counts(client: Client) -> None:
    rows = sheet_of(client.get(reverse("registry:facilities") + "?q=00123&format=xlsx"))

    assert rows[1][0] == "00123"
    assert rows[1][5:] == [2, 3]


def test_facility_page_shows_a_technician_only_the_own_laboratory(client: Client) -> None:
    signed_in(client, "technician", Laboratory.objects.get(code="L2"))

    page = words(client.get(reverse("registry:facility", args=[Facility.objects.get(code="00123").pk])))

    assert "Xe xét nghiệm" in page
    assert "Khoa Hoá sinh" not in page
    assert "No procedure is in use." in page


@pytest.mark.usefixtures("officer")
def test_facility_page_shows_laboratories_staff_instruments_and_procedures(client: Client) -> None:
    page = words(client.get(reverse("registry:facility", args=[Facility.objects.get(code="00123").pk])))

    for shown in ("Khoa Hoá sinh", "Nguyễn Văn An", "Helix C6", "ISE module, LOT1", "3.5–5.1", "mobile"):
        assert shown in page


def test_places_of_others_are_not_found(client: Client) -> None:
    signed_in(client, "technician", Laboratory.objects.get(code="L3"))
    facility, procedure = Facility.objects.get(code="00123"), Procedure.objects.get(code="L1-K-1")

    assert client.get(reverse("registry:facility", args=[facility.pk])).status_code == 404
    assert client.get(reverse("registry:procedure", args=[procedure.pk])).status_code == 404


@pytest.mark.parametrize("role", ["clinician", "operator"])
def test_registry_is_not_for_roles_without_quality_work(client: Client, role: str) -> None:
    signed_in(client, role, Facility.objects.get(code="00123"))

    assert client.get(reverse("registry:facilities")).status_code == 403


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("staff", ["Khoa Hoá sinh", "0007", "Nguyễn Văn An", "Cử nhân xét nghiệm"]),
        ("instruments", ["Khoa Hoá sinh", "A1", "Helix", "C6", "00098"]),
        ("procedures", ["Khoa Hoá sinh", "L1-GLU", "Glucose", "plasma", "hexokinase", "C6 A1", "GLU2, G1", "mg/dL"]),
    ],
)
def test_each_table_of_a_facility_is_exported(client: Client, table: str, row: list[str]) -> None:
    address = reverse("registry:facility", args=[Facility.objects.get(code="00123").pk])

    rows = sheet_of(client.get(f"{address}?format=xlsx&table={table}"))

    assert rows[1][: len(row)] == row


@pytest.mark.usefixtures("officer")
def test_procedure_page_shows_periods_with_both_times(client: Client, worker: User) -> None:
    import_table("procedures", tables.appended("procedures", NEW_LOT).encode(), "p.csv", by=worker, at=LATER)
    procedure = Procedure.objects.get(code="L1-K-1")

    page = words(client.get(reverse("registry:procedure", args=[procedure.pk])))
    rows = sheet_of(client.get(reverse("registry:procedure", args=[procedure.pk]) + "?format=xlsx"))

    assert page.count("holds today") == 1
    assert page.count("replaced ") == 1
    assert [row[3] for row in rows[1:]] == ["ISE module, LOT2", "ISE module, LOT1", "ISE module, LOT1"]
    assert [row[8] is not None for row in rows[1:]] == [False, False, True]


@pytest.mark.usefixtures("officer")
def test_procedure_page_names_the_system_that_it_rests_on(client: Client) -> None:
    page = words(client.get(reverse("registry:procedure", args=[Procedure.objects.get(code="L1-K-2").pk])))

    assert "L1-K-1" in page
    assert "20 mẫu, lệch 0,8 %" in page


@pytest.mark.usefixtures("administrator")
def test_table_is_looked_at_and_then_imported(client: Client) -> None:
    shown = bring(client, "laboratories", tables.header_and("laboratories", "L8;Tám;00123;"))
    assert "<h1>This file changes 1 row</h1>" in words(shown)
    assert not Laboratory.objects.filter(code="L8").exists()

    address = reverse("registry:import-file", args=[TableFile.objects.get().pk])
    done = client.post(address, {"rows": "all"}, follow=True)

    assert "1 rows are new, 0 change something, 0 were known." in words(done)
    assert Laboratory.objects.filter(code="L8").exists()
    assert client.get(address).status_code == 404


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in DAMAGED.items()])
def test_damaged_workbook_is_answered_with_what_is_wrong(client: Client, data: bytes) -> None:
    sent = {"kind": "laboratories", "file": SimpleUploadedFile("laboratories.xlsx", data)}

    shown = client.post(reverse("registry:import"), sent, follow=True)

    assert shown.status_code == 200
    assert "the workbook is damaged or protected by a password" in words(shown)


@pytest.mark.usefixtures("administrator")
def test_table_with_errors_is_imported_only_as_good_rows(client: Client) -> None:
    shown = bring(client, "laboratories", tables.header_and("laboratories", "L8;Tám;00123;", "L9;Chín;00999;"))
    address = reverse("registry:import-file", args=[TableFile.objects.get().pk])
    assert "<h1>1 thing is wrong in this file</h1>" in words(shown)
    assert "laboratories.csv!C3" in words(shown)

    refused = client.post(address, {"rows": "all"})
    assert refused.status_code == 200
    assert not Laboratory.objects.filter(code="L8").exists()
    client.post(address, {"rows": "good"})

    assert Laboratory.objects.filter(code="L8").exists()
    assert not Laboratory.objects.filter(code="L9").exists()


@pytest.mark.usefixtures("administrator")
def test_findings_of_a_file_are_exported(client: Client) -> None:
    bring(client, "laboratories", tables.header_and("laboratories", "L9;Chín;00999;"))

    rows = sheet_of(client.get(reverse("registry:import-file", args=[TableFile.objects.get().pk]) + "?format=xlsx"))

    assert rows[1][:2] == ["laboratories.csv!C2", "unknown-code"]


@pytest.mark.usefixtures("administrator")
def test_changes_of_a_file_are_exported(client: Client) -> None:
    bring(client, "laboratories", tables.header_and("laboratories", "L8;Tám;00123;", "L9;Chín;00999;"))
    address = reverse("registry:import-file", args=[TableFile.objects.get().pk])

    rows = sheet_of(client.get(f"{address}?format=xlsx&table=changes"))

    assert [row[:3] for row in rows[1:]] == [["2", "L8", "new"]]


@pytest.mark.usefixtures("administrator")
def test_form_without_file_or_kind_says_so_twice(client: Client) -> None:
    response = client.post(reverse("registry:import"), {"kind": ""})

    assert response.status_code == 422
    assert words(response).count("Choose what the file holds.") == 2
    assert words(response).count("Choose a file, Excel (.xlsx) or CSV.") == 2


@pytest.mark.usefixtures("administrator")
def test_unreadable_file_is_shown_with_the_remedy(client: Client) -> None:
    shown = bring(client, "laboratories", "\0\1\2 not a table")

    assert "is missing" in words(shown)


@pytest.mark.usefixtures("administrator")
def test_file_of_another_user_is_not_there(client: Client) -> None:
    bring(client, "laboratories", tables.LABORATORIES)
    address = reverse("registry:import-file", args=[TableFile.objects.get().pk])
    signed_in(client, "administrator", Region.objects.get(code="VN"))

    assert client.get(address).status_code == 404
    assert client.post(address, {"rows": "all"}).status_code == 404


@pytest.mark.usefixtures("administrator")
def test_new_file_takes_the_place_of_one_that_was_never_imported(client: Client) -> None:
    bring(client, "laboratories", tables.LABORATORIES)
    bring(client, "staff", tables.STAFF)

    assert TableFile.objects.get().kind == "staff"


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("kind", [*tables.ALL, "levels", "scopes"])
def test_template_of_each_kind_has_the_columns_and_their_codes(client: Client, kind: str) -> None:
    response = client.get(reverse("registry:import-template", args=[kind]))

    book = load_workbook(io.BytesIO(response.content))
    header = [cell.value for cell in book.worksheets[0][1]]
    explained = [row[0].value for row in book["Codes"].iter_rows(min_row=2)]
    assert header == explained
    assert len(header) == len(set(header))


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize("address", ["registry:import", "registry:import-template", "registry:import-file"])
def test_import_is_for_administrators_only(client: Client, address: str) -> None:
    arguments = {"registry:import": [], "registry:import-template": ["staff"], "registry:import-file": [1]}[address]

    assert client.get(reverse(address, args=arguments)).status_code == 403


@pytest.mark.parametrize("address", ["registry:facilities", "registry:import"])
def test_page_without_sign_in_leads_to_it(client: Client, address: str, province: dict[str, ImportReport]) -> None:
    assert client.get(reverse(address)).status_code == 302


@pytest.mark.usefixtures("officer")
def test_facilities_page_asks_the_database_the_same_for_two_and_for_forty(
    client: Client, worker: User, django_assert_max_num_queries: object
) -> None:
    rows = [f"1{number:04d};Cơ sở {number};VN-HD;public;;;;" for number in range(38)]
    import_table("facilities", tables.header_and("facilities", *rows).encode(), "f.csv", by=worker, at=LATER)

    with django_assert_max_num_queries(22):  # type: ignore[operator]  # pytest-django's fixture
        page = client.get(reverse("registry:facilities"))

    assert "<h1>40 facilities</h1>" in words(page)
    assert len(page.content) < 200_000
