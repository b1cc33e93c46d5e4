from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.hl7v2.effort import examples

from lienthong.interop.hl7v2 import Delimiters, Message, escape, header, parse, split_batch, unescape, write

ORU = (
    "MSH|^~\\&|LIS^1.2^ISO|BVDK|LT||20261002080000+0700||ORU^R01^ORU_R01|42|P|2.5.1|||AL|NE||UNICODE UTF-8\r"
    "PID|1||123^^^BVDK&1.2.3&ISO^MR~079199000001^^^^NI||Nguyễn^Đức^Văn^^^^L\r"
    "OBR|1||F1|718-7^HGB^LN\r"
    "OBX|1|NM|718-7^HGB^LN||135|g/L|130-170|N|||F\r"
    "OBX|2|ST|X^A\\T\\B||a\\F\\b\\S\\c\\E\\d\\.br\\e\\X41\\||||||F\r"
)


def parsed(text: str) -> Message:
    message, findings = parse(text.encode())
    assert findings == ()
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("MSH-1", "|"),
        ("MSH-2", "^~\\&"),
        ("MSH-3.2", "1.2"),
        ("MSH-9.3", "ORU_R01"),
        ("PID-3", "123"),
        ("PID-3[1].4", "BVDK"),
        ("PID-3[1].4.2", "1.2.3"),
        ("PID-3[2]", "079199000001"),
        ("PID-3[2].5", "NI"),
        ("PID-3[3]", ""),
        ("PID-5.2", "Đức"),
        ("OBX-5", "135"),
        ("OBX(2)-3.2", "A&B"),
        ("OBX(2)-5", "a|b^c\\d\neA"),
        ("OBX(3)-5", ""),
        ("ZZZ-1", ""),
        ("PID-99", ""),
    ],
)
def test_get_path_gives_the_text_at_the_place(path: str, expected: str) -> None:
    assert parsed(ORU).get(path) == expected


@pytest.mark.parametrize("path", ["PID", "PID-0", "PID-3[0]", "pid-3", "PID-3.", "PID.3"])
def test_get_malformed_path_raises(path: str) -> None:
    with pytest.raises(ValueError, match="path must look like"):
        parsed(ORU).get(path)


@pytest.mark.parametrize("separator", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CR LF"])
def test_parse_any_segment_separator_gives_the_same_message(separator: str) -> None:
    assert parsed(ORU.replace("\r", separator)) == parsed(ORU)


def test_parse_line_feed_inside_a_field_stays_text() -> None:
    message = parsed("MSH|^~\\&|A\rOBX|1|TX|||first\nsecond line|\rOBX|2\nNTE|1\r")

    assert message.get("OBX-5") == "first\nsecond line"
    assert [segment.name for segment in message] == ["MSH", "OBX", "OBX", "NTE"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("MSH|^~\\&|", Delimiters()),
        ("MSH|^~\\&#|", Delimiters(truncation="#")),
        ("MSH|^~&|", Delimiters(escape="")),
        ("MSH|^~\\|", Delimiters(subcomponent="")),
        ("MSH|^|", Delimiters(repetition="", escape="", subcomponent="")),
        ("MSH$%~\\&$", Delimiters(field="$", component="%")),
    ],
)
def test_parse_delimiters_are_those_of_the_header(start: str, expected: Delimiters) -> None:
    assert parsed(start + "\r").delimiters == expected


@pytest.mark.parametrize("start", ["MSH", "MSH|", "MSH||", "MSH|^^\\&|", "MSHA^~\\&A", "MSH|abcd|", "MSH|^~\\&#!|"])
def test_parse_unusable_delimiters_give_a_finding(start: str) -> None:
    message, findings = parse(start.encode())

    assert message is None
    assert [finding.code for finding in findings] == ["delimiters"]


def test_parse_without_escape_character_takes_backslashes_as_text() -> None:
    assert parsed("MSH|^~&|A\rOBX|1|ST|||C:\\T\\x").get("OBX-5") == "C:\\T\\x"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "header-missing"), (b"PID|1\r", "header-missing"), (b"MSH|^~\\&|\r???\r", "segment-name")],
)
def test_parse_what_is_no_message_gives_a_finding(data: bytes, code: str) -> None:
    _, findings = parse(data)

    assert [finding.code for finding in findings] == [code]


def test_parse_two_headers_give_a_finding() -> None:
    _, findings = parse(b"MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\r")

    assert [(finding.where, finding.code) for finding in findings] == [("line 3", "segment-name")]


def test_write_parsed_message_returns_every_byte() -> None:
    assert write(parsed(ORU)) == ORU.encode()


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("\\F\\\\S\\\\T\\\\R\\\\E\\", "|^&~\\"),
        ("a\\.br\\b", "a\nb"),
        ("a\\.sp2\\b", "a\n\nb"),
        ("\\H\\bold\\N\\", "bold"),
        ("\\XC490\\", "Đ"),
        ("\\XFF\\", "\\XFF\\"),
        ("\\Zabc\\", "\\Zabc\\"),
        ("C:\\dir\\T", "C:\\dir\\T"),
        ("100\\", "100\\"),
    ],
)
def test_unescape_sequences_of_the_standard_are_undone(sent: str, meant: str) -> None:
    assert unescape(sent) == meant


def test_unescape_hexadecimal_uses_the_character_set_of_the_message() -> None:
    assert unescape("\\XD0\\", codec="cp1258") == "Đ"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("\\M2442\\;3ED\\C2842\\ OK", "山田 OK"),
        ("\\C2842\\plain", "plain"),
        ("đ \\M2442\\;3", "đ \\M2442\\;3"),
        ("\\Zab\\ own", "\\Zab\\ own"),
    ],
    ids=["ISO-IR 87", "ASCII", "not of ISO 2022", "the sender's own"],
)
def test_unescape_announced_character_sets_are_read_where_they_can_be(sent: str, meant: str) -> None:
    assert unescape(sent) == meant


def test_write_mark_of_utf_8_that_msh_18_contradicts_is_kept() -> None:
    data = b"\xef\xbb\xbf" + ORU.replace("UNICODE UTF-8", "ASCII").encode()

    message, _ = parse(data)

    assert message is not None
    assert write(message) == data


def test_header_blank_kind_is_not_taken_for_a_blank_end_of_another() -> None:
    ends = [header(f"MSH|^~\\&|A|B|||||{kind}|1|{end}".encode()) for kind, end in (("", "P"), ("X", ""), ("P", "X"))]

    assert [(one.message_code, one.processing_id) for one in ends if one] == [("", "P"), ("X", ""), ("P", "X")]


@examples(200)
@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda tail: b"MSH|^~\\&|A|B" + tail))
def test_parse_any_bytes_never_raises(data: bytes) -> None:
    message, findings = parse(data)

    assert message is not None or findings
    assert message is None or parse(write(message))[0] == message


@examples(200)
@given(st.text(max_size=40), st.text("|^~\\&#ab \x1b", min_size=1, max_size=6))
def test_unescape_any_text_with_any_delimiters_never_raises(text: str, characters: str) -> None:
    delimiters = Delimiters(*characters[:6])

    assert isinstance(unescape(text, delimiters), str)


def test_escape_without_escape_character_raises_where_it_is_needed() -> None:
    without = Delimiters(escape="")

    assert escape("plain \\ text", without) == "plain \\ text"
    with pytest.raises(ValueError, match="no escape character"):
        escape("a|b", without)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from([Delimiters(), Delimiters(truncation="#")]))
def test_escape_then_unescape_is_the_identity(text: str, delimiters: Delimiters) -> None:
    escaped = escape(text, delimiters)

    assert unescape(escaped, delimiters) == text
    assert not set(escaped) & set("|^&~\r\n\x0b\x1c")


segments = st.lists(
    st.tuples(
        st.sampled_from(["PID", "OBR", "OBX", "NTE", "ZLT"]),
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Mn"]), max_size=8), max_size=6),
    ),
    max_size=6,
)


@given(segments)
def test_parse_write_parse_is_the_identity(tree: list[tuple[str, list[str]]]) -> None:
    data = "MSH|^~\\&|A\r" + "".join("|".join((name, *fields)) + "\r" for name, fields in tree)
    first, findings = parse(data.encode())
    assert first is not None

    assert findings == ()
    assert write(first) == data.encode()
    assert parse(write(first)) == (first, ())


@given(st.binary(max_size=200))
def test_parse_arbitrary_bytes_never_raise(data: bytes) -> None:
    for start in (b"", b"MSH", b"MSH|^~\\&|", b"MSH|^~\\&|LIS|BV|||20261001||ORU^R01|1|P|2.5.1\r"):
        message, findings = parse(start + data)
        header(start + data)
        split_batch(start + data)
        assert message is not None or findings


def test_header_broken_message_still_gives_what_the_answer_needs() -> None:
    data = ORU.encode()[:150] + b"\xff\xfe\x00"

    found = header(data)

    assert found is not None
    assert (found.control_id, found.sending_facility, found.version) == ("42", "BVDK", "2.5.1")
    assert (found.message_code, found.trigger_event, found.is_enhanced, found.sender) == ("ORU", "R01", True, "BVDK")


def test_header_undecodable_name_keeps_its_bytes() -> None:
    found = header(b"MSH|^~\\&|M\xfcller|BV|||1||ORU^R01|7|P|2.4||||||UNICODE UTF-8\rPID|1\r")

    assert found is not None
    assert found.sending_application.encode(found.codec) == b"M\xfcller"


@pytest.mark.parametrize("data", [b"", b"PID|1\r", b"\x00\x01", b"MSH"])
def test_header_absent_gives_none(data: bytes) -> None:
    assert header(data) is None


BATCH = "FHS|^~\\&\rBHS|^~\\&\r{one}{two}BTS|2\rFTS|1\r"
ONE, TWO = "MSH|^~\\&|A\rPID|1\r", "MSH|^~\\&|B\rPID|2\r"


def test_split_batch_file_gives_its_messages() -> None:
    messages, findings = split_batch(BATCH.format(one=ONE, two=TWO).encode())

    assert messages == (ONE.encode(), TWO.encode())
    assert findings == ()


@pytest.mark.parametrize(
    ("text", "count", "codes"),
    [
        (ONE + TWO, 2, []),
        (BATCH.format(one=ONE, two=""), 1, ["count"]),
        (f"BHS|^~\\&\r{ONE}", 1, ["trailer-missing"]),
        (f"{ONE}BTS|1\r", 1, ["header-missing"]),
        ("BHS|^~\\&\rPID|1\rBTS|0\r", 0, ["outside-message"]),
        (f"BHS|^~\\&\r{ONE}BHS|^~\\&\rBTS|0\r", 1, ["header-repeated"]),
    ],
    ids=["no envelope", "count", "cut short", "no header", "segment outside", "header twice"],
)
def test_split_batch_faulty_envelope_gives_findings(text: str, count: int, codes: list[str]) -> None:
    messages, findings = split_batch(text.encode())

    assert len(messages) == count
    assert [finding.code for finding in findings] == codes
