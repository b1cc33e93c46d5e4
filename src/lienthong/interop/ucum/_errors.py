"""Why a unit can't be read or a value can't be converted.

UnitError
├── NotUcum             the text is no UCUM code
├── KindsDiffer         the units measure different kinds of quantity
├── MolarMassUnknown    mass against amount of substance, and no molar mass was given
└── ValenceUnknown      equivalents against amount of substance, and no valence was given
"""

from __future__ import annotations

from lienthong.errors import LienthongError


class UnitError(LienthongError):
    code = "unit"


class NotUcum(UnitError):
    code = "unit-not-ucum"


class KindsDiffer(UnitError):
    code = "unit-kinds-differ"


class MolarMassUnknown(UnitError):
    code = "molar-mass-unknown"


class ValenceUnknown(UnitError):
    code = "valence-unknown"
