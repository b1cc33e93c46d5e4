"""The page of an imaging report: its words, its files and pictures, who may open them, and what is logged."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.integration.exchange.imaging.room import (
    FILE,
    FINDINGS,
    NOW,
    OBR,
    PDF,
    PID,
    POINTER,
    STUDY_UID,
    Room,
    make_room,
)
from tests.unit.interop.dicom.objects import SERIES, as_file, image, selection

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent
from lienthong.exchange.imaging.files import ENVIRONMENT, ImageFiles
from lienthong.exchange.imaging.keeping import Status, keep
from lienthong.exchange.senders import source_by_code
from lienthong.recognition.actions import check_order, recompute_grants
from lienthong.results.models import ImagingObject, Report, ReportDocument

PATIENT = {"PatientID": "BN-4711", "PatientBirthDate": "19800517"}


@pytest.fixture
def room(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """The ultrasound room with one report, two images of it and a selection of the second."""
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "images"))
    made = make_room()
    made.process()
    source = source_by_code("US-ROOM", on=NOW.date())
    assert source is not None
    for one in (image(1, **PATIENT), image(2, **PATIENT), selection(2)):
        kept = keep(
            as_file(one),
            source,
            ImageFiles.of_installation(),
            sop_class=one.SOPClassUID,
            sop_instance=one.SOPInstanceUID,
            at=NOW,
        )
        assert kept is Status.KEPT
    return made


@pytest.fixture
def reader(room: Room, client: Client) -> Client:
    """A clinician of the hospital that examined, in English."""
    user = UserFactory()
    bind(user, "clinician", room.hospital)
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def page_of(client: Client) -> str:
    return " ".join(client.get(f"/reports/{Report.objects.get().pk}/").content.decode().split())


def picture(number: int, size: str = "small") -> str:
    kept = ImagingObject.objects.get(sop_instance_uid=f"{SERIES}.{number}")
    return f"/reports/{Report.objects.get().pk}/images/{kept.pk}/{size}/"


def file() -> str:
    return f"/reports/{Report.objects.get().pk}/files/{ReportDocument.objects.get(kind='file').pk}/"


def test_page_shows_the_words_of_the_report_untouched(reader: Client) -> None:
    page = page_of(reader)

    assert "Imaging report" in page
    assert "Findings: 肝脏大小正常。<br>胆囊结石 8 mm。<br>Stone: 8.0 mm<br>Conclusion: 胆囊结石。" in page
    assert "Examined" in page
    assert "Specimens" not in page
    assert "transabdominal, Sonara 7, Dr. Li Min" in page


def test_marked_report_of_imaging_speaks_of_no_quality_control(reader: Client, room: Room) -> None:
    recompute_grants([room.service.pk], by=system_user("recognition"), at=NOW.replace(day=17))
    room.process(PID, OBR.replace("US-77", "US-78"), FINDINGS, control_id="M2")

    page = " ".join(reader.get(f"/reports/{Report.objects.get(number='US-78').pk}/").content.decode().split())

    assert "龙南市HR" in page
    assert "quality control" not in page.lower()


def test_page_shows_key_images_first_and_why(reader: Client) -> None:
    page = page_of(reader)

    assert page.index(picture(2)) < page.index(picture(1))
    assert "Of interest" in page
    assert "Sỏi túi mật 8 mm" in page
    assert "is no proof of who the patient is" in page


def test_page_links_only_to_the_registered_archive(reader: Client, room: Room) -> None:
    elsewhere = POINTER.replace("pacs.example.org", "pacs.example.org.evil.example").replace("IMG^", "IMG2^")
    room.process(PID, OBR, FINDINGS, FILE, elsewhere, control_id="M2")

    page = page_of(reader)

    assert f'href="https://pacs.example.org/dicom-web/studies/{STUDY_UID}"' in page
    assert "evil.example" not in page
    assert "not registered as the archive of the sender" in page


def test_picture_is_a_jpeg_that_is_made_once(reader: Client, tmp_path: Path) -> None:
    first, second = reader.get(picture(1)), reader.get(picture(1))

    assert (first.status_code, first["Content-Type"]) == (200, "image/jpeg")
    assert first.content == second.content
    assert first.content.startswith(b"\xff\xd8")
    assert len(list((tmp_path / "images").rglob("*.240.jpg"))) == 1


@pytest.mark.parametrize(
    ("of", "shown", "kind"), [(file, "attachment", "report_file"), (picture, "inline", "report_picture")]
)
def test_file_is_given_alone_and_logged(reader: Client, of: object, shown: str, kind: str) -> None:
    answer = reader.get(of() if of is file else picture(1))  # type: ignore[operator]  # the functions above

    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith(f"{shown};")
    assert answer["Cache-Control"] == "private, no-store"
    event = AuditEvent.objects.filter(action="read").latest("id")
    assert (event.object_kind, event.relation) == (kind, "same-facility")


def test_file_is_what_its_sender_sent(reader: Client) -> None:
    answer = reader.get(file())

    assert (answer["Content-Type"], answer.content) == ("application/pdf", PDF)


@pytest.mark.parametrize("of", [file, lambda: picture(1)], ids=["file", "picture"])
def test_clinician_without_a_relation_sees_neither_file_nor_picture(room: Room, client: Client, of: object) -> None:
    stranger = UserFactory()
    bind(stranger, "clinician", room.receiver)
    client.force_login(stranger)

    answer = client.get(of())  # type: ignore[operator]  # the functions above

    assert answer.status_code == 403
    assert answer["Content-Type"].startswith("text/html")


def test_nobody_sees_them_without_signing_in(room: Room, client: Client) -> None:
    assert [client.get(address).status_code for address in (file(), picture(1))] == [302, 302]


def test_picture_of_another_report_is_not_there(reader: Client) -> None:
    kept = ImagingObject.objects.filter(kind="image").latest("id")
    ImagingObject.objects.filter(pk=kept.pk).update(report=None, tied_at=None, waits_for="no-report")

    assert reader.get(f"/reports/{Report.objects.get().pk}/images/{kept.pk}/small/").status_code == 404


@pytest.mark.parametrize("address", ["images/{id}/huge/", "files/999999/"])
def test_what_is_not_there_is_not_found(reader: Client, address: str) -> None:
    kept = ImagingObject.objects.filter(kind="image").first()
    assert kept is not None

    assert reader.get(f"/reports/{Report.objects.get().pk}/{address.format(id=kept.pk)}").status_code == 404


def test_damaged_file_is_not_shown(reader: Client, tmp_path: Path) -> None:
    for one in (tmp_path / "images").rglob("*.dcm"):
        one.write_bytes(one.read_bytes() + b"\0\0")

    assert reader.get(picture(1)).status_code == 404


def test_number_of_queries_does_not_grow_with_the_images(reader: Client) -> None:
    page_of(reader)
    with CaptureQueriesContext(connection) as few:
        page_of(reader)
    first = ImagingObject.objects.filter(kind="image").earliest("id")
    for number in range(10, 20):
        first.pk, first.sop_instance_uid = None, f"{SERIES}.{number}"
        first.save()

    with CaptureQueriesContext(connection) as many:
        page = page_of(reader)

    assert page.count("<figure>") == 12
    assert len(many) == len(few)


def test_order_of_the_same_examination_shows_the_report_and_why_it_stands(room: Room, client: Client) -> None:
    recompute_grants([room.service.pk], by=system_user("recognition"), at=NOW.replace(day=17))
    room.process(PID, OBR.replace("US-77", "US-78"), FINDINGS, control_id="M2")
    user = UserFactory()
    bind(user, "clinician", room.hospital)
    client.force_login(user)
    client.cookies["django_language"] = "en"
    check = check_order(
        number="26-9",
        channel="page",
        patient_record_id=Report.objects.get(number="US-78").patient_record_id,
        facility_id=room.hospital.pk,
        items=("US-ABDOMEN",),
        encounter_class="outpatient",
        purposes=frozenset(),
        by=user,
        user_label="",
        at=NOW,
    )

    page = " ".join(client.get(f"/orders/{check.id}/").content.decode().split())

    assert "Findings: 肝脏大小正常。<br>胆囊结石 8 mm。" in page
    assert "Examined 20 Nov 2026" in page
    assert "The time of the examination is known" in page
    assert "gave no interval" not in page
