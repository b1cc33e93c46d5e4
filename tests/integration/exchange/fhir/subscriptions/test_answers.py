"""What the answers of subscribers mean."""

from __future__ import annotations

import datetime as dt

import pytest

from lienthong.exchange.fhir.subscriptions.answers import sent_by, wait_of
from lienthong.exchange.outbound.http.calling import Answer

AT = dt.datetime(2026, 11, 27, 3, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "delivered") for status in (200, 201, 202, 204, 299)),
        *((status, "again") for status in (301, 302, 307, 308)),
        *((status, "again") for status in (401, 403, 407, 408, 425, 429)),
        *((status, "again") for status in (500, 502, 503, 504, 599, 600, 101)),
        *((status, "refused") for status in (400, 404, 405, 409, 410, 412, 413, 415, 422)),
    ],
)
def test_status_says_whether_it_is_taken_refused_or_tried_again(status: int, outcome: str) -> None:
    sent = sent_by(Answer(status), version=3, at=AT)

    assert sent.outcome == outcome
    assert sent.version == (3 if outcome == "delivered" else None)
    assert sent.code == ("" if outcome == "delivered" else f"http-{status}")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None),
        ("120", 120),
        ("0", 0),
        ("-5", None),
        ("soon", None),
        ("999999999999", 86_400),
        ("Fri, 27 Nov 2026 03:10:00 GMT", 600),
        ("Fri, 27 Nov 2026 02:10:00 GMT", 0),
        ("Fri, 27 Nov 2099 02:10:00 GMT", 86_400),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(text: str, seconds: int | None) -> None:
    expected = None if seconds is None else dt.timedelta(seconds=seconds)

    assert wait_of(text, at=AT) == expected
    assert sent_by(Answer(429, text), version=1, at=AT).retry_after == expected
