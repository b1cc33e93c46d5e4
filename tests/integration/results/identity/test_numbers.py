"""National numbers and insurance cards that check themselves."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.results.identity.numbers import check_character, read_number

BORN = dt.date(1980, 5, 17)
DIGITS = st.text("0123456789", min_size=17, max_size=17)


@pytest.mark.parametrize(
    ("system", "value", "kind", "key"),
    [
        pytest.param("NI", "001180012345", "cccd", "001180012345", id="CCCD"),
        pytest.param("NI", "001 180 012.345", "cccd", "001180012345", id="CCCD as it is read aloud"),
        pytest.param("NI", "０01180012345", "cccd", "001180012345", id="wide digit"),
        pytest.param("HC", "001180012345", "cccd", "001180012345", id="CCCD on an insurance card"),
        pytest.param("NI", "012345678", "cmnd", "012345678", id="CMND"),
        pytest.param("HC", "hs4010120012345", "bhyt", "0120012345", id="BHYT card"),
        pytest.param("HC", "0120012345", "bhyt", "0120012345", id="BHYT code alone"),
        pytest.param("NI", "11010519491231002x", "china-18", "11010519491231002X", id="China"),
        pytest.param("NI", "110105491231002", "china-15", "11010519491231002X", id="China, before 1999"),
        pytest.param("NI", "0011800123", "unknown", "0011800123", id="ten digits"),
        pytest.param("HC", "12", "unknown", "12", id="no card"),
    ],
)
def test_number_is_read_with_its_kind(system: str, value: str, kind: str, key: str) -> None:
    number = read_number(system, value)

    assert number is not None
    assert (number.kind, number.key) == (kind, key)


def test_number_of_a_hospital_is_no_national_number() -> None:
    assert read_number("MR", "001180012345") is None


@pytest.mark.parametrize(
    ("value", "born", "sex", "problem"),
    [
        pytest.param("001180012345", BORN, "F", "", id="woman of 1980"),
        pytest.param("001080012345", BORN, "F", "sex", id="a man's"),
        pytest.param("001181012345", BORN, "F", "birth-date", id="of 1981"),
        pytest.param("001380012345", BORN, "F", "birth-date", id="of the next century"),
        pytest.param("001305012345", dt.date(2005, 2, 3), "F", "", id="woman of 2005"),
        pytest.param("001080012345", None, "", "", id="nothing is known"),
        pytest.param("000180012345", BORN, "F", "form", id="no place 000"),
        pytest.param("012345678", BORN, "F", "", id="CMND says nothing"),
        pytest.param("110105198005170020", BORN, "F", "check", id="wrong check character"),
        pytest.param("11010519801317002X", BORN, "F", "check", id="month 13"),
        pytest.param("11010519491231002X", BORN, "F", "birth-date", id="another day in China"),
        pytest.param("11010519491231002X", dt.date(1949, 12, 31), "M", "sex", id="another sex in China"),
        pytest.param("11010519491231002X", dt.date(1949, 12, 31), "F", "", id="China"),
    ],
)
def test_number_is_doubtful_where_birth_date_or_sex_say_otherwise(
    value: str, born: dt.date | None, sex: str, problem: str
) -> None:
    number = read_number("NI", value)

    assert number is not None
    assert number.problem_with(birth_date=born, sex=sex) == problem


@given(DIGITS)
def test_check_character_makes_the_weighted_sum_one_modulo_eleven(body: str) -> None:
    signs = body + check_character(body)

    total = 0
    for sign in signs:
        total = (total * 2 + (10 if sign == "X" else int(sign))) % 11
    assert total == 1


@given(DIGITS, st.integers(0, 16), st.integers(1, 9))
def test_check_character_finds_every_single_wrong_digit(body: str, place: int, step: int) -> None:
    wrong = body[:place] + str((int(body[place]) + step) % 10) + body[place + 1 :]

    assert check_character(wrong) != check_character(body)
