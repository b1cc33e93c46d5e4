from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import MAC_EPOCH, from_excel

from lienthong.interop import cells
from lienthong.interop.cells import CellFault

DAY = dt.date(2026, 12, 31)
MOMENT = dt.datetime.fromisoformat("2026-12-31T07:05:09")  # without an offset, as Excel holds it


@pytest.mark.parametrize(
    "raw",
    [
        "31/12/2026",
        "31-12-2026",
        "31.12.2026",
        "2026-12-31",
        "2026/12/31",
        "2026年12月31日",
        "３１/１２/２０２６",
        "46387",
        *(46387, 46387.25, DAY, MOMENT),
    ],
)
def test_day_is_one_however_it_is_written(raw: cells.Raw) -> None:
    assert cells.day(raw) == DAY


def test_day_is_counted_from_the_workbooks_epoch() -> None:
    assert cells.day(44925, epoch=MAC_EPOCH) == DAY


@pytest.mark.parametrize(
    "raw", ["12/31/2026", "29/02/2026", "1/1/26", "soon", "", "00123", "123456", 5, True, dt.time(7), None]
)
def test_day_that_is_none_is_refused(raw: cells.Raw) -> None:
    with pytest.raises(CellFault, match="not-a-date"):
        cells.day(raw)


@pytest.mark.parametrize("raw", ["31/12/2026 7:05:09", "2026-12-31T07:05:09", "2026年12月31日 07:05:09", MOMENT])
def test_moment_is_one_however_it_is_written(raw: cells.Raw) -> None:
    assert cells.moment(raw) == MOMENT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-31T00:05Z", "2026-12-31T00:05+00:00"),
        ("31/12/2026 07:05 +07:00", "2026-12-31T07:05+07:00"),
        ("2026-12-31 07:05:09.25+0700", "2026-12-31T07:05:09.25+07:00"),
        ("2026-12-31 07:05:09.9999999", "2026-12-31T07:05:09.999999"),
    ],
)
def test_moment_keeps_offset_and_fraction(text: str, moment: str) -> None:
    found, meant = cells.moment(text), dt.datetime.fromisoformat(moment)

    assert found == meant
    assert found.utcoffset() == meant.utcoffset()


@pytest.mark.parametrize("raw", ["31/12/2026", DAY])
def test_moment_without_time_is_midnight_only_where_that_is_asked_for(raw: cells.Raw) -> None:
    assert cells.moment(raw, without_time=True) == dt.datetime.combine(DAY, dt.time())
    with pytest.raises(CellFault):
        cells.moment(raw)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31/12/2026 noon", "not-a-moment"),
        ("soon 07:05", "not-a-moment"),
        ("31/02/2026 07:05", "not-a-date"),
        ("31/12/2026 25:00", "no-such-time"),
        ("31/12/2026 07:05+99:99", "no-such-time"),
    ],
)
def test_moment_that_is_none_says_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(CellFault, match=code):
        cells.moment(text)


@given(st.floats(10_000, 99_999))
def test_excels_count_of_days_is_what_openpyxl_reads(count: float) -> None:
    assert cells.moment(f"{count:.9f}") == from_excel(float(f"{count:.9f}"))


@given(st.text(alphabet="0123456789/-.:TZ+ 年月日", max_size=24))
def test_any_text_is_a_moment_or_a_fault(text: str) -> None:
    try:
        assert isinstance(cells.moment(text, without_time=True), dt.datetime)
    except CellFault as fault:
        assert fault.code in {"not-a-date", "not-a-moment", "no-such-time"}  # noqa: PT017 — either is right
