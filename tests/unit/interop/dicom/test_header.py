"""What a DICOM header says, and what is told where it is broken; never a value of it."""

from __future__ import annotations

import random

import pytest
from tests.unit.interop.dicom.objects import STUDY, as_file, header, image, report, selection

from lienthong.interop import dicom


def test_header_of_an_ultrasound_image_is_read() -> None:
    found, findings = dicom.read_header(as_file(image(frames=2, BurnedInAnnotation="YES")))

    assert findings == ()
    assert found is not None
    assert (found.kind, found.modality, found.study_uid) == (dicom.Kind.IMAGE, "US", STUDY)
    assert (found.patient_id, found.birth_date, found.sex) == ("BN-4711", "19800517", "M")
    assert (found.accession_number, found.studied_at, found.frames) == ("SA-1001", "20261120081500", 2)
    assert found.is_burned_in is True
    assert found.patient_name is not None
    assert found.patient_name.display == "Nguyễn Văn An"


def test_header_that_does_not_tell_of_burned_in_text_leaves_it_open() -> None:
    found, _ = dicom.read_header(as_file(image()))

    assert found is not None
    assert found.is_burned_in is None


@pytest.mark.parametrize(
    ("charset", "name", "shown"),
    [
        pytest.param("GB18030", "Wang^XiaoDong=王^小东", "王小东", id="GB18030"),
        pytest.param(
            ["ISO 2022 IR 6", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎", "山田太郎", id="ISO 2022, Japanese"
        ),
        pytest.param("ISO_IR 192", "Trần^Bình^Thị", "Trần Thị Bình", id="UTF-8, Vietnamese"),
    ],
)
def test_name_is_decoded_by_the_character_sets_of_the_object(charset: object, name: str, shown: str) -> None:
    found, findings = dicom.read_header(as_file(image(SpecificCharacterSet=charset, PatientName=name)))

    assert findings == ()
    assert found is not None
    assert found.patient_name is not None
    assert found.patient_name.display == shown


def test_name_that_switches_between_character_sets_is_decoded() -> None:
    """PS3.5, annex K: each component begins in the first character set and switches anew."""
    sent = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab"
    place = "X" * len(sent)
    made = as_file(image(SpecificCharacterSet=["", "ISO 2022 IR 58"], PatientName=place))

    found, findings = dicom.read_header(made.replace(place.encode(), sent))

    assert findings == ()
    assert found is not None
    assert found.patient_name is not None
    assert found.patient_name.display == "张小东"


@pytest.mark.parametrize(
    ("data", "where", "code"),
    [
        pytest.param(b"", "file", "not-dicom", id="nothing"),
        pytest.param(b"MSH|^~\\&|", "file", "not-dicom", id="other"),
        pytest.param(as_file(image()).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"), "(0002,0010)",
                     "transfer-syntax", id="deflated"),
        pytest.param(as_file(header("1.2.840.10008.5.1.4.1.1.7", 1, StudyInstanceUID="")), "(0020,000D)", "required",
                     id="no study"),
    ],
)  # fmt: skip
def test_object_that_is_no_use_is_told_by_its_tag(data: bytes, where: str, code: str) -> None:
    found, findings = dicom.read_header(data)

    assert found is None
    assert (where, code) in [(one.where, one.code) for one in findings]


def test_broken_values_are_told_without_being_named() -> None:
    broken = image(PatientBirthDate="17/05/1980", StudyTime="morning")

    found, findings = dicom.read_header(as_file(broken))

    assert found is not None
    assert (found.birth_date, found.studied_at) == ("", "20261120")
    assert {(one.where, one.code) for one in findings} == {("(0010,0030)", "date"), ("(0008,0030)", "time")}
    assert not any("1980" in str(one) or "morning" in str(one) for one in findings)


@pytest.mark.parametrize("made", [image, report, lambda: selection(1, 2)], ids=["image", "report", "selection"])
def test_fuzzed_bytes_are_read_or_told_and_never_fail(made: object) -> None:
    whole = as_file(made())  # type: ignore[operator]  # one of the makers above
    chance = random.Random(20261120)  # noqa: S311 — the same bytes in every run
    for _ in range(300):
        data = bytearray(whole[: chance.randrange(132, len(whole) + 1)])
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        for read in (dicom.read_header, dicom.read_structured_report, dicom.read_key_object):
            found, findings = read(bytes(data))
            assert found is not None or findings
        picture, findings = dicom.draw_picture(bytes(data), longest=32)
        assert picture is not None or findings


@pytest.mark.parametrize("uid", ["1.2.840.10008.5.1.4.1.1.3", "1.2.840.10008.5.1.4.1.1.6"])
def test_classes_by_which_old_ultrasound_devices_send_are_taken(uid: str) -> None:
    """Retired in 1994, and still sent: multi-frame and single images."""
    assert dicom.storage_classes()[uid].kind is dicom.Kind.IMAGE
