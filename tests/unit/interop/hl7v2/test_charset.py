from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.hl7v2 import decode, encode, find_codec, parse, write

VECTORS = Path(__file__).parents[5] / "shared/data/charsets/vectors.json"
UNSUPPORTED = {"VISCII", "TCVN5712-1"}  # Python has no codec for them; a message that declares one is refused


def message(*, charset: str, name: bytes) -> bytes:
    return b"MSH|^~\\&|LIS|BV|||20261001||ORU^R01|1|P|2.5.1||||||" + charset.encode() + b"\rPID|1||7||" + name + b"\r"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("UNICODE", "utf-8"),
        ("UTF-8", "utf-8"),
        ("8859/1", "iso8859-1"),
        ("8859/15", "iso8859-15"),
        ("ASCII", "ascii"),
        ("GB 18030-2000", "gb18030"),
        ("BIG-5", "big5"),
        ("Windows-1258", "cp1258"),
        ("EBCDIC", None),
    ],
)
def test_find_codec_names_of_table_0211_are_known(declared: str, codec: str | None) -> None:
    assert find_codec(declared) == codec


@pytest.mark.parametrize(
    ("charset", "name", "expected"),
    [
        ("UNICODE UTF-8", "Nguyễn".encode(), "Nguyễn"),
        ("8859/1", b"M\xfcller", "Müller"),
        ("GB 18030-2000", bytes.fromhex("d5c5ceb0"), "张伟"),
        ("WINDOWS-1258", bytes.fromhex("4e677579eade6e"), "Nguyễn"),
        ("UTF-8~UNICODE", "Ngọc".encode(), "Ngọc"),
    ],
)
def test_decode_declared_charset_gives_the_text(charset: str, name: bytes, expected: str) -> None:
    decoded, findings = decode(message(charset=charset, name=name))

    assert findings == ()
    assert decoded is not None
    assert expected in decoded.text


@pytest.mark.parametrize(("default", "name"), [("utf-8", "c490"), ("windows-1258", "d0f26e68"), ("gbk", "d5c5")])
def test_decode_blank_charset_takes_the_default_of_the_source(default: str, name: str) -> None:
    decoded, _ = decode(message(charset="", name=bytes.fromhex(name)), default=default)

    assert decoded is not None
    assert decoded.codec == find_codec(default)


def test_decode_combining_marks_are_composed() -> None:
    decoded, _ = decode(message(charset="UNICODE UTF-8", name=unicodedata.normalize("NFD", "Nguyễn").encode()))

    assert decoded is not None
    assert "Nguyễn" in decoded.text


@pytest.mark.parametrize(
    ("charset", "name", "where", "code"),
    [
        ("UNICODE UTF-8", b"M\xfcller", "PID-5", "charset-mismatch"),
        ("ASCII", "Nguyễn".encode(), "PID-5", "charset-mismatch"),
        ("TCVN3", b"Nguy\xd4n", "MSH-18", "charset-unknown"),
    ],
)
def test_decode_wrong_charset_names_the_place_and_no_value(charset: str, name: bytes, where: str, code: str) -> None:
    decoded, findings = decode(message(charset=charset, name=name))

    assert decoded is None
    assert [(finding.where, finding.code) for finding in findings] == [(where, code)]
    assert "ller" not in str(findings[0])
    assert "Nguy" not in str(findings[0])


def test_decode_unknown_default_raises() -> None:
    with pytest.raises(ValueError, match="default must be a known character set"):
        decode(message(charset="", name=b""), default="klingon")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_parse_byte_order_mark_tells_the_charset(codec: str) -> None:
    text = message(charset="UNICODE", name="Nguyễn".encode()).decode()

    parsed, findings = parse(text.encode(codec))

    assert findings == ()
    assert parsed is not None
    assert parsed.get("PID-5") == "Nguyễn"


def test_write_windows_1258_returns_the_bytes() -> None:
    data = message(charset="WINDOWS-1258", name=bytes.fromhex("d0e3f26e67205468f22047d2ecc020") + b"\xc1nh")
    parsed, _ = parse(data)
    assert parsed is not None

    again, findings = parse(write(parsed))

    assert findings == ()
    assert again == parsed


@given(st.text(alphabet="aăâeêioôơuưyđAĂÂĐạảãàáặẳẵằắệểễềếợởỡờớựửữừứỵỷỹỳý ", max_size=30))
def test_encode_windows_1258_decodes_to_the_same_vietnamese(text: str) -> None:
    assert unicodedata.normalize("NFC", encode(text, "cp1258").decode("cp1258")) == text


@given(st.binary(max_size=100))
def test_decode_arbitrary_bytes_never_raise(data: bytes) -> None:
    decoded, findings = decode(data)

    assert (decoded is None) == bool(findings)


@pytest.mark.shared
@pytest.mark.skipif(not VECTORS.exists(), reason="shared data is absent")
def test_charset_vectors_decode_and_encode_as_iconv_does() -> None:
    vectors = [one for one in json.loads(VECTORS.read_text()) if one["charset"] not in UNSUPPORTED]
    decoded = refused = 0

    for vector in vectors:
        codec = find_codec(vector["charset"])
        assert codec is not None
        if vector["hex"] is None:
            with pytest.raises(UnicodeEncodeError):
                encode(vector["text"], codec)
            refused += 1
            continue
        data = bytes.fromhex(vector["hex"])
        assert unicodedata.normalize("NFC", data.decode(codec)) == unicodedata.normalize("NFC", vector["text"])
        assert unicodedata.normalize("NFC", encode(vector["text"], codec).decode(codec)) == vector["text"]
        decoded += 1

    print(f"charset vectors: {decoded} decoded, {refused} refused, VISCII and TCVN5712-1 not offered")
    assert decoded + refused == 111
