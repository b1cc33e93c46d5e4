from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from lienthong.interop.hl7v2 import read_instant, write_instant

EAST = timezone(timedelta(hours=7))
WEST = timezone(timedelta(hours=-5, minutes=-30))


@pytest.mark.parametrize(
    ("text", "precision", "value"),
    [
        ("2026", "year", None),
        ("202610", "month", None),
        ("20261001", "day", datetime(2026, 10, 1)),  # noqa: DTZ001 - a local time
        ("2026100108", "hour", datetime(2026, 10, 1, 8)),  # noqa: DTZ001
        ("202610010805", "minute", datetime(2026, 10, 1, 8, 5)),  # noqa: DTZ001
        ("20261001080507", "second", datetime(2026, 10, 1, 8, 5, 7)),  # noqa: DTZ001
        ("20261001080507.25", "fraction", datetime(2026, 10, 1, 8, 5, 7, 250000)),  # noqa: DTZ001
        ("202610010805+0700", "minute", datetime(2026, 10, 1, 8, 5, tzinfo=EAST)),
        ("20261001080507.1234-0530", "fraction", datetime(2026, 10, 1, 8, 5, 7, 123400, tzinfo=WEST)),
    ],
)
def test_read_instant_keeps_precision_and_offset(text: str, precision: str, value: datetime | None) -> None:
    instant = read_instant(text)

    assert instant is not None
    assert (instant.text, instant.precision, instant.value) == (text, precision, value)
    assert instant.is_local == (value is not None and value.tzinfo is None)
    assert instant.has_time == (len(text) > 8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000",
        "20260230",
        "20261301",
        "2026100125",
        "1/10/2026",
        "2026-10-01",
        "20261001+9900",
        "PIDDOB!",
        "196203520",
    ],
)
def test_read_instant_impossible_time_gives_none(text: str) -> None:
    assert read_instant(text) is None


def test_instant_local_time_is_read_in_the_zone_of_its_sender() -> None:
    instant = read_instant("20261001080000")
    assert instant is not None

    assert instant.at(ZoneInfo("Asia/Ho_Chi_Minh")) == datetime(2026, 10, 1, 1, tzinfo=UTC)


def test_instant_offset_prevails_over_the_zone() -> None:
    instant = read_instant("20261001080000+0000")
    assert instant is not None

    assert instant.at(ZoneInfo("Asia/Ho_Chi_Minh")) == datetime(2026, 10, 1, 8, tzinfo=UTC)


def test_write_instant_has_the_offset() -> None:
    assert write_instant(datetime(2026, 10, 1, 8, 5, 7, tzinfo=EAST)) == "20261001080507+0700"
