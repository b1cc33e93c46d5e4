"""A report of imaging that is written by FHIR is the examination, with files, pictures, study and marks."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from typing import Any

import pytest
from django.test import Client
from tests.factories.core import UserFactory
from tests.factories.exchange import CodeMappingFactory
from tests.factories.registry import bind
from tests.factories.results import claim, documents_of, order_draft, store_patient_record, store_some_orders
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, transaction
from tests.integration.exchange.fhir.conftest import System, system_of
from tests.integration.exchange.fhir.imaging_bundles import (
    ARCHIVE,
    NATIONAL,
    PDF,
    STUDY,
    TYPES,
    beside,
    examination,
    examined,
    findings,
    png,
    report,
)
from tests.integration.exchange.imaging.room import NOW, Room, make_room

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent
from lienthong.exchange.imaging.reads import file_of_report
from lienthong.recognition import actions as recognition
from lienthong.results.models import InboxMessage, Report, Resource, Result

pytestmark = pytest.mark.django_db
KINDS = ("DiagnosticReport", "Media", "Binary", "ImagingStudy", "Endpoint")
TEXT = "Findings: 肝脏大小正常。\nConclusion: 胆囊结石。"


@pytest.fixture
def room() -> Room:
    made = make_room()
    recognition.recompute_grants([made.service.pk], by=system_user("recognition"), at=NOW - dt.timedelta(days=5))
    return made


@pytest.fixture
def system(room: Room) -> System:
    """The radiology system of the room, which writes for the sender RIS."""
    return system_of(room.hospital.code, sources=("RIS",))


def written(system: System, **changes: object) -> Report:
    answer = system.post("", examination(**changes))
    assert answer.status_code == 200, answer.content
    assert not any("outcome" in one["response"] for one in answer.json()["entry"])
    return Report.objects.get(number="US-77")


def kept(report: Report) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.title, one.media_type, one.pointer) for one in documents_of(report.pk)]


def without_meta(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name != "meta"}


def test_report_is_one_examination_by_its_service_with_its_mark(room: Room, system: System) -> None:
    written(system)

    (result,) = Result.objects.all()
    assert (result.analyte_id, result.procedure_id) == (room.abdomen.pk, room.service.pk)
    assert (result.reported_value, result.status) == (TEXT, "final")
    assert [one["mark"] for one in result.marks] == ["龙南市HR"]


def test_files_study_and_archive_are_kept_beside_the_report_and_opened(system: System) -> None:
    report = written(system)

    assert kept(report) == [
        ("file", "As printed", "application/pdf", ""),
        ("file", "Stone", "image/png", ""),
        ("study", "DICOM Study", "", ""),
        ("pointer", "Archive", "", f"{ARCHIVE}/studies/{STUDY}"),
    ]
    files = [one for one in documents_of(report.pk) if one.kind == "file"]
    assert [file_of_report(report.pk, one.id).content for one in files] == [PDF, png()]


def test_page_of_the_report_shows_files_picture_and_archive(room: Room, system: System) -> None:
    report = written(system)
    reader = UserFactory()
    bind(reader, "clinician", room.hospital)
    client = Client(headers={"accept-language": "en"})
    client.force_login(reader)
    client.cookies["django_language"] = "en"
    photograph = next(one for one in documents_of(report.pk) if one.media_type == "image/png")

    page = client.get(f"/reports/{report.pk}/").content.decode()
    small = client.get(f"/reports/{report.pk}/files/{photograph.id}/small/")
    of_pdf = client.get(f"/reports/{report.pk}/files/{documents_of(report.pk)[0].id}/small/")

    assert "As printed" in page
    assert f"/reports/{report.pk}/files/{photograph.id}/small/" in page
    assert page.count(f"{ARCHIVE}/studies/{STUDY}") == 1
    assert (small.status_code, small["Content-Type"], small.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert of_pdf.status_code == 404


def test_everything_is_read_back_as_it_was_given(system: System) -> None:
    written(system)

    for resource in (examined(), findings(), *beside(), report()):
        found = system.get(f"{resource['resourceType']}/{resource['id']}").json()
        assert without_meta(found) == resource


def test_report_is_found_once_and_bears_the_mark_of_its_examination(system: System) -> None:
    written(system)

    (found,) = system.search("DiagnosticReport?patient=us-p")
    (examined_,) = system.search("Observation?patient=us-p&category=imaging")

    assert found["id"] == "us-r"
    assert {"system": "urn:lienthong:mark", "code": "龙南市HR"} in found["meta"]["tag"]
    assert examined_["valueString"] == TEXT


def test_same_again_changes_nothing(system: System) -> None:
    before = written(system)

    after = written(system)

    assert after.version == before.version
    assert Result.objects.count() == 1
    assert len(kept(after)) == 4


def test_correction_replaces_a_file_and_takes_away_what_it_has_no_more(system: System) -> None:
    written(system)
    other = {"contentType": "application/pdf", "title": "As printed", "data": "JVBERi0xLjcgbmV3"}
    corrected = {name: value for name, value in report(status="corrected").items() if name != "media"}

    system.put("DiagnosticReport/us-r", corrected | {"presentedForm": [other]})

    found, current = Report.objects.get(), Result.objects.get(is_current=True)
    assert (found.status, current.status, current.reported_value) == ("corrected", "corrected", TEXT)
    assert [one[:2] for one in kept(found)] == [
        ("study", "DICOM Study"),
        ("pointer", "Archive"),
        ("file", "As printed"),
    ]
    file = next(one for one in documents_of(found.pk) if one.kind == "file")
    assert file_of_report(found.pk, file.id).content == b"%PDF-1.7 new"


def test_report_that_names_what_came_before_has_it_all(system: System) -> None:
    for resource in (examined(), *beside()):
        system.put(f"{resource['resourceType']}/{resource['id']}", resource)

    system.post("", transaction(entry(findings()), entry(report())))

    assert [one[0] for one in kept(Report.objects.get())] == ["file", "file", "study", "pointer"]


def test_addresses_of_files_inside_a_transaction_name_what_they_became(system: System) -> None:
    media, binary, *others = beside(binary="urn:uuid:0c3ab0d8-0b3f-4f6a-9d0a-6a4b0a6f0001")
    posted = {name: value for name, value in binary.items() if name != "id"}
    entries = [entry(one) for one in (examined(), findings(), media, *others, report())]
    named = {**entry(posted, "POST"), "fullUrl": "urn:uuid:0c3ab0d8-0b3f-4f6a-9d0a-6a4b0a6f0001"}

    system.post("", transaction(*entries, named))

    address = system.get("Media/us-m").json()["content"]["url"]
    assert address.startswith("Binary/")
    assert system.get(address, Accept="image/png").content == png()


def test_report_that_waited_for_its_code_is_found_once_when_a_person_has_mapped_it(room: Room, system: System) -> None:
    unknown = {"coding": [{"system": "urn:x:ris", "code": "SAOB-NEW", "display": "Abdominal ultrasound"}]}
    answer = system.post("", examination(code=unknown))
    assert any("outcome" in one["response"] for one in answer.json()["entry"])
    CodeMappingFactory(source=room.reports, local_code="SAOB-NEW", analyte=room.abdomen)

    Scene.replay_all()

    assert InboxMessage.objects.get().state == "stored"
    assert [one["id"] for one in system.search("DiagnosticReport?patient=us-p")] == ["us-r"]
    assert Result.objects.get().reported_value == TEXT


def test_entered_in_error_withdraws_examination_and_files(system: System) -> None:
    written(system)

    system.put("DiagnosticReport/us-r", report(status="entered-in-error"))

    found = Report.objects.get()
    assert kept(found) == []
    assert Result.objects.get(is_current=True).status == "withdrawn"


def test_conclusion_of_a_report_of_results_is_its_comment(system: System) -> None:
    length = findings() | {"code": {"coding": [{"system": "http://loinc.org", "code": "24558-9"}]}}
    of_results = {name: value for name, value in report().items() if name not in ("category", "imagingStudy", "media")}

    system.post("", transaction(*map(entry, (examined(), length, {**of_results, "code": {"text": "Words"}}))))

    assert Report.objects.get().comment == "胆囊结石。"


def order(room: Room, number: str) -> None:
    """Let the receiving hospital have asked for an examination of this man."""
    numbers = (("MR", "P1"), ("NI", NATIONAL))
    own = store_patient_record(claim(room.receiver, source="HIS", identifiers=numbers))
    assert own
    store_some_orders(order_draft(room.receiver, own, source="HIS", placer_number=number, status="completed"), at=NOW)


@pytest.mark.parametrize("number", ["US-77-ORDER", "OTHER"])
def test_other_hospital_reads_files_and_pictures_as_far_as_the_report(room: Room, system: System, number: str) -> None:
    ordered = {"type": {"coding": [{"system": TYPES, "code": "PLAC"}]}, "value": "US-77-ORDER"}
    filled = {"type": {"coding": [{"system": TYPES, "code": "FILL"}]}, "value": "US-77"}
    written(system, identifier=[filled, ordered])
    order(room, number)
    other = system_of(room.receiver.code)

    answers = {
        one.kind: other.get(f"{one.kind}/{one.pk}").status_code for one in Resource.objects.filter(kind__in=KINDS)
    }

    is_answered = number == "US-77-ORDER"
    assert answers == dict.fromkeys(KINDS, 200 if is_answered else 404)
    reads = AuditEvent.objects.filter(action="read", object_kind="Binary", facility=room.receiver.code)
    assert reads.exists() is is_answered


def test_picture_follows_its_report_to_another_patient(room: Room, system: System) -> None:
    """The hospital that ordered the report of the first patient sees nothing of the second, whose it says to be now."""
    ordered = {"type": {"coding": [{"system": TYPES, "code": "PLAC"}]}, "value": "US-77-ORDER"}
    filled = {"type": {"coding": [{"system": TYPES, "code": "FILL"}]}, "value": "US-77"}
    written(system, identifier=[filled, ordered])
    order(room, "US-77-ORDER")
    other = system_of(room.receiver.code)
    before = len(other.search("Media"))
    numbers = [{"type": {"coding": [{"system": TYPES, "code": "MR"}]}, "value": "BN-9"}]
    second = examined() | {"id": "us-p2", "identifier": numbers, "name": [{"text": "Trần Thị Bưởi"}]}
    media, *_others = beside()
    new = media | {"id": "us-m2", "subject": {"reference": "Patient/us-p2"}}
    told = report(
        identifier=[filled, ordered],
        subject={"reference": "Patient/us-p2"},
        media=[{"link": {"reference": "Media/us-m2"}}],
    )

    answer = system.post("", transaction(*map(entry, (second, new, told))))

    assert answer.status_code == 200
    assert before == 1
    name = str(Resource.objects.get(own_id="us-m2").pk)
    assert other.get(f"Media/{name}").status_code == 404
    assert name not in {one["id"] for one in other.search("Media")}
    assert {one["id"] for one in system.search("Media")} == {"us-m", "us-m2"}


def test_earlier_bytes_under_an_id_are_read_by_the_sender_alone(room: Room, system: System) -> None:
    """A file names no patient: what stood there before may have been of another."""
    ordered = {"type": {"coding": [{"system": TYPES, "code": "PLAC"}]}, "value": "US-77-ORDER"}
    filled = {"type": {"coding": [{"system": TYPES, "code": "FILL"}]}, "value": "US-77"}
    earlier = {"resourceType": "Binary", "id": "us-b", "contentType": "image/png", "data": b64encode(png(8)).decode()}
    system.put("Binary/us-b", earlier)
    written(system, identifier=[filled, ordered])
    order(room, "US-77-ORDER")
    other, name = system_of(room.receiver.code), Resource.objects.get(kind="Binary", own_id="us-b").pk

    own = system.get("Binary/us-b/_history").json()["entry"]
    theirs = other.get(f"Binary/{name}/_history").json()["entry"]

    assert [one["resource"]["meta"]["versionId"] for one in own] == ["2", "1"]
    assert [one["resource"]["meta"]["versionId"] for one in theirs] == ["2"]
    assert other.get(f"Binary/{name}/_history/1").status_code == 404
