from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.ucum import (
    KindsDiffer,
    MolarMassUnknown,
    NotUcum,
    UnitError,
    ValenceUnknown,
    convert,
)

GLUCOSE = 180.156
CREATININE = Decimal("113.12")


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("13.5", "g/dL", "g/L", "135"),
        ("7.80", "g/dL", "g/L", "78.0"),
        ("135", "g/L", "g/dL", "13.5"),
        ("4.5", "10*6/uL", "10*12/L", "4.5"),
        ("250", "10*3/uL", "10*9/L", "250"),
        ("250000", "{cells}/uL", "10*9/L", "250"),
        ("0.405", "L/L", "%", "40.5"),
        ("2.50", "m[IU]/L", "u[IU]/mL", "2.50"),
        ("1", "ukat/L", "U/L", "60"),
        ("100", "U/L", "ukat/L", "1.6667"),
        ("37.0", "Cel", "[degF]", "98.6"),
        ("98.6", "[degF]", "Cel", "37"),
        ("0", "mg/dL", "g/L", "0.00"),
        ("1.20", "mg/dL", "mg/dL", "1.20"),
        ("12", "mg/(24.h)", "mg/d", "12"),
    ],
)
def test_convert_between_units_of_one_kind(value: str, source: str, target: str, expected: str) -> None:
    assert convert(Decimal(value), source, target) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "source", "target", "molar_mass", "expected"),
    [
        ("90", "mg/dL", "mmol/L", GLUCOSE, "4.996"),
        ("5.0", "mmol/L", "mg/dL", GLUCOSE, "90.08"),
        ("1.0", "mg/dL", "umol/L", CREATININE, "88.40"),
        ("30", "mg/g", "mg/mmol", CREATININE, "3.394"),
    ],
)
def test_convert_mass_and_amount_with_molar_mass(
    value: str, source: str, target: str, molar_mass: float | Decimal, expected: str
) -> None:
    assert convert(Decimal(value), source, target, molar_mass=molar_mass) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "source", "target", "valence", "expected"),
    [("140", "meq/L", "mmol/L", 1, "140"), ("4.8", "meq/L", "mmol/L", 2, "2.4"), ("2.4", "mmol/L", "meq/L", 2, "4.8")],
)
def test_convert_equivalents_with_valence(value: str, source: str, target: str, valence: int, expected: str) -> None:
    assert convert(Decimal(value), source, target, valence=valence) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "source", "target", "digits"),
    [("13.5", "g/dL", "g/L", "135"), ("5", "mmol/L", "mg/dL", "90.1"), ("0.50", "g/dL", "g/L", "5.0")],
)
def test_convert_keeps_the_reported_digits_and_two_more(value: str, source: str, target: str, digits: str) -> None:
    assert str(convert(Decimal(value), source, target, molar_mass=GLUCOSE)) == digits


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("mg/dL", "U/L"),
        ("[IU]/L", "U/L"),
        ("[IU]/L", "/L"),
        ("%", "10*9/L"),
        ("mmol/L", "10*9/L"),
        ("mmol/mol", "%"),
        ("mmol/mol", "g/kg"),
        ("g/g", "L/L"),
        ("{INR}", "%"),
        ("{INR}", "{ratio}"),
        ("/[HPF]", "/uL"),
        ("/[HPF]", "/[LPF]"),
        ("mosm/kg", "mmol/kg"),
        ("[pH]", "mol/L"),
        ("s", "%"),
        ("Cel", "g/L"),
    ],
)
def test_convert_between_kinds_is_refused(source: str, target: str) -> None:
    with pytest.raises(KindsDiffer, match="different kinds of quantity"):
        convert(Decimal("1.0"), source, target, molar_mass=GLUCOSE, valence=1)


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [("mg/dL", "mmol/L", MolarMassUnknown), ("meq/L", "mmol/L", ValenceUnknown), ("mg/dL", "MMOL/L", NotUcum)],
)
def test_convert_without_what_it_needs_is_refused_by_name(source: str, target: str, error: type[UnitError]) -> None:
    with pytest.raises(error):
        convert(Decimal("1.0"), source, target)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_convert_value_that_is_not_finite_raises(value: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        convert(Decimal(value), "g/L", "mg/dL")


@pytest.mark.parametrize("molar_mass", [0, -1.5, float("inf"), float("nan")])
def test_convert_impossible_molar_mass_raises(molar_mass: float) -> None:
    with pytest.raises(ValueError, match="molar_mass must be"):
        convert(Decimal(1), "mg/dL", "mmol/L", molar_mass=molar_mass)


UNITS = ["g/L", "mg/dL", "mg/L", "ug/mL", "ng/mL", "kg/m3", "mmol/L", "umol/dL", "nmol/mL"]
values = st.decimals("0.001", "99999", places=3)


@given(values, st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_convert_there_and_back_returns_the_value(value: Decimal, source: str, target: str) -> None:
    there = convert(value, source, target, molar_mass=GLUCOSE)

    back = convert(there, target, source, molar_mass=GLUCOSE)

    assert abs(back - value) <= abs(value) * Decimal("0.005")
    if ("mol" in source) == ("mol" in target):  # powers of ten only
        assert back == value


@given(values, st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_convert_agrees_with_floating_point(value: Decimal, source: str, target: str) -> None:
    in_milligrams_per_litre = {
        **{"g/L": 1e3, "mg/dL": 10, "mg/L": 1, "ug/mL": 1, "ng/mL": 1e-3, "kg/m3": 1e3},
        **{"mmol/L": GLUCOSE, "umol/dL": GLUCOSE * 1e-2, "nmol/mL": GLUCOSE * 1e-3},
    }
    expected = float(value) * in_milligrams_per_litre[source] / in_milligrams_per_litre[target]

    assert float(convert(value, source, target, molar_mass=GLUCOSE)) == pytest.approx(expected, rel=5e-3)
