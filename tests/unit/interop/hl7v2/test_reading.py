from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.hl7v2 import Outcome, Reading, is_placeholder, read_value


def number(text: str, comparator: str = "") -> Reading:
    return Reading(comparator=comparator, number=Decimal(text))


@pytest.mark.parametrize(
    ("value_type", "value", "expected"),
    [
        ("NM", "5.60", number("5.60")),
        ("NM", " 135 ", number("135")),
        ("NM", "-1.5", number("-1.5")),
        ("NM", "0.0", number("0.0")),
        ("NM", ".5", number("0.5")),
        ("NM", "<0.01", number("0.01", "<")),
        ("NM", "> 1000", number("1000", ">")),
        ("ST", "≤0,5", Reading()),
        ("ST", "≤0.5", number("0.5", "<=")),
        ("ST", "\uff1c0.5", number("0.5", "<")),
        ("ST", "1２.５".replace("２", "\uff12").replace("５", "\uff15"), number("12.5")),
        ("SN", "<^0.01", number("0.01", "<")),
        ("SN", "^182", number("182")),
        ("SN", "=^5", number("5")),
        ("SN", "^1^:^80", Reading(titre=Decimal(80))),
        ("SN", ">^1^:^640", Reading(comparator=">", titre=Decimal(640))),
        ("SN", "^2^-^5", Reading(low=Decimal(2), high=Decimal(5))),
        ("SN", "^2^+", Reading(outcome="positive")),
        ("SN", "-^1^-^3", Reading()),
        ("SN", '"^1^/^3', Reading()),
        ("SN", "", Reading()),
        ("NR", "1^10", Reading(low=Decimal(1), high=Decimal(10))),
        ("ST", "1:80", Reading(titre=Decimal(80))),
        ("ST", "2-5", Reading(low=Decimal(2), high=Decimal(5))),
        ("DT", "20261001", Reading()),
        ("FT", "5.6", Reading()),
        ("CWE", "0516199364", Reading()),
    ],
)
def test_read_value_number_titre_and_interval(value_type: str, value: str, expected: Reading) -> None:
    assert read_value(value_type, (value,)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "***.**",
        "----",
        ".",
        "...",
        "N/A",
        '""',
        "12,5",
        "1,234",
        "10²",
        "1e999",
        "12 5",
        "NaN",
        "inf",
        "٣",
        "0x10",
    ],
)
@pytest.mark.parametrize("value_type", ["NM", "SN", "ST"])
def test_read_value_what_is_no_number_gives_none_and_never_zero(value_type: str, value: str) -> None:
    assert read_value(value_type, (value,)).number is None


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("POSITIVE", "positive"),
        ("Dương tính", "positive"),
        ("DƯƠNG TÍNH", "positive"),
        ("阳性", "positive"),
        ("弱阳性", "positive"),
        ("++", "positive"),
        ("+1", "positive"),
        ("Reactive", "positive"),
        ("NEGATIVE", "negative"),
        ("Âm tính", "negative"),
        ("阴性", "negative"),
        ("Not  detected", "negative"),
        ("-", "negative"),
        ("\uff08-\uff09", "negative"),
        ("±", "indeterminate"),
        ("+/-", "indeterminate"),
        ("không xác định", "indeterminate"),
        ("Không có vi khuẩn", None),
        ("positive control failed", None),
    ],
)
def test_read_value_words_of_three_languages_give_the_outcome(value: str, outcome: Outcome | None) -> None:
    assert read_value("ST", (value,)) == Reading(outcome=outcome)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("260373001^Detected^SCT", "positive"),
        ("260415000^^SCT^^^^^^Not detected", "negative"),
        ("260385009^Negative^SCT^NEG^^L", "negative"),
        ("NEG^Negative^L", "negative"),
        ("^^^^Positive", "positive"),
        ("Y^Yes^HL70136", None),
    ],
)
def test_read_value_coded_answers_give_the_outcome(value: str, outcome: Outcome | None) -> None:
    assert read_value("CWE", (value,)).outcome == outcome


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), Reading()),
        (("60", "120"), Reading()),
        (("Âm tính", "Negative"), Reading(outcome="negative")),
        (("Âm tính", "Positive"), Reading()),
    ],
)
def test_read_value_repetitions_are_read_only_where_they_agree(values: tuple[str, ...], expected: Reading) -> None:
    assert read_value("ST", values) == expected


def test_read_value_minus_of_an_analyser_is_no_negative_number_result() -> None:
    assert read_value("NM", ("-",)) == Reading()


@pytest.mark.parametrize(
    ("value", "expected"), [("***.**", True), ("", True), ("--", True), ("0", False), ("-1", False)]
)
def test_is_placeholder_marks_only_what_holds_no_value(value: str, expected: bool) -> None:
    assert is_placeholder(value) is expected


@given(
    st.sampled_from(["", "NM", "SN", "ST", "TX", "NR", "CE", "CWE", "ED"]), st.lists(st.text(max_size=20), max_size=3)
)
def test_read_value_arbitrary_text_never_raises_nor_invents_zero(value_type: str, values: list[str]) -> None:
    reading = read_value(value_type, tuple(values))

    assert reading.number != 0 or any("0" in value or "\uff10" in value for value in values)
