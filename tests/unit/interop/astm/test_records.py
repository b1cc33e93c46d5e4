"""Records of E1394: delimiters, repeats, components, escapes; what can't be read is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.astm import Delimiters, Message, Record, escape, parse, read_results, unescape, write

DELIMITERS = [Delimiters(), Delimiters("!", "~", ":", "#")]
texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
fields = st.lists(st.lists(texts, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)
lines = st.builds(
    lambda kind, others: Record.of(kind, *others), st.sampled_from("POQRCMSL"), st.lists(fields, max_size=6)
)


def message_of(header: list[object], others: list[Record], delimiters: Delimiters) -> Message:
    first = Record.of("H", delimiters.all[1:], *header)  # type: ignore[arg-type]  # made of fields
    return Message((first, *others), delimiters)


@given(header=st.lists(fields, max_size=5), others=st.lists(lines, max_size=6), signs=st.sampled_from(DELIMITERS))
def test_message_written_and_parsed_is_the_same(header: list[object], others: list[Record], signs: Delimiters) -> None:
    message = message_of(header, others, signs)

    parsed, findings = parse(write(message))

    assert findings == ()
    assert parsed == message


@given(text=texts, signs=st.sampled_from(DELIMITERS))
def test_escaped_text_holds_no_delimiter_and_comes_back(text: str, signs: Delimiters) -> None:
    escaped = escape(text, signs)

    assert not set(escaped) & set(signs.all[:3] + "\r\n")
    assert unescape(escaped, signs) == text


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a&F&b", "a|b"),
        ("a&S&b&R&c", "a^b\\c"),
        ("P&E&L", "P&L"),
        ("&X0D0A&", "\r\n"),
        ("&H&high&N&", "high"),
        ("P&L and R&D", "P&L and R&D"),
        ("&X0&", "&X0&"),
    ],
    ids=["field", "component-and-repeat", "escape", "hexadecimal", "highlight", "no-escape", "half-a-byte"],
)
def test_escape_stands_for_what_the_standard_says(sent: str, meant: str) -> None:
    assert unescape(sent, Delimiters()) == meant


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "header-missing"),
        (b"P|1\rL|1\r", "header-missing"),
        (b"H\r", "delimiters"),
        (b"H||||\r", "delimiters"),
        (b"H|A^&\r", "delimiters"),
        ("H|\\^&|||Máy\r".encode("cp1258"), "charset"),
    ],
    ids=["nothing", "no-header", "no-delimiters", "equal-delimiters", "letter", "charset"],
)
def test_message_that_cannot_be_parted_is_told(data: bytes, code: str) -> None:
    message, findings = parse(data)

    assert message is None
    assert [one.code for one in findings] == [code]


def test_character_set_is_that_of_the_source() -> None:
    message, _ = parse("H|\\^&|||Trạm\r".encode("utf-16-le"), default_charset="no-such-charset")
    assert message is None

    message, _ = parse("H|\\^&|||检验\r".encode("gb18030"), default_charset="gb18030")
    assert message is not None
    assert message.records[0].value(5) == "检验"


@given(data=st.binary(max_size=400))
def test_any_bytes_give_findings_and_never_an_exception(data: bytes) -> None:
    message, findings = parse(b"H|\\^&|" + data, default_charset="8859/1")

    if message is None:
        assert findings
    else:
        read_results(message)
