"""A structured report in the inbox: its tree is shown, who it is of and what was written is not, until asked for."""

from __future__ import annotations

import pytest
from tests.unit.interop.dicom.objects import as_file, image, report

from lienthong.exchange.raw import RawMessage, show


def lines_of(raw: RawMessage) -> list[str]:
    return ["".join(piece.text for piece in line) for line in raw.lines]


@pytest.mark.parametrize("with_patient", [False, True])
def test_tree_is_shown_and_the_patient_only_where_asked_for(with_patient: bool) -> None:
    raw = show(as_file(report()), [], default_charset="utf-8", with_patient=with_patient)

    text = "\n".join(lines_of(raw))
    assert "1.2 NUM Length: 12.50 cm" in text
    assert "1.1 TEXT Findings" in text
    assert (raw.is_open, raw.is_unreadable) == (with_patient, False)
    for secret in ("BN-4711", "Nguyễn", "19800517", "nhu mô đều"):
        assert (secret in text) == with_patient


def test_object_that_is_no_report_shows_nothing_of_itself() -> None:
    raw = show(as_file(image()), [], default_charset="utf-8", with_patient=True)

    assert (raw.lines, raw.is_unreadable) == ((), True)
