"""Files that were changed anywhere become reports, or are refused with a reason; nothing else happens."""

from __future__ import annotations

from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from tests.factories.national import (
    GLUCOSE,
    GLUCOSE_ORDER,
    cluster,
    document,
    envelope,
    examination,
    export,
    flat,
    item,
    section,
    stay,
)
from tests.unit.interop.test_mutated_exports import mutated

from lienthong.exchange.deliveries import cn_cda, vn_xml
from lienthong.exchange.deliveries.element_places import in_file
from lienthong.exchange.deliveries.raw_markup import lay_out_markup
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.exchange.wording import FINDINGS, REASONS

SOURCE = SourceFacts(
    id=1,
    code="SX",
    name="An Phú",
    facility_id=1,
    facility_code="01001",
    laboratory_id=1,
    region_path=("VN",),
    zone=ZoneInfo("Asia/Ho_Chi_Minh"),
    default_charset="utf-8",
)
LATER = {**GLUCOSE_ORDER, "NGAY_YL": "202611201400", "NGAY_KQ": "202611201500"}
EXPORTS = (
    export(
        services=(GLUCOSE_ORDER, LATER), results=(GLUCOSE, {**GLUCOSE, "MA_CHI_SO": ""}, {**GLUCOSE, "GIA_TRI": ""})
    ),
    envelope(stay(), stay(services=())),
)
DOCUMENTS = (document(section(cluster(item()), flat(item("K")))), document(replaces="RN000", numbers=""), examination())
# What HL7 v2 tells of a message, in words that are its own.
COMMON = {"structure", "no-results"}


@given(mutated(EXPORTS))
@settings(max_examples=200, deadline=None)
def test_mutated_export_becomes_reports_or_is_refused(data: bytes) -> None:
    check(vn_xml, data)


@given(mutated(DOCUMENTS))
@settings(max_examples=200, deadline=None)
def test_mutated_document_becomes_a_report_or_is_refused(data: bytes) -> None:
    check(cn_cda, data)


@pytest.mark.parametrize(("kind", "data"), [(vn_xml, EXPORTS[0]), (cn_cda, DOCUMENTS[0])], ids=["export", "document"])
def test_split_gives_the_same_pieces_each_time(kind: ModuleType, data: bytes) -> None:
    first, second = kind.split(data), kind.split(data)

    assert first == second
    assert len({piece.number for piece in first.pieces}) == len(first.pieces) > 0


def check(kind: ModuleType, data: bytes) -> None:
    """Split a file and read its pieces: each place is named once, and each reason and finding has words."""
    found = kind.split(data)
    told = [*found.findings]
    reasons: set[str] = set()
    for piece in found.pieces:
        lay_out_markup(piece.raw, (), with_patient=False, codes=())
        try:
            oru, findings = kind.parse(piece.raw, SOURCE)
        except Unstorable as error:
            reasons.add(error.reason)
            told += error.findings
            continue
        told += in_file(kind.MESSAGE_TYPE, findings)
        positions = [one.position for order in oru.orders for one in order.observations]
        assert len(set(positions)) == len(positions)
        assert {order.filler_order_number for order in oru.orders} <= {piece.number}
    assert reasons <= REASONS.keys()
    assert {one.code for one in told} <= FINDINGS.keys() | COMMON
