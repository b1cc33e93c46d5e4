"""The page of images that wait, and how a sender that speaks DICOM is registered."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from openpyxl import load_workbook
from tests.factories.core import SystemUserFactory, UserFactory
from tests.factories.registry import bind
from tests.integration.exchange.imaging.room import NOW, Room
from tests.integration.exchange.imaging.test_tying import take

from lienthong.errors import BadInput, Conflict
from lienthong.exchange.models import Source
from lienthong.exchange.registration.actions import register_source
from lienthong.exchange.registration.entry import SenderEntry
from lienthong.portal.evidence import Shown
from lienthong.registry.reads import analytes


@pytest.fixture
def operator(room: Room, client: Client) -> Client:
    user = UserFactory()
    bind(user, "operator", room.region)
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_page_says_why_an_image_waits_and_never_whose_it_is(operator: Client, room: Room, tmp_path: Path) -> None:
    room.process()
    take(tmp_path, PatientID="BN-9")

    page = operator.get("/inbox/images/").content.decode()

    assert "The report of this order is for a patient of another number or birth date" in page
    assert "SA-1001" in page
    assert "BN-9" not in page


def test_table_is_exported_as_shown(operator: Client, tmp_path: Path) -> None:
    take(tmp_path)

    answer = operator.get("/inbox/images/?format=xlsx")

    rows = list(load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert rows[1][:3] == ("US-ROOM", "US", "SA-1001")


def test_operator_elsewhere_sees_none_of_them(room: Room, client: Client, tmp_path: Path) -> None:
    take(tmp_path)
    user = UserFactory()
    bind(user, "operator", room.receiver)
    client.force_login(user)

    assert "SA-1001" not in client.get("/inbox/images/").content.decode()


def test_report_of_a_service_that_is_not_known_speaks_of_no_measuring_system(room: Room) -> None:
    shown = Shown(None, analytes()[room.abdomen.pk], None, None)  # type: ignore[arg-type]  # neither is asked for

    with translation.override("en"):
        assert shown.method == "the imaging service is not known"


def entry(room: Room, **changes: object) -> SenderEntry:
    usual: dict[str, object] = {
        "code": "CT-1",
        "facility": room.hospital.code,
        "protocol": "dicom",
        "sending_application": "CT1",
        "dicomweb_url": "https://pacs.example.org/dicom-web/",
    }
    return SenderEntry(**{**usual, **changes})  # type: ignore[arg-type]  # the table above


def test_device_is_registered_by_its_title(room: Room) -> None:
    register_source(entry(room), by=SystemUserFactory(), at=NOW)

    made = Source.objects.get(code="CT-1")
    assert (made.protocol, made.sending_application) == ("dicom", "CT1")
    assert made.dicomweb_url == "https://pacs.example.org/dicom-web"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        pytest.param({"sending_application": ""}, "sending_application", id="no title"),
        pytest.param({"sending_application": "SEVENTEEN-SIGNS-X"}, "sending_application", id="long title"),
        pytest.param({"listening_port": 104}, "listening_port", id="port"),
        pytest.param({"sending_facility": "X"}, "sending_facility", id="MSH-4"),
        pytest.param({"dicomweb_url": "ftp://pacs.example.org"}, "dicomweb_url", id="no web address"),
        pytest.param({"dicomweb_url": "https://a:b@pacs.example.org"}, "dicomweb_url", id="user in the address"),
    ],
)
def test_registration_that_makes_no_sense_is_told(room: Room, changes: dict[str, object], where: str) -> None:
    with pytest.raises(BadInput) as refused:
        register_source(entry(room, **changes), by=SystemUserFactory(), at=NOW)

    assert [finding.where for finding in refused.value.findings] == [where]


def test_title_of_another_device_is_taken(room: Room) -> None:
    with pytest.raises(Conflict):
        register_source(entry(room, sending_application="US1"), by=SystemUserFactory(), at=NOW)
