"""OBX-5 by its type: what was reported stays, and what it says stands beside it."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.hl7v2.effort import examples

from lienthong.interop.hl7v2 import (
    Coded,
    Document,
    EntityIdentifier,
    Identifier,
    Observation,
    Organisation,
    Parsed,
    Period,
    Person,
    Place,
    Pointer,
    Quantity,
    Reading,
    TimeOfDay,
    parse_values,
    read_instant,
    read_results,
    read_value,
)
from lienthong.interop.hl7v2._instant import _read_parts
from lienthong.interop.hl7v2._values import COMPOSITE_TYPES

TYPES = sorted(COMPOSITE_TYPES | {"NM", "ST", "TX", "FT", "DT", "TM", "TS", "DTM", "IS", "ID", "", "ZZ", "SI"})


def observed(value_type: str, value: str) -> Observation:
    text = (
        "MSH|^~\\&|A|B|||20261001||ORU^R01|1|P|2.5.1||||||UNICODE UTF-8\rPID|1||1\rOBR|1||1|A^A\r"
        f"OBX|1|{value_type}|A^A||{value}||||||F\r"
    )
    oru, _ = read_results(text.encode())
    assert oru is not None
    return oru.orders[0].observations[0]


@pytest.mark.parametrize(
    ("value_type", "value", "parsed"),
    [
        ("NM", "5.10", Reading(number=Decimal("5.10"))),
        ("NM", "<0.01", Reading("<", Decimal("0.01"))),
        ("NM", "***.**", Reading()),
        ("NM", "1,5", Reading()),
        ("NM", "１２．５", Reading(number=Decimal("12.5"))),
        ("SN", "^1^:^80", Reading(titre=Decimal(80))),
        ("SN", ">^1000", Reading(">", Decimal(1000))),
        ("NR", "3.9^6.1", Reading(low=Decimal("3.9"), high=Decimal("6.1"))),
        ("ST", "âm tính", "âm tính"),
        ("TX", "a\\.br\\b", "a\nb"),
        ("FT", "\\H\\cao\\N\\ \\T\\ thấp", "cao & thấp"),
        ("CE", "10828004^Positive^SCT", Coded("10828004", "Positive", "SCT")),
        ("CWE", "^^^^^^^^tự ghi", Coded("", "tự ghi", original_text="tự ghi")),
        ("CNE", "A&x^B", Coded("A", "B")),
        ("IS", "W", Coded("W")),
        ("DT", "20261001", read_instant("20261001")),
        ("DTM", "20261001071500+0700", read_instant("20261001071500+0700")),
        ("TS", "2026100107", read_instant("2026100107")),
        ("TS", "yesterday", None),
        ("TM", "0715", TimeOfDay("0715", time(7, 15))),
        ("TM", "7:15", None),
        ("DR", "20261001^20261002", Period(read_instant("20261001"), read_instant("20261002"))),
        ("ED", "LIS^IM^PNG^Base64^iVBOR", Document("LIS", "IM", "PNG", "Base64", "iVBOR")),
        ("RP", "http://x/\\T\\y&HTTP^App^IM^PNG", Pointer("http://x/&y", "App", "IM", "PNG")),
        ("CX", "12^^^BV&1.2&ISO^MR", Identifier("12", "1.2", "MR", "BV", "ISO")),
        ("EI", "23^LIS", EntityIdentifier("23", "LIS")),
        ("XCN", "D1^Lê^An", Person("D1", "Lê", "An")),
        ("XON", "Khoa^L^5", Organisation("5", "Khoa", "L")),
        ("PL", "K1^2^3", Place("K1", "2", "3")),
        ("CQ", "2.5^mL&millilitre", Quantity("2.5", Decimal("2.5"), Coded("mL", "millilitre"))),
        ("ZZ", "x^y", "x^y"),
    ],
)
def test_value_of_each_type_is_parsed_beside_what_was_reported(value_type: str, value: str, parsed: Parsed) -> None:
    observation = observed(value_type, value)

    assert observation.parsed == (parsed,)
    assert len(observation.values) == 1


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("++", "positive"),
        ("âm tính", "negative"),
        ("dương tính", "positive"),
        ("阴性", "negative"),
        ("阳性", "positive"),
    ],
)
def test_value_in_words_stays_as_reported_and_tells_its_outcome(value: str, outcome: str) -> None:
    observation = observed("ST", value)

    assert (observation.values, observation.outcome, observation.number) == ((value,), outcome, None)


@examples(300)
@given(st.sampled_from(TYPES), st.lists(st.text(max_size=40), max_size=3))
def test_parse_values_any_text_of_any_type_never_raises(value_type: str, values: list[str]) -> None:
    parsed = parse_values(value_type, values)

    assert len(parsed) == len(values)


@examples(300)
@given(
    st.sampled_from(TYPES),
    st.lists(st.text("0123456789.,<>=+-:/^~& \\*eE５％阳性", max_size=14), max_size=2).map(tuple),
)
def test_read_value_any_text_never_raises(value_type: str, values: tuple[str, ...]) -> None:
    reading = read_value(value_type, values)

    assert reading.number is None or reading.number.is_finite()


@examples(500)
@given(st.from_regex(r"\A\d{4,16}(\.\d{1,7})?([+-]\d{4})?\Z") | st.text("0123456789+-.TZW ", max_size=22))
def test_read_instant_short_way_gives_what_the_long_way_gives(text: str) -> None:
    assert read_instant(text) == _read_parts(text.strip())


@examples(200)
@given(
    st.datetimes().map(lambda moment: f"{moment:%Y%m%d%H%M%S}".zfill(14)),
    st.sampled_from(["", "+0700", "-0360", "+2400"]),
)
def test_read_instant_every_second_of_time_gives_what_the_long_way_gives(text: str, offset: str) -> None:
    assert read_instant(text + offset) == _read_parts(text + offset)


@examples(200)
@given(st.text("0123456789.", min_size=1, max_size=8))
def test_observation_number_has_the_digits_that_read_value_gives(text: str) -> None:
    expected = read_value("NM", (text,)).number

    found = observed("NM", text).number

    assert str(found) == str(expected)
