from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.hl7v2 import decode, encode, find_codec, parse, write

TONES = "\u0300\u0301\u0303\u0309\u0323"
VIETNAMESE = ["VISCII", "TCVN5712-1", "TCVN5712-2", "TCVN3", "VNI"]
SMALL = [one for one in unicodedata.normalize("NFC", "ăâêôơưđ" + "".join(v + t for v in "aăâeêioôơuưy" for t in TONES))]
VECTORS = Path(__file__).parents[5] / "shared/data/charsets/vectors.json"


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
        ("8859/16", "iso8859-16"),
        ("TCVN3", "tcvn3"),
        ("TCVN5712-1:1993", "tcvn5712-1"),
        ("VISCII", "viscii"),
        ("VNI-Windows", "vni"),
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
        ("BIG-5", bytes.fromhex("b3afb773"), "陳新"),
        ("VISCII", bytes.fromhex("4e677579ad6e"), "Nguyễn"),
        ("TCVN5712-1", bytes.fromhex("4e677579d46e2080"), "Nguyễn À"),
        ("TCVN3", bytes.fromhex("4e475559d44e"), "NGUYỄN"),
        ("VNI", bytes.fromhex("4e67757965e36e20d161f86f"), "Nguyễn Đào"),
        ("~ISO IR87", bytes.fromhex("1b24423b3345441b2842"), "山田"),
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
        ("TCVN3", b"Nguy\x80n", "PID-5", "charset-mismatch"),
        ("VNI", b"Ng\xf9uy", "PID-5", "charset-mismatch"),
        ("8859/1", b"M\x81ller", "PID-5", "charset-mismatch"),
        ("GBK", "王".encode("gbk") + b"^\xe2\x7c\xff\xff", "PID-5", "charset-mismatch"),
        ("EBCDIC", b"Nguy\xd4n", "MSH-18", "charset-unknown"),
    ],
)
def test_decode_wrong_charset_names_the_place_and_no_value(charset: str, name: bytes, where: str, code: str) -> None:
    decoded, findings = decode(message(charset=charset, name=name))

    assert decoded is None
    assert [(finding.where, finding.code) for finding in findings] == [(where, code)]
    assert "ller" not in str(findings[0])
    assert "Ng" not in str(findings[0])


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


@given(
    st.binary(max_size=100),
    st.sampled_from(["UNICODE UTF-8", "GB 18030-2000", "BIG-5", "8859/2", "~ISO IR87", *VIETNAMESE]),
)
def test_decode_arbitrary_bytes_never_raise(data: bytes, charset: str) -> None:
    for sent in (data, message(charset=charset, name=data)):
        decoded, findings = decode(sent)

        assert (decoded is None) == bool(findings)


@pytest.mark.parametrize("charset", VIETNAMESE)
@given(data=st.data())
def test_encode_letters_of_a_vietnamese_set_decodes_to_the_same(charset: str, data: st.DataObject) -> None:
    codec = find_codec(charset)
    assert codec is not None
    text = data.draw(st.text(alphabet="".join(SMALL) + "ĂÂĐÊÔƠƯABCxyz 0123|^", max_size=30))

    try:
        written = encode(text, codec)
    except UnicodeEncodeError:
        assert charset == "TCVN3"  # where only the font would tell the case
    else:
        assert written.decode(codec) == text


@pytest.mark.parametrize("charset", ["VISCII", "TCVN5712-1", "VNI", "WINDOWS-1258"])
def test_encode_every_vietnamese_letter_is_written(charset: str) -> None:
    codec = find_codec(charset)
    letters = "".join(SMALL) + "".join(SMALL).upper()
    assert codec is not None

    written = encode(letters, codec)

    assert len(SMALL) == 67
    assert unicodedata.normalize("NFC", written.decode(codec)) == letters


@pytest.mark.parametrize("charset", [*VIETNAMESE, "WINDOWS-1258", "8859/1", "ASCII"])
def test_encode_letter_that_the_set_lacks_is_refused(charset: str) -> None:
    codec = find_codec(charset)
    assert codec is not None

    with pytest.raises(UnicodeEncodeError):
        encode("王", codec)


@pytest.mark.parametrize(
    ("font", "expected"),
    [
        pytest.param("TRầN THị ý", "TRẦN THỊ Ý", id="all in capitals"),
        pytest.param("NGUYễN^ĐàO", "NGUYỄN^ĐÀO", id="the components of one field"),
        pytest.param("Lê Thị Hà", "Lê Thị Hà", id="small letters beside"),
        pytest.param("Lê", "Lê", id="one capital leaves it open"),
        pytest.param("NGUYễN Văn Hà", "NGUYỄN Văn Hà", id="family name in capitals"),
        pytest.param("GLU|Lê", "GLU|Lê", id="another field says nothing"),
    ],
)
def test_decode_tcvn3_capitals_of_the_font_are_found_as_far_as_the_text_tells(font: str, expected: str) -> None:
    sent = encode(font, "tcvn5712-2")

    decoded = sent.decode("tcvn3")

    assert decoded == expected
    assert encode(decoded, "tcvn3") == sent


def test_encode_tcvn3_capital_that_only_a_font_would_show_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError, match="case of a letter"):
        encode("HÀ", "tcvn3")


@pytest.mark.parametrize(("sent", "expected"), [(b"A\xf9", "Á"), (b"a\xd9", "á"), (b"\xd4\xd9", "Ớ"), (b"\xee", "ỵ")])
def test_decode_vni_mark_of_either_case_follows_its_vowel(sent: bytes, expected: str) -> None:
    assert sent.decode("vni") == expected


@pytest.mark.shared
@pytest.mark.skipif(not VECTORS.exists(), reason="shared data is absent")
def test_charset_vectors_decode_and_encode_as_iconv_does() -> None:
    vectors = json.loads(VECTORS.read_text())
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
        assert encode(vector["text"], codec) == data
        decoded += 1

    print(f"charset vectors: {decoded} decoded, {refused} refused")
    assert (decoded, refused) == (112, 23)
