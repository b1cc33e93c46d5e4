"""UCUM: units as codes, what hospitals write for them, and conversion."""

from lienthong.interop.ucum._convert import convert
from lienthong.interop.ucum._errors import KindsDiffer, MolarMassUnknown, NotUcum, UnitError, ValenceUnknown
from lienthong.interop.ucum._parse import Unit, is_valid, parse
from lienthong.interop.ucum._reported import join_power, normalise_unit

__all__ = [
    "KindsDiffer",
    "MolarMassUnknown",
    "NotUcum",
    "Unit",
    "UnitError",
    "ValenceUnknown",
    "convert",
    "is_valid",
    "join_power",
    "normalise_unit",
    "parse",
]
