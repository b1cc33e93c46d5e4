"""Files as people see them: the patient hidden, what a finding names marked, and nothing lost when all is shown."""

from __future__ import annotations

import pytest
from tests.factories.national import GLUCOSE, LINK, document, examination, export

from lienthong.exchange.deliveries import vn_xml
from lienthong.exchange.raw import RawMessage, show
from lienthong.findings import Finding

NOTED = {**GLUCOSE, "GIA_TRI": "Âm tính", "MO_TA": "Bệnh nhân Nguyễn Thị Đào, mẫu tốt"}
PIECE = vn_xml.split(export(results=(GLUCOSE, NOTED))).pieces[0].raw


def shown(data: bytes, *, with_patient: bool, findings: tuple[Finding, ...] = ()) -> RawMessage:
    return show(data, findings, default_charset="utf-8", with_patient=with_patient, codes=("GLU01",))


def text_of(message: RawMessage) -> str:
    return "\n".join("".join(piece.text for piece in line) for line in message.lines)


@pytest.mark.parametrize(
    ("data", "secrets", "public"),
    [
        (PIECE, ("Nguyễn", "001180012345", "BN000417", LINK, "Âm tính", "mẫu tốt"), ("5.6", "mmol/L", "GLU01")),
        (document(charset="GB18030"), ("李晓梅", "360727199003071244", "MZ20261120001", "19900307"), ("GLU", "5.6")),
        (examination(), ("李晓梅", "肝脏大小", "未见明显异常"), ("US-ABD",)),
    ],
    ids=["export", "laboratory", "examination"],
)
def test_patient_is_hidden_until_asked_for(data: bytes, secrets: tuple[str, ...], public: tuple[str, ...]) -> None:
    closed, opened = shown(data, with_patient=False), shown(data, with_patient=True)

    hidden = (
        secrets if data != PIECE else tuple(one for one in secrets if one != LINK)
    )  # it is in the number of the report
    assert not any(secret in text_of(closed) for secret in hidden)
    assert all(one in text_of(closed) for one in public)
    assert all(one in text_of(opened) for one in (*secrets, *public))
    assert not any(piece.is_hidden for line in opened.lines for piece in line)
    assert not closed.is_unreadable


def test_element_that_a_finding_names_and_code_that_waits_are_marked() -> None:
    found = (Finding("XML4/CHI_TIET_CLS[1]/DON_VI_DO", "unit", "so"),)

    marked = [piece.text for line in shown(PIECE, with_patient=True, findings=found).lines for piece in line
              if piece.is_faulty]  # fmt: skip

    assert marked == ["GLU01", "mmol/L", "GLU01"]


def test_what_is_no_xml_is_shown_as_bytes() -> None:
    broken = shown(b"<GIAMDINHHS><HOSO>", with_patient=True)

    assert broken.is_unreadable
    assert text_of(broken) == "<GIAMDINHHS><HOSO>"
