"""Headers of subscribers: which may be sent, and that their values are seen nowhere."""

from __future__ import annotations

import pytest

from lienthong.core import secrets
from lienthong.exchange.fhir.subscriptions.headers import (
    HIDDEN,
    BadHeader,
    Header,
    close,
    kept,
    open_kept,
    read_header,
)

SECRET = Header("Authorization", "Bearer abc-123")


def test_header_is_read_with_its_name_and_value() -> None:
    assert read_header("Authorization: Bearer abc-123") == SECRET


@pytest.mark.parametrize(
    "line",
    [
        "no colon",
        ": value",
        "Bad name: x",
        "X-A: a\r\nX-B: b",
        "X-A: a\nb",
        "X-A: é",
        "Host: elsewhere",
        "content-length: 3",
        "Transfer-Encoding: chunked",
        "Proxy-Authorization: x",
        "X-Request-Id: 1",
        "X-A: " + "a" * 5_000,
    ],
)
def test_line_that_may_not_be_sent_is_refused_without_its_value(line: str) -> None:
    with pytest.raises(BadHeader) as refused:
        read_header(line)

    assert "elsewhere" not in str(refused.value)


def test_value_is_hidden_where_a_header_is_shown_or_printed() -> None:
    assert SECRET.shown == f"Authorization: {HIDDEN}"
    assert "abc-123" not in repr(SECRET)


def test_kept_headers_open_for_their_outlet_only() -> None:
    text = close([SECRET], purpose="1")

    assert "abc-123" not in text
    assert open_kept(text, purpose="1") == [SECRET]
    with pytest.raises(ValueError, match="closed"):
        open_kept(text, purpose="2")


def test_no_headers_are_kept_as_nothing() -> None:
    assert close([], purpose="a") == ""
    assert open_kept("", purpose="a") == []


def test_secret_is_closed_differently_each_time() -> None:
    assert secrets.closed("a", purpose="p") != secrets.closed("a", purpose="p")


def test_hidden_value_keeps_the_earlier_one_and_is_refused_where_there_is_none() -> None:
    hidden = Header("authorization", HIDDEN)

    assert kept([hidden], [SECRET]) == [SECRET]
    with pytest.raises(BadHeader, match="write the value itself"):
        kept([hidden], [])
