"""What came as ORU or by DICOM is read by FHIR: files, pictures and studies, as far as the reader's reach goes."""

from __future__ import annotations

import datetime as dt
from base64 import b64decode
from pathlib import Path

import pytest
from django.utils import timezone
from tests.factories.results import claim, order_draft, store_patient_record, store_some_orders
from tests.integration.exchange.fhir.conftest import System, system_of
from tests.integration.exchange.fhir.imaging_bundles import NATIONAL
from tests.integration.exchange.imaging.room import (
    CONCLUSION,
    FILE,
    FINDINGS,
    NOW,
    OBR,
    PDF,
    POINTER,
    STUDY,
    STUDY_UID,
    Room,
    make_room,
)
from tests.unit.interop.dicom.objects import SERIES, ULTRASOUND, as_file, image, selection

from lienthong.core.models import AccessToken, AuditEvent, ConnectedSystem
from lienthong.exchange.imaging.files import ENVIRONMENT, ImageFiles
from lienthong.exchange.imaging.keeping import Status, keep
from lienthong.exchange.senders import source_by_code
from lienthong.results.models import ImagingObject, Report, ReportDocument

pytestmark = pytest.mark.django_db
PATIENT = {"PatientID": "BN-4711", "PatientBirthDate": "19800517"}
PERSON = f"PID|1||BN-4711^^^RIS^MR~{NATIONAL}^^^CNID^NI||Nguyễn^Thị Đào||19800517|F"
RADIOLOGY = "http://terminology.hl7.org/CodeSystem/v2-0074"
ELSEWHERE = "OBX|7|RP|IMG2^Other^99RIS||https://elsewhere.example/x^PACS||||||F"


@pytest.fixture
def room(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """The ultrasound room with one report, an image of it and the selection that names it."""
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "images"))
    made = make_room()
    made.process(PERSON, OBR, FINDINGS, CONCLUSION, FILE, STUDY, POINTER, ELSEWHERE)
    source = source_by_code("US-ROOM", on=NOW.date())
    assert source is not None
    for one in (image(1, **PATIENT), selection(1)):
        files, named = ImageFiles.of_installation(), {"sop_class": one.SOPClassUID, "sop_instance": one.SOPInstanceUID}
        assert keep(as_file(one), source, files, at=NOW, **named) is Status.KEPT
    return made


@pytest.fixture
def hospital(room: Room) -> System:
    return system_of(room.hospital.code)


def report_of(system: System) -> dict[str, object]:
    [found] = system.search("DiagnosticReport?category=RAD")
    return found


def test_report_is_one_of_imaging_with_files_pictures_and_study(hospital: System) -> None:
    found = report_of(hospital)
    document, picture = ReportDocument.objects.get(kind="file"), ImagingObject.objects.get(kind="image")

    assert found["category"] == [{"coding": [{"system": RADIOLOGY, "code": "RAD", "display": "Radiology"}]}]
    assert found["code"]["coding"][0]["code"] == "18748-4"  # type: ignore[index]  # JSON
    assert "specimen" not in found
    [file, pointer] = found["presentedForm"]  # type: ignore[misc]  # JSON
    assert file["url"] == f"Binary/{document.report_id}-file-{document.pk}"
    assert (file["contentType"], file["size"], file["title"]) == ("application/pdf", len(PDF), "Report as printed")
    assert pointer["url"] == f"https://pacs.example.org/dicom-web/studies/{STUDY_UID}"
    assert found["media"] == [{"comment": "Of Interest", "link": {"reference": f"Media/{picture.pk}"}}]
    assert len(found["imagingStudy"]) == 1  # type: ignore[arg-type]  # JSON


@pytest.mark.parametrize(
    "path",
    [
        "DiagnosticReport?category=http://terminology.hl7.org/CodeSystem/v2-0074|RAD",
        "DiagnosticReport?code=http://loinc.org|18748-4",
        "Observation?category=imaging",
        f"Media?identifier=urn:dicom:uid|urn:oid:{SERIES}.1",
        "Media?modality=US&type=image&status=completed",
        "Media?created=2026-11-20",
        f"ImagingStudy?identifier=urn:oid:{STUDY_UID}",
        "ImagingStudy?started=2026-11-20&status=unknown&modality=US",
    ],
)
def test_search_finds_the_one_of_its_kind(hospital: System, path: str) -> None:
    assert len(hospital.search(path)) == 1


@pytest.mark.parametrize(
    "path",
    ["DiagnosticReport?category=LAB", "DiagnosticReport?code=11502-2", "Observation?category=laboratory", "Specimen"],
)
def test_examination_is_no_laboratory_report_and_has_no_specimen(hospital: System, path: str) -> None:
    assert hospital.search(path) == []


@pytest.mark.parametrize("kind", ["DiagnosticReport", "Media", "ImagingStudy", "Observation"])
def test_everything_of_a_patient_is_found_by_the_patient(hospital: System, kind: str) -> None:
    [patient] = hospital.search("Patient?identifier=BN-4711")

    found = hospital.search(f"{kind}?patient={patient['id']}")

    assert [one["subject"]["reference"] for one in found] == [f"Patient/{patient['id']}"]
    read = hospital.get(f"{kind}/{found[0]['id']}").json()
    assert read == found[0]


def test_file_is_its_bytes_or_a_binary_as_it_is_asked_for(hospital: System) -> None:
    address = report_of(hospital)["presentedForm"][0]["url"]  # type: ignore[index]  # JSON

    native = hospital.get(address, Accept="application/pdf")
    anything = hospital.get(address, Accept="*/*")
    resource = hospital.get(address, Accept="application/fhir+json").json()

    assert (native.content, native["Content-Type"]) == (PDF, "application/pdf")
    assert native["X-Content-Type-Options"] == "nosniff"
    assert anything.content == PDF
    assert (resource["resourceType"], b64decode(resource["data"])) == ("Binary", PDF)
    assert AuditEvent.objects.filter(action="read", object_kind="Binary").count() == 3


def test_picture_is_a_jpeg_of_the_image(hospital: System) -> None:
    [media] = hospital.search("Media")

    picture = hospital.get(media["content"]["url"], Accept="image/jpeg")

    assert media["identifier"] == [{"system": "urn:dicom:uid", "value": f"urn:oid:{SERIES}.1"}]
    assert (picture["Content-Type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")


def test_study_names_the_archive_and_the_instances_that_came(hospital: System) -> None:
    [study] = hospital.search("ImagingStudy")

    assert study["identifier"] == [{"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY_UID}"}]
    assert study["contained"][0]["address"] == "https://pacs.example.org/dicom-web"
    [series] = study["series"]
    assert ULTRASOUND in {one["sopClass"]["code"].removeprefix("urn:oid:") for one in series["instance"]}


def test_report_includes_its_pictures(hospital: System) -> None:
    found = hospital.search("DiagnosticReport?_include=DiagnosticReport:media")

    kinds = [one["resourceType"] for one in found]
    assert kinds[0] == "DiagnosticReport"
    assert "Media" in kinds


def addresses_of(hospital: System) -> list[str]:
    """Return where the report, its file, its picture and its study are read, and what finds them."""
    found = report_of(hospital)
    return [
        f"DiagnosticReport/{found['id']}",
        found["presentedForm"][0]["url"],  # type: ignore[index]  # JSON
        f"{found['presentedForm'][0]['url']}/_history",  # type: ignore[index]  # JSON
        found["media"][0]["link"]["reference"],  # type: ignore[index]  # JSON
        found["imagingStudy"][0]["reference"],  # type: ignore[index]  # JSON
        hospital.search("Media")[0]["content"]["url"],
    ]


@pytest.mark.parametrize(
    ("status", "placer", "sees"),
    [
        ("completed", "", True),
        ("cancelled", "", True),
        ("requested", "OTHER", True),
        ("completed", "OTHER", False),
        ("cancelled", "OTHER", False),
        ("", "", False),
    ],
)
def test_other_hospital_reads_all_or_nothing_of_it(
    room: Room, hospital: System, status: str, placer: str, sees: bool
) -> None:
    """By the order that the report answers, whatever became of it, or by an open one for the patient."""
    addresses = addresses_of(hospital)
    numbers = (("MR", "P1"), ("NI", NATIONAL))
    own = store_patient_record(claim(room.receiver, source="HIS", identifiers=numbers), at=timezone.now())
    assert own
    if status:
        number = placer or Report.objects.get().placer_number
        store_some_orders(
            order_draft(room.receiver, own, source="HIS", placer_number=number, status=status), at=timezone.now()
        )
    other = system_of(room.receiver.code)

    answers = [other.get(one).status_code for one in addresses]
    found = [len(other.search(kind)) for kind in ("DiagnosticReport", "Media", "ImagingStudy")]

    assert answers == [200 if sees else 404] * len(addresses)
    assert [number > 0 for number in found] == [sees] * 3


@pytest.mark.parametrize("lacking", ["token", "expires_at", "revoked_at", "suspended_at"])
def test_caller_without_a_good_token_reads_nothing_of_it(hospital: System, lacking: str) -> None:
    addresses, past = addresses_of(hospital), timezone.now() - dt.timedelta(minutes=1)
    if lacking == "suspended_at":
        ConnectedSystem.objects.update(suspended_at=past)
    elif lacking != "token":
        AccessToken.objects.update(**{lacking: past})
    caller = System("no") if lacking == "token" else hospital

    answers = [caller.get(one, Accept=accept) for one in addresses for accept in ("*/*", "application/fhir+json")]

    assert {one.status_code for one in answers} == {401}
    assert not any(PDF in one.content for one in answers)


def test_binary_needs_its_scope(room: Room, hospital: System) -> None:
    address = report_of(hospital)["presentedForm"][0]["url"]  # type: ignore[index]  # JSON
    narrow = system_of(room.hospital.code, scopes=("system/DiagnosticReport.rs",))

    assert narrow.get(address, Accept="application/pdf").status_code == 403


@pytest.mark.parametrize("id_", ["1-file-999", "999-file-1", "1-image-1", "0-file-0"])
def test_address_of_a_file_that_is_not_there_names_nothing(hospital: System, id_: str) -> None:
    assert hospital.get(f"Binary/{id_}").status_code == 404
