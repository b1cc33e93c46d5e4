from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop import cells
from lienthong.interop.cells import CellFault


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("7.25", "7.25"),
        ("7,25", "7.25"),
        ("1,234", "1.234"),
        (".5", "0.5"),
        ("5.", "5"),
        ("−3", "-3"),
        ("＋１２", "12"),
        ("1e2", "100"),
        ("5,1E-3", "0.0051"),
        (5, "5"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_number_is_read_with_point_or_comma(raw: cells.Raw, number: str) -> None:
    assert cells.number(raw) == Decimal(number)


@pytest.mark.parametrize(
    "raw",
    [
        "1,234.5",
        "1.234.567",
        "7 mmol/L",
        "abc",
        "",
        "+",
        "1e",
        "1e1000",
        "NaN",
        "inf",
        float("nan"),
        float("inf"),
        10**400,
        True,
    ],
)
def test_number_that_is_none_is_refused(raw: cells.Raw) -> None:
    with pytest.raises(CellFault, match="not-a-number"):
        cells.number(raw)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_number_is_the_same_with_point_and_with_comma(number: Decimal) -> None:
    assert cells.number(f"{number:f}") == cells.number(f"{number:f}".replace(".", ",")) == number


def test_whole_number_is_read_and_a_fraction_refused() -> None:
    assert cells.whole(Decimal("1E+3")) == 1000
    with pytest.raises(CellFault, match="not-an-integer"):
        cells.whole(Decimal("1.5"))
