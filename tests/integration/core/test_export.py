"""Tables as Excel files hold whatever a sender wrote, as text."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from lienthong.core.export import workbook_bytes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('=HYPERLINK("http://evil")', '=HYPERLINK("http://evil")'),
        ("@SUM(1)", "@SUM(1)"),
        ("-1+1", "-1+1"),
        ("LAB\x01\x0bX", "LAB��X"),
    ],
    ids=["formula", "at", "minus", "control characters"],
)
def test_what_a_sender_wrote_is_text_in_rows_and_titles(text: str, shown: str) -> None:
    data = workbook_bytes("t", [text], [[text]])

    page = load_workbook(io.BytesIO(data)).active

    assert page is not None
    assert [(cell.value, cell.data_type) for row in page.iter_rows() for cell in row] == [(shown, "s")] * 2
