"""Rows of a stay in the words of HL7: which text is the value, which are comments, and what the code is."""

from __future__ import annotations

import pytest
from tests.factories.national import GLUCOSE, PATIENT, Row, export

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import OruOrder, PatientResults
from lienthong.interop.vn_xml import Reading, read_stays, results_of


def read(*results: Row, patient: Row | None = PATIENT) -> tuple[PatientResults | None, list[Finding]]:
    (stay,) = read_stays(export(patient, results=results), Reading())
    findings: list[Finding] = []
    return results_of(stay, findings), findings


def only_order(*results: Row) -> OruOrder:
    found, _ = read(*results)
    assert found is not None
    (order,) = found.orders
    return order


@pytest.mark.parametrize(
    ("changes", "value", "comments"),
    [
        ({}, "5.6", []),
        ({"MO_TA": "Mẫu vỡ hồng cầu"}, "5.6", ["Mẫu vỡ hồng cầu"]),
        ({"MO_TA": "Có mọc", "KET_LUAN": "E. coli"}, "5.6", ["Có mọc", "E. coli"]),
        ({"GIA_TRI": "", "MO_TA": "Gan không to", "KET_LUAN": "Bình thường"}, "Bình thường", ["Gan không to"]),
        ({"GIA_TRI": "", "MO_TA": "Gan không to"}, "Gan không to", []),
        ({"GIA_TRI": "***", "KET_LUAN": "Âm tính", "MO_TA": "Âm tính"}, "Âm tính", []),
    ],
    ids=["value", "description", "both", "conclusion", "description alone", "the same twice"],
)
def test_value_is_the_first_of_value_conclusion_and_description(changes: Row, value: str, comments: list[str]) -> None:
    (one,) = only_order({**GLUCOSE, **changes}).observations

    assert one.values == (value,)
    assert [comment.text for comment in one.comments] == comments


@pytest.mark.parametrize(
    ("changes", "code", "sub_id"),
    [
        ({}, ("MA_CHI_SO", "GLU01"), "23.0075.1494"),
        ({"MA_CHI_SO": ""}, ("MA_DICH_VU", "23.0075.1494"), ""),
        ({"MA_CHI_SO": "", "TEN_CHI_SO": ""}, ("MA_DICH_VU", "23.0075.1494"), ""),
    ],
    ids=["index", "service", "service without a name"],
)
def test_code_is_the_index_else_the_service(changes: Row, code: tuple[str, str], sub_id: str) -> None:
    (one,) = only_order({**GLUCOSE, **changes}).observations

    assert one.code.codes == (code,)
    assert one.sub_id == sub_id
    assert one.code.display == ("Định lượng Glucose" if "TEN_CHI_SO" in changes else "Glucose")


def test_times_are_those_of_order_and_release_and_none_is_of_measurement() -> None:
    order = only_order(GLUCOSE)

    (one,) = order.observations
    told = [at.text for at in (order.collected_at, order.requested_at, order.reported_at) if at]
    assert told == ["202611200700", "202611200700", "202611200830"]
    assert (one.analysed_at, one.observed_at) == (None, None)
    assert (order.result_status, one.status, order.requester) == ("F", "F", "0001234/HN-CCHN")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Nguyễn Thị Đào", ("Nguyễn", "Thị", "Đào")),
        ("Lê  Văn Minh Anh", ("Lê", "Văn Minh", "Anh")),
        ("Mai Anh", ("Mai", "", "Anh")),
        ("Y", ("Y", "", "")),
        ("", ("", "", "")),
    ],
)
def test_name_is_parted_as_vietnamese_names_run(name: str, parts: tuple[str, str, str]) -> None:
    found, _ = read(GLUCOSE, patient={**PATIENT, "HO_TEN": name})

    assert found is not None
    (one,) = found.patient.names
    assert (one.family, one.middle, one.given) == parts
    assert found.patient.full_name == " ".join(name.split())


def test_stay_without_its_summary_has_no_results() -> None:
    assert read(GLUCOSE, patient=None) == (None, [])
