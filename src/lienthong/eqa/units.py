"""Reported numbers and units, brought to the one unit in which an analyte is scored."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from lienthong.errors import LienthongError
from lienthong.interop import ucum
from lienthong.normal_forms import normalize

NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
UNITY = Decimal("1.000000000000000")  # conversion keeps as many digits as it is given


class NotConvertible(LienthongError):
    code = "unit-not-convertible"


def number_of(reported: str) -> Decimal | None:
    """Return what a reported value is as a number; None for `<0.01`, `+++`, words and the like."""
    text = normalize("NFKC", reported).replace("−", "-").strip()
    return Decimal(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def converted(number: Decimal, reported_unit: str, unit: str, molar_mass: float | None) -> float:
    """Return a number of a reported unit in a UCUM unit; raise NotConvertible with the reason."""
    source = ucum.normalise_unit(reported_unit)
    if source is None:
        raise NotConvertible(_("the unit is not known; write it as UCUM has it, such as mmol/L"))
    if source.replace("[IU]", "U") == unit:  # where an analyte is scored in U it is an enzyme, and its IU is the U
        return float(number)
    return float(number * _factor(source, unit, molar_mass))


def factor(source: str, target: str, molar_mass: float | None) -> float:
    """Return by what a number of one UCUM unit is multiplied to be one of another; raise NotConvertible."""
    return float(_factor(source, target, molar_mass))


def _factor(source: str, target: str, molar_mass: float | None) -> Decimal:
    if source == target:
        return Decimal(1)
    try:
        return ucum.convert(UNITY, source, target, molar_mass=molar_mass)
    except ucum.MolarMassUnknown as error:
        raise NotConvertible(_("it needs the molar mass of the analyte, which is not stored")) from error
    except ucum.UnitError as error:
        raise NotConvertible(_("the two units measure different kinds of quantity")) from error
