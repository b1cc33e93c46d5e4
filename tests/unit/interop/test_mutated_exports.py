"""Bytes of exports and documents that were changed anywhere never crash a reader, and never tell a patient's value."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.national import (
    GLUCOSE,
    GLUCOSE_ORDER,
    PATIENT,
    cluster,
    document,
    envelope,
    examination,
    export,
    flat,
    item,
    section,
    stay,
    table,
)

from lienthong.findings import Finding
from lienthong.interop import cn_cda, sent_xml, vn_xml
from lienthong.interop.vn_xml import Reading

EXPORTS = (
    export(),
    envelope(stay(), stay(services=())),
    table("XML4", GLUCOSE, GLUCOSE),
    table("XML3", GLUCOSE_ORDER),
    table("XML1", PATIENT),
    table("XML4", GLUCOSE, declared="utf-16", codec="utf-16"),
)
DOCUMENTS = (
    document(section(cluster(item()), flat(item("K")))),
    document(charset="GB18030"),
    examination(),
)
PIECES = st.sampled_from(
    [b"<", b">", b"/", b"&", b"&amp;", b"\0", b"\xff", b"\xfe\xff", b"<!DOCTYPE", b"]]>", b"<a>", b"</HOSO>", b"="]
)


@st.composite
def mutated(draw: st.DrawFn, samples: tuple[bytes, ...]) -> bytes:
    """Bytes of a sample with up to eight places cut out, doubled, or overwritten."""
    data = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        change = draw(st.one_of(PIECES, st.binary(max_size=4), st.just(data[start:end] * 2)))
        data = data[:start] + change + data[end:]
    return data


@given(mutated(EXPORTS))
@settings(max_examples=300, deadline=None)
def test_mutated_export_is_read_or_told(data: bytes) -> None:
    reading = Reading()

    stays = list(vn_xml.read_stays(data, reading))

    for one in stays:
        orders, findings = vn_xml.join(one)
        reading.findings += findings
        for order in orders:
            assert list(vn_xml.read_stays(vn_xml.write_piece(one, order), Reading()))
    assert stays or reading.findings or not vn_xml.is_export(data) or b"CHI_TIET" not in data
    check_findings(reading.findings)


@given(mutated(DOCUMENTS))
@settings(max_examples=300, deadline=None)
def test_mutated_document_is_read_or_told(data: bytes) -> None:
    found, findings = cn_cda.read_document(data)

    assert found is not None or findings
    check_findings(findings)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    assert not list(vn_xml.read_stays(data, Reading()))
    assert cn_cda.read_document(data)[0] is None
    sent_xml.root_name(data)


@given(mutated((table("XML4", GLUCOSE),)))
@settings(max_examples=200, deadline=None)
def test_mutated_table_within_an_envelope_is_read_or_told(data: bytes) -> None:
    inner = base64.b64encode(data).decode()
    file = f"<FILEHOSO><LOAIHOSO>XML4</LOAIHOSO><NOIDUNGFILE>{inner}</NOIDUNGFILE></FILEHOSO>"
    reading = Reading()

    stays = list(vn_xml.read_stays(envelope(f"<HOSO>{file}</HOSO>"), reading))

    assert len(stays) + len(reading.findings) > 0 or b"CHI_TIET_CLS" not in data
    check_findings(reading.findings)


@pytest.mark.parametrize("size", [10, 1_000, 20_000])
def test_elements_within_one_another_are_refused_and_not_followed(size: int) -> None:
    deep = b"<HOSO>" * size + b"</HOSO>" * size
    reading = Reading()

    assert not list(vn_xml.read_stays(b"<GIAMDINHHS>" + deep + b"</GIAMDINHHS>", reading))
    assert cn_cda.read_document(b"<ClinicalDocument>" + deep + b"</ClinicalDocument>")[0] is None


def check_findings(findings: list[Finding] | tuple[Finding, ...]) -> None:
    """A finding names its place and code, and none of the samples' values."""
    for one in findings:
        assert one.where
        assert one.code
        assert not any(secret in one.message for secret in ("Nguyễn", "001180012345", "李晓梅", "360727199003071244"))
