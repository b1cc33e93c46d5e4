"""Handing in a file by the page: what it would do is shown row by row, and nothing counts before it is confirmed."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.registry import LaboratoryFactory, bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries_scene import FORM, HEADER, ROW_1, take_in

from lienthong.exchange.deliveries.queue import work_deliveries
from lienthong.exchange.models import Delivery
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.models import InboxMessage, Result

pytestmark = pytest.mark.django_db


def signed_in(laboratory: object, role: str = "technician") -> Client:
    user = UserFactory(full_name="Trần Thị Mai")
    bind(user, role, laboratory)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def hand_in(client: Client, data: bytes, name: str = "results.csv") -> str:
    """Hand a file in and return the page that shows what it would do."""
    sent = {"source": "SX", "file": SimpleUploadedFile(name, data)}
    return client.post(reverse("exchange:hand-in"), sent, follow=True).content.decode()


def confirm(client: Client, page: str) -> str:
    row = Delivery.objects.latest("id")
    found = re.search(r'name="confirmation" value="([^"]+)"', page)
    sent = {"confirmation": found[1] if found else ""}
    answer = client.post(reverse("exchange:delivery-confirm", args=[row.number]), sent, follow=True)
    process_waiting(timezone.now())
    return answer.content.decode()


def test_file_is_shown_row_by_row_before_it_counts(mapped: Scene) -> None:
    take_in("\n".join((HEADER, ROW_1)).encode())
    changed = FORM.replace(b"P2,", b"P2,", 1).decode().replace("HBSAG,HBsAg,negative", "XYZ,Unknown,1")

    page = hand_in(signed_in(mapped.laboratory), changed.encode())

    shown = re.findall(
        r"<code>(\d+)</code></th><td[^>]*>(R\d)</td><td[^>]*><code>(\w+)</code></td><td[^>]*>([^<]+)<", page
    )
    assert shown == [
        ("2", "R1", "GLU", "changes nothing"),
        ("3", "R1", "XYZ", "held"),
        ("4", "R2", "GLU", "new"),
    ]
    assert InboxMessage.objects.count() == Result.objects.count() == 1


def test_confirmed_file_is_stored_and_its_page_says_so(mapped: Scene) -> None:
    client = signed_in(mapped.laboratory)

    page = confirm(client, hand_in(client, FORM))
    after = client.get(reverse("exchange:delivery", args=[Delivery.objects.get().number])).content.decode()

    assert "2 reports would be taken in" not in page
    assert "Row by row" not in after
    assert Result.objects.count() == 3


def test_only_what_was_looked_at_is_confirmed(mapped: Scene) -> None:
    client = signed_in(mapped.laboratory)
    page = hand_in(client, FORM)
    Delivery.objects.update(preview={"tried": 0, "reports": []})

    refused = confirm(client, page)

    assert "This is not what you looked at" in refused
    assert Result.objects.count() == 0


def test_discarded_file_leaves_nothing_and_may_come_again(mapped: Scene) -> None:
    client = signed_in(mapped.laboratory)
    hand_in(client, FORM)
    client.post(reverse("exchange:delivery-discard", args=[Delivery.objects.get().number]))

    again = hand_in(client, FORM)

    assert "2 reports would be taken in" in again
    assert [one.state for one in Delivery.objects.order_by("id")] == ["discarded", "checked"]
    assert InboxMessage.objects.count() == 0


def test_faults_are_listed_by_row_and_column_and_exported(mapped: Scene) -> None:
    client = signed_in(mapped.laboratory)
    faulty = FORM.replace(b"P2,", b"1.67E+15,").replace(b"17/05/1980", b"31/02/1980", 1)

    page = hand_in(client, faulty)
    number = Delivery.objects.get().number
    book = load_workbook(io.BytesIO(client.get(reverse("exchange:delivery-errors", args=[number])).content))

    assert "<code>A4</code>" in page
    assert [row[:3] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [
        (None, "C2", "not-a-date"),
        (None, "A4", "lost-digits"),
    ]
    assert "1.67E+15" not in page


def test_large_file_is_left_to_the_worker_and_shows_its_progress(
    mapped: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lienthong.exchange.deliveries.views.AT_ONCE", 10)
    client = signed_in(mapped.laboratory)

    before = hand_in(client, FORM)
    work_deliveries(timezone.now())
    after = client.get(reverse("exchange:delivery", args=[Delivery.objects.get().number])).content.decode()

    assert "The file is being read" in before
    assert "0 of 0" not in before
    assert "2 reports would be taken in" in after


def test_people_of_another_laboratory_neither_see_nor_deliver(mapped: Scene) -> None:
    hand_in(signed_in(mapped.laboratory), FORM)
    number = Delivery.objects.get().number
    other = signed_in(LaboratoryFactory())

    listed = other.get(reverse("exchange:deliveries")).content.decode()
    answers = [other.get(reverse(f"exchange:delivery{part}", args=[number])).status_code for part in ("", "-errors")]
    hand_in(other, FORM.replace(b"R1", b"R7"))

    assert number not in listed
    assert answers == [404, 404]
    assert Delivery.objects.count() == 1


def test_template_keeps_zeros_and_is_read_back(mapped: Scene) -> None:
    client = signed_in(mapped.laboratory)
    book = load_workbook(io.BytesIO(client.get(reverse("exchange:delivery-form", args=["results"])).content))
    sheet = book.worksheets[0]
    titles = [str(cell.value) for cell in sheet[1]]
    row = {"Patient number": "00123", "Report number": "007", "Code": "GLU", "Unit": "mmol/L", "Sex": "nam"}
    for title, value in row.items():
        sheet.cell(row=2, column=titles.index(title) + 1).value = value
    sheet.cell(row=2, column=titles.index("Value") + 1).value = 5.6
    sheet.cell(row=2, column=titles.index("Value") + 1).number_format = "0.00"
    stream = io.BytesIO()
    book.save(stream)

    confirm(client, hand_in(client, stream.getvalue(), "results.xlsx"))

    result = Result.objects.get()
    assert result.reported_value == "5.60"
    assert InboxMessage.objects.get().lane == "SX:007"
    assert b'"number":"00123"' in bytes(InboxMessage.objects.get().raw)


def test_list_asks_the_database_as_often_for_one_as_for_many(mapped: Scene) -> None:
    client, address = signed_in(mapped.laboratory), reverse("exchange:deliveries")
    take_in(FORM)
    with CaptureQueriesContext(connection) as for_one:
        client.get(address)
    for number in range(4):
        take_in(FORM.replace(b",R1,", f",S{number},".encode()))

    with CaptureQueriesContext(connection) as for_many:
        page = client.get(address).content.decode()

    assert page.count("results.csv") == 0
    assert page.count("taken in") == 5
    assert len(for_many) == len(for_one)


@pytest.mark.parametrize(
    ("language", "birth", "column"),
    [
        ("en", "this is not a day of the calendar", "the column “Report number” (report_number) is missing"),
        ("vi", "đây không phải một ngày có thật", "thiếu cột “Số phiếu kết quả” (report_number)"),
        ("zh-hans", "这不是日历上的日期", "缺少列“报告号”（report_number）"),
    ],
)
def test_faults_are_said_in_the_language_of_who_reads_them(
    mapped: Scene, language: str, birth: str, column: str
) -> None:
    hand_in(signed_in(mapped.laboratory), FORM.replace(b"17/05/1980", b"31/02/1980", 1))
    hand_in(signed_in(mapped.laboratory), FORM.replace(b"report_number", b"", 1))
    reader = signed_in(mapped.laboratory)
    reader.cookies["django_language"] = language

    first, second = (
        reader.get(reverse("exchange:delivery", args=[one.number])).content.decode()
        for one in Delivery.objects.order_by("id")
    )

    assert birth in first
    assert column in second
