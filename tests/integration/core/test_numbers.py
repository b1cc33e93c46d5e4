"""Numbers as pages show them, in three languages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from lienthong.core.templatetags.numbers import fixed, plain, share, signed


@pytest.mark.parametrize(
    ("language", "value", "decimals", "text"),
    [
        ("en", 7.26, 1, "7.3"),
        ("en", 1.999, 2, "2.00"),
        ("en", 2.675, 2, "2.68"),
        ("en", -0.04, 1, "0.0"),
        ("en", -3.25, 1, "−3.3"),
        ("en", float("nan"), 1, "–"),
        ("en", None, 1, "–"),
        ("en", 12345.6, 0, "12,346"),
        ("vi", 12345.6, 1, "12.345,6"),
        ("zh-hans", Decimal("0.5"), 2, "0.50"),
    ],
)
def test_fixed_rounds_half_up_in_the_language(language: str, value: float | None, decimals: int, text: str) -> None:
    with translation.override(language):
        assert fixed(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.66, "+1.7"), (-0.34, "−0.3"), (0.04, "0.0"), (-0.04, "0.0"), (None, "–")]
)
def test_signed_gives_every_number_but_zero_its_sign(value: float | None, text: str) -> None:
    with translation.override("en"):
        assert signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [("1.5000000000", "1.5"), ("120", "120"), ("0.010", "0.01"), ("1E+3", "1,000")]
)
def test_plain_writes_the_digits_that_are_there(value: str, text: str) -> None:
    with translation.override("en"):
        assert plain(Decimal(value)) == text


def test_share_of_nothing_is_not_a_number() -> None:
    with translation.override("en"):
        assert share(0, 0) == "–"
        assert share(1, 3) == "33.3 %"
