"""Bytes of any character set to safe trees; what is no XML, or would have to be fetched, is refused."""

from __future__ import annotations

from codecs import BOM_UTF8

import pytest

from lienthong.findings import Finding
from lienthong.interop.sent_xml import elements, parse, readable, root_name

TEXT = "检验 Đào"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("GB18030", "gb18030"),
        ("gb2312", "gb18030"),
        ("UTF-16", "utf-16"),
        ("utf-16", "utf-16-le"),
        ("GBK", "utf-8-sig"),
    ],
    ids=["utf-8", "mark", "gb18030", "part of it", "utf-16", "without mark", "mark against declaration"],
)
def test_text_of_a_character_set_is_read(declared: str, codec: str) -> None:
    node, findings = parse(f'<?xml version="1.0" encoding="{declared}"?><a>{TEXT}</a>'.encode(codec))

    assert node is not None
    assert (node.text, findings) == (TEXT, ())


def test_declaration_of_utf_16_before_utf_8_is_told_and_not_followed() -> None:
    node, findings = parse(f'<?xml version="1.0" encoding="utf-16"?><a>{TEXT}</a>'.encode())

    assert node is not None
    assert node.text == TEXT
    assert [one.code for one in findings] == ["charset-declaration"]


def test_vietnamese_set_with_marks_apart_is_composed() -> None:
    apart = "<?xml version='1.0' encoding='windows-1258'?><a>Tuâ\u0301n</a>".encode("cp1258")

    node, _ = parse(apart)

    assert node is not None
    assert node.text == "Tuấn"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "doctype"),
        (b'<?xml version="1.0"?><!-- so --> <!doctype a SYSTEM "http://example.org/a.dtd"><a/>', "doctype"),
        (2 * BOM_UTF8 + b'<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>', "charset"),
        (b" " + BOM_UTF8 + b'<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>', "charset"),
        ('\ufeff\ufeff<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>'.encode("utf-16-le"), "charset"),
        (b"<a>&x;</a>", "xml"),
        (b"<a>\xff</a>", "charset"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "charset"),
        (b'<?xml version="1.0" encoding="GB18030"?><a>\xff\xff</a>', "charset"),
        (b"<a><b></a>", "xml"),
        (b"", "xml"),
        (b"MSH|^~\\&|", "xml"),
        (b"<a>" + b"<b>" * 200 + b"</b>" * 200 + b"</a>", "xml"),
    ],
    ids=[
        *("entity", "outside", "second mark", "mark after a blank", "second mark of utf-16", "unknown entity"),
        *("not utf-8", "no set", "not gb18030", "open", "empty", "hl7", "deep"),
    ],
)
def test_what_can_not_be_read_safely_is_a_finding(data: bytes, code: str) -> None:
    node, findings = parse(data, "XML4")

    assert node is None
    assert [(one.where, one.code) for one in findings] == [("XML4", code)]


def test_elements_come_one_after_the_other_and_a_broken_end_is_told() -> None:
    decoded, _ = readable(b"<r><h><f>1</f><h>within</h></h><x/><h><f>2</f></h><h><f>")
    findings: list[Finding] = []

    found = [one.whole_text for one in elements(decoded or b"", ("h",), "file", findings)]

    assert found == ["1\nwithin", "2"]
    assert [one.code for one in findings] == ["xml"]


def test_root_is_named_without_reading_the_rest() -> None:
    assert root_name(b"\xef\xbb\xbf<?xml version='1.0'?><v3:ClinicalDocument xmlns:v3='urn:hl7-org:v3'><broken") == (
        "ClinicalDocument"
    )
    assert root_name(b"{}") == ""


def test_marks_of_windows_1258_do_not_take_the_square_of_their_number() -> None:
    """Without a bound this would take minutes."""
    acute, dot_below = b"\xec" * 100_000, b"\xf2" * 100_000

    node, findings = parse(b'<?xml version="1.0" encoding="windows-1258"?><a>' + acute + dot_below + b"</a>")

    assert node is not None
    assert node.text.count("\u0323") == len(dot_below)
    assert findings == ()
