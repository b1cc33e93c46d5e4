from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.ucum import is_valid, join_power, normalise_unit


@pytest.mark.parametrize(
    ("reported", "code"),
    [
        ("μmol/L", "umol/L"),
        ("µmol/l", "umol/L"),
        ("umol/l", "umol/L"),
        ("UMOL/L", "umol/L"),
        ("MMOL/L", "mmol/L"),
        ("mmol/l", "mmol/L"),
        ("mM", "mmol/L"),
        ("g/l", "g/L"),
        ("G/DL", "g/dL"),
        ("mg/dl", "mg/dL"),
        ("mg%", "mg/dL"),
        ("mg/100mL", "mg/(100.mL)"),
        ("mcg/mL", "ug/mL"),
        ("G/L", "10*9/L"),
        ("T/L", "10*12/L"),
        ("10^9/L", "10*9/L"),
        ("x10^9/L", "10*9/L"),
        ("×10⁹/L", "10*9/L"),
        ("10 9/L", "10*9/L"),
        ("109/L", "10*9/L"),
        ("10E9/L", "10*9/L"),
        ("10*12/l", "10*12/L"),
        ("E12/L", "10*12/L"),
        ("K/uL", "10*3/uL"),
        ("M/µL", "10*6/uL"),
        ("10^3/mm3", "10*3/mm3"),
        ("10^6 cells/mL", "10*6{cells}/mL"),
        ("tế bào/µL", "{cells}/uL"),
        ("个/μL", "{cells}/uL"),
        ("/HPF", "/[HPF]"),
        ("个/HP", "{cells}/[HPF]"),
        ("U/l", "U/L"),
        ("IU/L", "[IU]/L"),
        ("UI/mL", "[IU]/mL"),
        ("μU/ml", "u[IU]/mL"),
        ("uIU/mL", "u[IU]/mL"),
        ("mIU/L", "m[IU]/L"),
        ("mU/L", "mU/L"),
        ("%", "%"),
        ("\uff05", "%"),
        ("L/L", "L/L"),
        ("sec", "s"),
        ("giây", "s"),
        ("秒", "s"),
        ("g/24h", "g/(24.h)"),
        ("mg/24 giờ", "mg/(24.h)"),
        ("mm/h", "mm/h"),
        ("mEq/L", "meq/L"),
        ("mOsm/kg", "mosm/kg"),
        ("fL", "fL"),
        ("fl", "fL"),
        ("PG", "pg"),
        ("INR", "{INR}"),
        ("S/CO", "{s_co_ratio}"),
        ("mmHg", "mm[Hg]"),
        ("mL/phút/1,73 m²", "mL/min/{1.73_m2}"),
        ("mg/g Cr", "mg/g{creat}"),
        ("copies/mL", "{copies}/mL"),
        ("m[IU]/L", "m[IU]/L"),
        ("pg/mL", "pg/mL"),
    ],
)
def test_normalise_unit_what_hospitals_write_becomes_ucum(reported: str, code: str) -> None:
    assert normalise_unit(reported) == code
    assert is_valid(code)


@pytest.mark.parametrize(
    "reported", ["", " ", "M/L", "M", "m", "T", "C", "K", "foo", "FEU", "abc FEU", "mg//dL", "đơn vị lạ"]
)
def test_normalise_unit_uncertain_gives_none(reported: str) -> None:
    assert normalise_unit(reported) is None


@given(st.text(max_size=15))
def test_normalise_unit_arbitrary_text_gives_a_valid_code_or_none(reported: str) -> None:
    code = normalise_unit(reported)

    assert code is None or is_valid(code)


@given(
    st.sampled_from(["mg/dL", "mmol/L", "umol/L", "g/L", "10*9/L", "[IU]/L", "m[IU]/L", "fL", "pg", "%", "{INR}", "s"])
)
def test_normalise_unit_a_code_stays_as_it_is(code: str) -> None:
    assert normalise_unit(code) == code


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ("ng/mL FEU", "ng/mL{FEU}"),
        ("mg/L (DDU)", "mg/L{DDU}"),
        ("µg/mL{FEU}", "ug/mL{FEU}"),
        ("AU/mL", "[arb'U]/mL"),
        ("μIU/mL", "u[IU]/mL"),
        ("个/μL", "{cells}/uL"),
        ("bản sao/mL", "{copies}/mL"),
        ("/HP", "/[HPF]"),
        ("‰", "[ppth]"),
        ("秒", "s"),
    ],
)
def test_normalise_unit_of_the_region_gives_its_code(reported: str, expected: str) -> None:
    assert normalise_unit(reported) == expected


@given(
    mu=st.sampled_from("uμµ"),
    above=st.sampled_from(["mol", "g", "U", "IU", "L"]),
    below=st.sampled_from(["L", "dL", "mL"]),
    blanks=st.sampled_from(["", " ", "\u3000", "\u00a0"]),
)
def test_normalise_unit_does_not_care_how_micro_is_written(mu: str, above: str, below: str, blanks: str) -> None:
    assert normalise_unit(f"{mu}{above}{blanks}/{blanks}{below}") == normalise_unit(f"u{above}/{below}")


@given(st.text(max_size=30))
def test_normalise_unit_gives_a_valid_code_or_none(reported: str) -> None:
    found = normalise_unit(reported)

    assert found is None or is_valid(found)


@given(
    ten=st.sampled_from(["10", "x10", "X10", "*10", "× 10"]),
    power=st.sampled_from([3, 6, 9, 12]),
    below=st.sampled_from(["L", "l", "uL", "μL", "mL"]),
)
def test_power_in_two_components_is_the_power_in_one(ten: str, power: int, below: str) -> None:
    joined = join_power(ten, f"{power}/{below}")

    assert joined is not None
    assert normalise_unit(joined) == normalise_unit(f"10*{power}/{below}")


@pytest.mark.parametrize(
    ("code", "text"), [("10", ""), ("10", "9"), ("10", "5/L"), ("mmol/L", "9/L"), ("10", "percent"), ("", "9/L")]
)
def test_components_that_are_no_power_are_left_alone(code: str, text: str) -> None:
    assert join_power(code, text) is None


@pytest.mark.parametrize("reported", ["g" + "FEU" * 1_200, "g" + "FEU" * 100_000, "mg/" + " " * 300 + "L"])
def test_normalise_unit_longer_than_any_code_gives_none(reported: str) -> None:
    assert normalise_unit(reported) is None


def test_components_longer_than_any_code_are_left_alone() -> None:
    assert join_power("10", "9/" + "L" * 1_000_000 + "\n") is None
