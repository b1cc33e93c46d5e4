"""Results find their services: by code, by the time of the result, else by the earliest order that may be meant."""

from __future__ import annotations

import pytest
from tests.factories.national import GLUCOSE, GLUCOSE_ORDER, LINK, Row, export

from lienthong.interop.vn_xml import Reading, ServiceOrder, Stay, join, read_stays, write_piece

FIRST = {**GLUCOSE_ORDER, "NGAY_YL": "202611200600", "NGAY_KQ": "202611200700", "MA_MAY": "A"}
SECOND = {**GLUCOSE_ORDER, "STT": "2", "NGAY_YL": "202611201400", "NGAY_KQ": "202611201500", "MA_MAY": "B"}


def joined(*services: Row, results: tuple[Row, ...]) -> tuple[Stay, tuple[ServiceOrder, ...], list[str]]:
    (stay,) = read_stays(export(services=services, results=results), Reading())
    orders, findings = join(stay)
    return stay, orders, [one.code for one in findings]


def test_two_services_of_one_code_on_a_day_are_told_apart_by_the_time_of_the_result() -> None:
    results = ({**GLUCOSE, "NGAY_KQ": "202611201500"}, {**GLUCOSE, "NGAY_KQ": "202611200700"})

    _, orders, codes = joined(FIRST, SECOND, results=results)

    assert codes == []
    assert [(one.number, one.results[0].devices) for one in orders] == [
        (f"{LINK}/202611201400", ("B",)),
        (f"{LINK}/202611200600", ("A",)),
    ]


@pytest.mark.parametrize(
    ("result_at", "number", "codes"),
    [
        ("202611201600", "202611200600", ["order-ambiguous"]),
        ("202611201200", "202611200600", []),
        ("202611200500", "KQ20261120", ["order-after-result"]),
        ("", "202611200600", ["order-ambiguous"]),
    ],
    ids=["after both", "before the second order", "before both", "not told"],
)
def test_earliest_order_that_may_be_meant_stands_for_the_collection(
    result_at: str, number: str, codes: list[str]
) -> None:
    _, orders, found = joined(FIRST, SECOND, results=({**GLUCOSE, "NGAY_KQ": result_at},))

    assert [one.number for one in orders] == [f"{LINK}/{number}"]
    assert found == codes
    assert orders[0].results[0].devices == (("A",) if number == "202611200600" and not codes else ())


def test_order_of_unknown_time_among_those_meant_leaves_the_time_unknown() -> None:
    timeless = {key: value for key, value in SECOND.items() if key not in ("NGAY_YL", "NGAY_KQ")}

    _, orders, _ = joined(FIRST, timeless, results=({**GLUCOSE, "NGAY_KQ": "202611201600"},))

    assert [one.ordered_at for one in orders] == [None]


def test_result_without_service_has_no_time_of_order() -> None:
    _, orders, codes = joined(results=(GLUCOSE,))

    assert [(one.number, one.ordered_at) for one in orders] == [(f"{LINK}/KQ20261120", None)]
    assert codes == ["service-unknown"]


def test_services_without_results_make_no_order() -> None:
    _, orders, codes = joined(FIRST, SECOND, results=())

    assert (orders, codes) == ((), [])


def test_piece_joins_as_the_whole_did_and_holds_nothing_of_other_orders() -> None:
    other = {**GLUCOSE, "MA_DICH_VU": "23.0206.1596", "MA_CHI_SO": "URI", "GIA_TRI": "âm tính &amp; sạch"}
    urine = {**GLUCOSE_ORDER, "MA_DICH_VU": "23.0206.1596", "NGAY_YL": "202611200900", "NGAY_KQ": "202611201000"}
    stay, orders, _ = joined(FIRST, SECOND, urine, results=(GLUCOSE, {**other, "NGAY_KQ": "202611201000"}))

    pieces = [write_piece(stay, one) for one in orders]

    for piece, order in zip(pieces, orders, strict=True):
        reading = Reading()
        (again,) = read_stays(piece, reading)
        (back,), _ = join(again)
        assert reading.findings == []
        assert (back.number, back.ordered_at) == (order.number, order.ordered_at)
        assert [one.result.value for one in back.results] == [one.result.value for one in order.results]
        assert again.patient is not None
        assert stay.patient is not None
        assert again.patient.name == stay.patient.name
    assert b"T_BHTT" not in pieces[0]
    assert b"URI" not in pieces[0]
