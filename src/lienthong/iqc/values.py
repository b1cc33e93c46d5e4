"""Control values as they were reported, in the unit of their target."""

from __future__ import annotations

import functools
from decimal import Decimal

from lienthong.interop import ucum


@functools.lru_cache(maxsize=1024)
def code_of(unit: str) -> str | None:
    """Return the UCUM code that a reported unit means; None where that is not certain."""
    return ucum.normalise_unit(unit)


def in_unit(value: Decimal, unit: str, target: str, *, molar_mass: float | None) -> Decimal:
    """Return a value of a reported unit in the target's; raise ucum.UnitError where there is no way between them."""
    if unit == target:
        return value
    code = code_of(unit)
    if code is None:
        raise ucum.NotUcum("the unit is not known")
    return ucum.convert(value, code, target, molar_mass=molar_mass)
