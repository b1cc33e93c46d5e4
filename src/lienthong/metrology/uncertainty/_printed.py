"""How a result and its uncertainty are printed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_UP, Decimal, localcontext

EVERY_FLOAT = 700
"""Digits enough for the largest float beside the smallest uncertainty."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A value and its uncertainty, rounded to the same decimal place."""

    value: Decimal
    u: Decimal

    def __str__(self) -> str:
        """Return ``value ± uncertainty``."""
        return f"{self.value:f} ± {self.u:f}"


def printed(value: float | Decimal, u: float | Decimal, *, digits: int = 2, up: bool = False) -> Printed:
    """Return a value and its uncertainty as they are printed.

    Parameters
    ----------
    value, u : float or Decimal, one unit
        Result and its uncertainty, standard or expanded. A float counts as the shortest decimal that it prints as.
    digits : int
        Significant digits of the uncertainty, 1 or 2.
    up : bool
        Whether the uncertainty is rounded up; otherwise to the nearest, a half to the even digit.

    Returns
    -------
    Printed
        Decimals with the digits that are to be printed; as text, ``value ± u`` without exponents.

    Raises
    ------
    ValueError
        If `u` isn't above 0, either isn't finite, or `digits` isn't 1 or 2.

    Notes
    -----
    The value is rounded to the last place of the uncertainty, a half to the even digit. An uncertainty whose rounding
    adds a digit keeps `digits` of them: 0.0996 gives 0.10.

    References
    ----------
    ISO/TS 20914:2019 (at most two significant digits). JCGM 100:2008, 7.2.6.
    https://www.bipm.org/en/committees/jc/jcgm/publications
    ISO 80000-1:2009, annex B, rule A (half to even).

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> str(uncertainty.printed(5.4321, 0.1267))
    '5.43 ± 0.13'
    >>> str(uncertainty.printed(1234.5, 96.3, digits=1))
    '1200 ± 100'
    """
    exact, of_it = Decimal(str(value)), Decimal(str(u))
    if not exact.is_finite():
        raise ValueError(f"value must be finite, but got {value}")
    if not (of_it.is_finite() and of_it > 0):
        raise ValueError(f"u must be greater than 0 and finite, but got {u}")
    if digits not in {1, 2}:
        raise ValueError(f"digits must be 1 or 2, but got {digits}")
    place = of_it.adjusted() - digits + 1
    mode = ROUND_UP if up else ROUND_HALF_EVEN
    rounded = _to_place(of_it, place, mode)
    if rounded.adjusted() > of_it.adjusted():
        place += 1
        rounded = _to_place(of_it, place, mode)
    return Printed(value=_to_place(exact, place, ROUND_HALF_EVEN), u=rounded)


def _to_place(number: Decimal, place: int, mode: str) -> Decimal:
    """Return `number` rounded to 10^`place`."""
    with localcontext(prec=EVERY_FLOAT):
        rounded = number.quantize(Decimal(1).scaleb(place), rounding=mode).quantize(Decimal(1).scaleb(min(place, 0)))
    return rounded if rounded else abs(rounded)  # no −0.00
