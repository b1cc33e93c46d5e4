"""Published objects, read in place: their names decoded, their tree shown, their image drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from lienthong.interop import dicom
from lienthong.interop.dicom._dataset import Elements, open_dataset
from lienthong.interop.dicom._person_name import name_of

SHARED = Path(__file__).parents[5] / "shared/data/dicom"

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not SHARED.exists(), reason="shared data is absent")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("chrFren", "Buc Jérôme"),
        ("chrFrenMulti", "Buc Jérôme"),
        ("chrGerm", "Äneas Rüdiger"),
        ("chrKoreanMulti", "김희중"),
        ("chrRuss", "Люкceмбypг"),
        ("chrX1", "王小東"),
        ("chrX2", "王小东"),
    ],
)
def test_name_is_decoded(name: str, shown: str) -> None:
    found, findings = dicom.read_header((SHARED / f"charset/{name}.dcm").read_bytes())

    assert findings == ()
    assert found is not None
    assert found.patient_name is not None
    assert found.patient_name.display == shown


def test_item_of_a_sequence_has_character_sets_of_its_own() -> None:
    dataset, _ = open_dataset((SHARED / "charset/chrSQEncoding.dcm").read_bytes())
    assert dataset is not None

    (item,) = Elements(dataset, []).items("RequestedProcedureCodeSequence")

    name = name_of(item, "PatientName")
    assert name is not None
    assert (name.ideographic.display, name.alphabetic.family) == ("山田太郎", "ﾔﾏﾀﾞ")


def test_comprehensive_report_is_read_to_its_last_item() -> None:
    found, findings = dicom.read_structured_report((SHARED / "test-SR.dcm").read_bytes())

    assert findings == ()
    assert found is not None
    items = {one.place: one for one in found.root.walk()}
    assert len(items) == 29
    assert items["1.2.2"].display == "3 cm"
    assert items["1.4"].references[0].sop_instance_uid == "9.8.7.6"
    assert items["1.5"].references[0].frames == (5, 2)
    assert items["1.3.3.1"].refers_to == "1.3.2"
    assert [one.name.display for one in found.observers if one.name] == ["Riesmeier Jörg", "Observer Verifying"]


def test_compressed_ultrasound_image_is_drawn() -> None:
    picture, findings = dicom.draw_picture((SHARED / "US1_J2KI.dcm").read_bytes(), longest=240)

    assert findings == ()
    assert picture is not None
    assert picture.startswith(b"\xff\xd8")
