from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.ucum import NotUcum, is_valid, parse


@pytest.mark.parametrize(
    ("code", "factor", "dimensions"),
    [
        ("", Fraction(1), {}),
        ("mg/dL", Fraction(10), {"g": 1, "m": -3}),
        ("mmol/L", Fraction(1), {"mol": 1, "m": -3}),
        ("10*9/L", Fraction(10**12), {"m": -3}),
        ("10*-3", Fraction(1, 1000), {}),
        ("%", Fraction(1, 100), {}),
        ("U/L", Fraction(1, 60_000), {"mol": 1, "m": -3, "s": -1}),
        ("m[IU]/L", Fraction(1), {"[IU]": 1, "m": -3}),
        ("[iU]/mL", Fraction(10**6), {"[IU]": 1, "m": -3}),
        ("mm[Hg]", Fraction(133322), {"g": 1, "m": -1, "s": -2}),
        ("{cells}/uL", Fraction(10**9), {"m": -3}),
        ("mL/min/{1.73_m2}", Fraction(1, 60_000_000), {"m": 3, "s": -1}),
        ("g/(24.h)", Fraction(1, 86_400), {"g": 1, "s": -1}),
        ("/[HPF]", Fraction(1), {"[HPF]": -1}),
        ("s/4.m", Fraction(1, 4), {"s": 1, "m": 1}),
    ],
)
def test_parse_code_gives_factor_and_dimensions(code: str, factor: Fraction, dimensions: dict[str, int]) -> None:
    unit = parse(code)

    assert unit.factor == factor
    assert dict(unit.dimensions) == dimensions


@pytest.mark.parametrize(
    "code",
    [
        "mg/",
        "MG/DL",
        "10^9 /L",
        "g/12h",
        "iU",
        "IU/L",
        "{a}g",
        "(g",
        "g)",
        "m0",
        "m9999",
        "μmol/L",
        "kmm",
        "k%",
        "g" * 201,
    ],
)
def test_parse_what_is_no_code_raises(code: str) -> None:
    assert not is_valid(code)
    with pytest.raises(NotUcum):
        parse(code)


@pytest.mark.parametrize("code", ["mol/mol", "mmol/mol", "g/g", "L/L", "mg/g{creat}"])
def test_parse_ratio_remembers_what_cancels(code: str) -> None:
    unit = parse(code)

    assert unit.dimensions == ()
    assert unit.cancelled == {"mol" if "mol" in code else "m" if "L" in code else "g"}


@given(st.text(alphabet="mgLdlu/.()*^10234{}[]-+%'kcUosHz ", max_size=30))
def test_parse_arbitrary_text_is_a_unit_or_refused(text: str) -> None:
    assert is_valid(text) in (True, False)


@given(st.lists(st.sampled_from(["mg", "dL", "mmol", "10*3", "min", "[IU]", "%"]), min_size=1, max_size=4))
def test_parse_product_has_the_product_of_the_factors(atoms: list[str]) -> None:
    expected = Fraction(1)
    for atom in atoms:
        expected *= parse(atom).factor

    assert parse(".".join(atoms)).factor == expected
    assert parse("1/(" + ".".join(atoms) + ")").factor == 1 / expected
