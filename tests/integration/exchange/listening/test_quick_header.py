"""The short way through a message gives what the long way gives, on any bytes."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.factories.exchange import OBR, message

from lienthong.exchange.listening.lanes import lane_of
from lienthong.exchange.listening.quick_header import is_readable, lane, read_header
from lienthong.interop import hl7v2

NOON = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
MESSAGE = message(control_id="A7")
PIECES = [
    "|",
    "^",
    "~",
    "&",
    "\\",
    "\\F\\",
    "\r",
    "\n",
    " ",
    "MSH|^~\\&|",
    "OBR|1|P|F1",
    "A",
    "é",
    "8859/1",
    "UNICODE UTF-8",
    '""',
]


def changed(start: int, length: int, other: bytes) -> bytes:
    return MESSAGE[:start] + other + MESSAGE[start + length :]


@settings(max_examples=400, deadline=None)
@given(
    start=st.integers(0, len(MESSAGE)),
    length=st.integers(0, 30),
    other=st.one_of(
        st.binary(max_size=20), st.lists(st.sampled_from(PIECES), max_size=6).map(lambda one: "".join(one).encode())
    ),
    default=st.sampled_from(["utf-8", "iso8859-1", "gb18030"]),
)
@example(start=0, length=0, other=b"", default="utf-8")
def test_header_lane_and_characters_are_those_of_the_long_way(
    start: int, length: int, other: bytes, default: str
) -> None:
    data = changed(start, length, other)
    long = hl7v2.header(data, default_charset=default)

    short = read_header(data, default_charset=default)

    assert short == long
    if short is None or long is None:
        return
    assert short.control_id_as_sent == long.control_id_as_sent
    decoded, _ = hl7v2.decode(data, default=default)
    assert not is_readable(data, short) or decoded is not None
    if decoded is not None:
        text = decoded.text
        assert lane("SX", data, None, short) == lane_of("SX", text, short) or not data.isascii()
        assert lane("SX", data, text, short) == lane_of("SX", text, short)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("A^B", id="with components"),
        pytest.param(" 7 ", id="with blanks"),
        pytest.param("A\\T\\B", id="with an escape sequence"),
        pytest.param("A~B", id="with repetitions"),
        pytest.param("", id="empty"),
    ],
)
def test_control_id_comes_back_as_sent(sent: str) -> None:
    header = read_header(message(OBR, control_id=sent))
    assert header is not None

    answer = hl7v2.acknowledge(header, code="AA", control_id="L1", at=NOON)

    line = answer.decode().split("\r")[1]
    assert line == f"MSA|AA|{sent}".rstrip("|")
