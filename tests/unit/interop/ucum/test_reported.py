from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.ucum import is_valid, normalise_unit


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
    "reported", ["", " ", "M/L", "M", "m", "T", "C", "K", "foo", "ng/mL FEU", "mg//dL", "đơn vị lạ"]
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
