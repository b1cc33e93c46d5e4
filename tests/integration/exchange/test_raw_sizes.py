"""Fields of megabytes in what people open: a time that grows with the square of their length would be hours."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.factories.exchange import astm_message

from lienthong.exchange.analyzers.raw import lay_out
from lienthong.exchange.deliveries.raw_markup import lay_out_markup
from lienthong.exchange.deliveries.raw_report import lay_out_report
from lienthong.exchange.raw_line import Line

LENGTH = 1_000_000


def of_analyzer(value: str) -> tuple[Line, ...]:
    message = astm_message(f"R|1|^^^GLU|{value}")
    return lay_out(message, (), default_charset="utf-8", with_patient=False, codes=())


def of_report(value: str) -> tuple[Line, ...]:
    found = lay_out_report(json.dumps({"results": [{"value": value}]}).encode(), (), with_patient=False, codes=())
    assert found is not None
    return found


def of_markup(value: str) -> tuple[Line, ...]:
    return lay_out_markup(f"<A><GIA_TRI>{value}</GIA_TRI></A>".encode(), (), with_patient=False, codes=())


@pytest.mark.parametrize("laid_out", [of_analyzer, of_report, of_markup])
@pytest.mark.parametrize(
    ("value", "is_hidden"),
    [
        pytest.param("1" * LENGTH, False, id="digits"),
        pytest.param("1" * LENGTH + "x", True, id="digits and a letter"),
        pytest.param("1" + " " * LENGTH + "x", True, id="blanks"),
    ],
)
def test_value_of_any_length_is_shown_if_it_is_a_number(
    laid_out: Callable[[str], tuple[Line, ...]], value: str, is_hidden: bool
) -> None:
    lines = laid_out(value)

    assert any(piece_is_hidden for line in lines for _text, _is_faulty, piece_is_hidden in line) == is_hidden
    assert any("1" * 400 + "\N{HORIZONTAL ELLIPSIS}" in text for line in lines for text, _, _ in line) != is_hidden
