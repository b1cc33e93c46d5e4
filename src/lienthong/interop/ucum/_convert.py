"""Convert a value from one unit to another, or say by name why that is not possible."""

from __future__ import annotations

from collections import Counter
from decimal import Context, Decimal
from fractions import Fraction

from lienthong.interop.ucum._errors import KindsDiffer, MolarMassUnknown, ValenceUnknown
from lienthong.interop.ucum._parse import TEMPERATURES, Unit, parse

_GUARD_DIGITS = 2


def convert(
    value: Decimal,
    source: str,
    target: str,
    *,
    molar_mass: float | Decimal | None = None,
    valence: int | None = None,
) -> Decimal:
    """Return `value` of `source` in `target`, both UCUM codes, with two digits more than were reported.

    `molar_mass`, in g/mol, is needed between mass and amount of substance, `valence` between equivalents and amount.
    Raises KindsDiffer, MolarMassUnknown or ValenceUnknown where there is no such conversion, NotUcum where a code is
    none, and ValueError for a value that is not finite.
    """
    if not value.is_finite():
        raise ValueError(f"value must be a finite number, but got {value}")
    here, there = parse(source), parse(target)
    if source == target:
        return value
    if here.function or there.function:
        return _convert_scale(value, here, there)
    return _scaled(value, _ratio(here, there, molar_mass=molar_mass, valence=valence))


def _ratio(here: Unit, there: Unit, *, molar_mass: float | Decimal | None, valence: int | None) -> Fraction:
    difference = Counter(dict(here.dimensions))
    difference.subtract(dict(there.dimensions))
    missing = {name: exponent for name, exponent in difference.items() if exponent}
    ratio = here.factor / there.factor
    if not missing:
        _check_ratios_are_alike(here, there)
        return ratio
    if missing in ({"g": 1, "mol": -1}, {"g": -1, "mol": 1}):
        return ratio * _molar_mass(molar_mass, here, there) ** missing["mol"]
    if missing in ({"eq": 1, "mol": -1}, {"eq": -1, "mol": 1}):
        return ratio * _valence(valence, here, there) ** missing["mol"]
    raise _kinds_differ(here, there)


def _check_ratios_are_alike(here: Unit, there: Unit) -> None:
    """Ratios have no dimension left: mol/mol (HbA1c) is not %, {INR} is not %, but L/L (haematocrit) is."""
    if here.label != there.label and any(unit.code not in ("", "1") for unit in (here, there) if not unit.label):
        raise _kinds_differ(here, there)
    if here.label and there.label and here.label != there.label:
        raise _kinds_differ(here, there)
    if here.cancelled != there.cancelled:
        both = here.cancelled | there.cancelled
        if (here.cancelled and there.cancelled) or "mol" in both:
            raise _kinds_differ(here, there)


def _molar_mass(molar_mass: float | Decimal | None, here: Unit, there: Unit) -> Fraction:
    if molar_mass is None:
        message = f"{here.code} becomes {there.code} only with the molar mass of the substance, which is not known"
        raise MolarMassUnknown(message)
    if not 0 < molar_mass < float("inf"):
        raise ValueError(f"molar_mass must be a positive number of g/mol, but got {molar_mass}")
    return Fraction(str(molar_mass))


def _valence(valence: int | None, here: Unit, there: Unit) -> Fraction:
    if valence is None:
        message = f"{here.code} becomes {there.code} only with the valence of the ion, which is not known"
        raise ValenceUnknown(message)
    if valence < 1:
        raise ValueError(f"valence must be an integer not less than 1, but got {valence}")
    return Fraction(valence)


def _convert_scale(value: Decimal, here: Unit, there: Unit) -> Decimal:
    kelvin = (("K", 1),)
    if here.dimensions != kelvin or there.dimensions != kelvin:
        raise _kinds_differ(here, there)
    zero_here, zero_there = (TEMPERATURES[unit.function][0] if unit.function else Fraction(0) for unit in (here, there))
    exact = (Fraction(value) * here.factor + zero_here - zero_there) / there.factor
    return _rounded(exact, _digits(value))


def _scaled(value: Decimal, ratio: Fraction) -> Decimal:
    """Move the point where the ratio is a power of ten, so that reported zeros stay; round otherwise."""
    places = _power_of_ten(ratio)
    if places is not None:
        return _plain(value.scaleb(places, Context(prec=_digits(value))))
    return _rounded(Fraction(value) * ratio, _digits(value))


def _power_of_ten(ratio: Fraction) -> int | None:
    large = max(ratio.numerator, ratio.denominator)
    places = len(str(large)) - 1
    if min(ratio.numerator, ratio.denominator) != 1 or large != 10**places:
        return None
    return places if ratio.denominator == 1 else -places


def _rounded(exact: Fraction, digits: int) -> Decimal:
    context = Context(prec=digits + _GUARD_DIGITS)
    return _plain(context.divide(Decimal(exact.numerator), Decimal(exact.denominator)))


def _digits(value: Decimal) -> int:
    return len(value.as_tuple().digits)


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value, "f"))


def _kinds_differ(here: Unit, there: Unit) -> KindsDiffer:
    return KindsDiffer(f"{here.code or '1'} and {there.code or '1'} measure different kinds of quantity")
