"""The content tree of structured reports, and key object selections."""

from __future__ import annotations

from decimal import Decimal

from pydicom.sequence import Sequence
from tests.unit.interop.dicom.objects import (
    FINDINGS,
    SERIES,
    STUDY,
    as_file,
    content,
    image,
    report,
    selection,
)

from lienthong.interop import dicom
from lienthong.interop.dicom import Code, Reference


def test_report_is_read_as_its_tree() -> None:
    found, findings = dicom.read_structured_report(as_file(report()))

    assert findings == ()
    assert found is not None
    assert [(one.place, one.value_type, one.display) for one in found.root.walk()] == [
        ("1", "CONTAINER", ""),
        ("1.1", "TEXT", "Gan không to, nhu mô đều."),
        ("1.2", "NUM", "12.50 cm"),
        ("1.3", "TEXT", "Chưa thấy bất thường."),
        ("1.4", "IMAGE", ""),
    ]
    assert found.title == Code("18748-4", "LN", "Diagnostic imaging study")
    assert (found.is_complete, found.is_verified, found.content_at) == (True, True, "20261120084000")
    assert found.procedure == Code("SAOB", "99RIS", "Siêu âm ổ bụng")


def test_number_keeps_its_digits_and_unit() -> None:
    found, _ = dicom.read_structured_report(as_file(report()))

    assert found is not None
    length = found.root.children[1]
    assert (length.text, length.number) == ("12.50", Decimal("12.50"))
    assert length.unit == Code("cm", "UCUM", "cm")


def test_image_of_a_report_is_placed_by_the_evidence() -> None:
    found, _ = dicom.read_structured_report(as_file(report()))

    assert found is not None
    assert found.images == (Reference("1.2.840.10008.5.1.4.1.1.6.1", f"{SERIES}.1", STUDY, SERIES),)


def test_object_of_another_class_is_no_report() -> None:
    found, findings = dicom.read_structured_report(as_file(image()))

    assert found is None
    assert [(one.where, one.code) for one in findings] == [("(0008,0016)", "sop-class")]


def test_tree_deeper_than_any_report_is_cut_and_told() -> None:
    item = content("TEXT", FINDINGS, TextValue="last")
    for _ in range(80):
        item = content("CONTAINER", ContentSequence=Sequence([item]))

    found, findings = dicom.read_structured_report(as_file(report(ContentSequence=Sequence([item]))))

    assert found is not None
    assert [one.code for one in findings] == ["too-deep"]


def test_key_object_names_its_images_and_why() -> None:
    found, findings = dicom.read_key_object(as_file(selection(1, 3)))

    assert findings == ()
    assert found is not None
    assert found.title == Code("113000", "DCM", "Of Interest")
    assert found.description == "Sỏi túi mật 8 mm"
    assert [one.sop_instance_uid for one in found.references] == [f"{SERIES}.1", f"{SERIES}.3"]
    assert {one.study_uid for one in found.references} == {STUDY}
