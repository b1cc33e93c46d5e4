"""How images find the report they belong to, and what keeps them away from another patient's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from pydicom.dataset import Dataset
from tests.factories.core import UserFactory
from tests.integration.exchange.imaging.room import FINDINGS, NOW, OBR, PID, POINTER, STUDY, Room
from tests.unit.interop.dicom.objects import SERIES, as_file, coded, image, selection

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent
from lienthong.errors import NotAllowed
from lienthong.exchange.imaging.files import ImageFiles
from lienthong.exchange.imaging.keeping import keep
from lienthong.exchange.senders import source_by_code
from lienthong.results.imaging.actions import tie_waiting_objects
from lienthong.results.imaging.reads import images_with_records, object_facts, objects_of_report
from lienthong.results.models import ImagingObject, Report


def take(folder: Path, number: int = 1, **elements: object) -> None:
    take_object(folder, image(number, **elements))


def take_object(folder: Path, one: Dataset) -> None:
    source = source_by_code("US-ROOM", on=NOW.date())
    assert source is not None
    keep(
        as_file(one),
        source,
        ImageFiles(folder),
        sop_class=one.SOPClassUID,
        sop_instance=one.SOPInstanceUID,
        at=NOW,
    )


def state() -> tuple[bool, str]:
    kept = ImagingObject.objects.get()
    return kept.report_id is not None, kept.waits_for


@pytest.mark.parametrize("is_first", [True, False], ids=["image first", "report first"])
def test_image_finds_its_report_whichever_comes_first(room: Room, tmp_path: Path, is_first: bool) -> None:
    if is_first:
        take(tmp_path)
    room.process()
    if not is_first:
        take(tmp_path)

    assert state() == (True, "")
    assert ImagingObject.objects.get().report == Report.objects.get()


@pytest.mark.parametrize(
    ("elements", "waits_for"),
    [
        pytest.param({"PatientID": "BN-9"}, "other-patient", id="another number"),
        pytest.param({"PatientBirthDate": "19810517"}, "other-patient", id="another birth date"),
        pytest.param({"PatientID": ""}, "no-number", id="no number"),
        pytest.param({"AccessionNumber": "SA-9", "StudyInstanceUID": "1.2.3"}, "no-report", id="another order"),
    ],
)
def test_image_that_does_not_agree_waits(
    room: Room, tmp_path: Path, elements: dict[str, object], waits_for: str
) -> None:
    room.process()
    take(tmp_path, **elements)

    assert state() == (False, waits_for)


def test_image_is_found_by_its_study_where_the_order_has_no_number(room: Room, tmp_path: Path) -> None:
    take(tmp_path, AccessionNumber="")
    room.process(PID, OBR, FINDINGS, STUDY)

    assert state() == (True, "")


def test_pointer_tells_the_study_too(room: Room, tmp_path: Path) -> None:
    take(tmp_path, AccessionNumber="")
    room.process(PID, OBR, FINDINGS, POINTER)

    assert state() == (True, "")


def test_image_without_a_birth_date_agrees_by_its_number(room: Room, tmp_path: Path) -> None:
    room.process()
    take(tmp_path, PatientBirthDate="")

    assert state() == (True, "")


def test_image_of_another_hospital_waits(room: Room, tmp_path: Path) -> None:
    room.process()
    ImagingObject.objects.all().delete()
    room.device.facility = room.receiver
    room.device.laboratory = None
    room.device.save()

    take(tmp_path)

    assert state() == (False, "no-report")


def test_image_of_which_two_reports_agree_waits(room: Room, tmp_path: Path) -> None:
    room.process()
    room.process(PID, OBR.replace("US-77", "US-78"), FINDINGS, control_id="M2")
    take(tmp_path)

    assert state() == (False, "several-reports")


@pytest.mark.parametrize(
    "wrong", [{"PatientID": "BN-9"}, {"PatientID": ""}, {"AccessionNumber": "SA-9", "StudyInstanceUID": "1.2.3"}]
)
def test_image_that_is_corrected_at_the_device_and_sent_again_finds_its_report(
    room: Room, tmp_path: Path, wrong: dict[str, object]
) -> None:
    room.process()
    take(tmp_path, **wrong)

    take(tmp_path)

    assert state() == (True, "")
    assert AuditEvent.objects.get(action="correct-object").detail["was_of_report"] is None


def test_image_that_was_taken_under_another_patients_number_leaves_that_report(room: Room, tmp_path: Path) -> None:
    room.process()
    take(tmp_path)
    before = ImagingObject.objects.get()

    take(tmp_path, PatientID="BN-9", AccessionNumber="SA-9")

    kept = ImagingObject.objects.get()
    assert (kept.report_id, kept.waits_for, kept.patient_id) == (None, "other-patient", "BN-9")
    assert kept.digest != before.digest
    told = AuditEvent.objects.get(action="correct-object").detail
    assert (told["was_digest"], told["was_of_report"]) == (before.digest, before.report_id)
    assert ImageFiles(tmp_path).read(before.digest)


def test_other_pixels_under_the_same_uid_change_nothing(room: Room, tmp_path: Path) -> None:
    room.process()
    take(tmp_path)
    before = ImagingObject.objects.get()

    take(tmp_path, side=32)

    assert ImagingObject.objects.get().digest == before.digest
    assert not AuditEvent.objects.filter(action="correct-object").exists()


@pytest.mark.parametrize(("title", "shown"), [("113037", [2]), ("113001", [2]), ("113000", [80, 1, 2])])
@pytest.mark.parametrize("comes_first", [True, False], ids=["before its images", "after them"])
def test_images_that_an_archive_rejects_are_gone(
    room: Room, tmp_path: Path, title: str, shown: list[int], comes_first: bool
) -> None:
    """IHE Imaging Object Change Management; a selection of what is of interest (113000) takes nothing away."""
    room.process()
    note = selection(1)
    note.ConceptNameCodeSequence = coded(title, "DCM", "Từ chối")
    for one in (note, image(1), image(2)) if comes_first else (image(1), image(2), note):
        take_object(tmp_path, one)
    report, rejected = Report.objects.get(), ImagingObject.objects.get(sop_instance_uid=f"{SERIES}.1")

    assert {one.sop_instance_uid for one in objects_of_report(report.pk)} == {f"{SERIES}.{n}" for n in shown}
    assert (object_facts(rejected.pk) is None) is (1 not in shown)
    assert bool(images_with_records([rejected.pk])) is (1 in shown)


def test_what_was_committed_at_once_is_tied_by_the_house(room: Room, tmp_path: Path) -> None:
    room.process()
    take(tmp_path)
    ImagingObject.objects.update(report=None, tied_at=None, waits_for="no-report")

    tied = tie_waiting_objects(by=system_user("results"), at=NOW)

    assert tied == 1
    assert state() == (True, "")


def test_person_keeps_no_objects(room: Room) -> None:
    with pytest.raises(NotAllowed):
        tie_waiting_objects(by=UserFactory(), at=NOW)


def test_row_is_tied_or_says_for_what_it_waits(room: Room, tmp_path: Path) -> None:
    take(tmp_path)
    with pytest.raises(IntegrityError, match="results_imagingobject_tied_or_waits"), transaction.atomic():
        ImagingObject.objects.update(waits_for="")
