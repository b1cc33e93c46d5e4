"""The gateway's answer: its names, its codes, and no value of a patient."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from lienthong.findings import Finding
from lienthong.interop.vn_xml import GatewayState, gateway_answer

AT = dt.datetime(2026, 11, 26, 8, 15, tzinfo=dt.timezone(dt.timedelta(hours=7)))


@pytest.mark.parametrize(
    ("state", "result", "words"),
    [
        ("received", "200", "Đã tiếp nhận"),
        ("partly", "200", "Đã xử lý một phần"),
        ("refused", "400", "Không tiếp nhận"),
    ],
)
def test_answer_names_the_transaction_and_its_state(state: GatewayState, result: str, words: str) -> None:
    answer = gateway_answer("7f0c", state, received_at=AT)

    assert msgspec.to_builtins(answer) == {
        "maKetQua": result,
        "maGiaoDich": "7f0c",
        "trangThai": state,
        "maLoi": "",
        "thoiGianTiepNhan": "20261126081500",
        "thongDiep": words,
        "chiTiet": (),
    }


def test_first_finding_is_the_error_and_all_are_in_detail() -> None:
    findings = (Finding("XML1", "patient-missing", "XML1 is missing."), Finding("XML4", "xml", "XML4 is no XML."))

    answer = msgspec.to_builtins(gateway_answer("7f0c", "refused", received_at=AT, findings=findings))

    assert (answer["maLoi"], answer["thongDiep"]) == ("patient-missing", "XML1 is missing.")
    assert answer["chiTiet"] == (
        {"viTri": "XML1", "maLoi": "patient-missing", "moTa": "XML1 is missing."},
        {"viTri": "XML4", "maLoi": "xml", "moTa": "XML4 is no XML."},
    )
