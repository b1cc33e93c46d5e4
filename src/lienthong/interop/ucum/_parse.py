"""The grammar of UCUM codes (case sensitive) and what a code means: a factor and its dimensions.

Beside UCUM's seven base units, these are dimensions of their own, because a laboratory must never turn one into
another by arithmetic: the mole (UCUM makes it a number), equivalents, osmoles, the arbitrary units ([IU] …) and
microscope fields.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from lienthong.interop.ucum._atoms import ATOMS, BASE_UNITS, PREFIXES
from lienthong.interop.ucum._errors import NotUcum

_ALSO_BASE = {"mol": "mol", "eq": "eq", "osm": "osm", "[HPF]": "[HPF]", "[LPF]": "[LPF]", "[iU]": "[IU]"}
_ANNOTATION = re.compile(r"\{[!-z|~]*\}")
_FACTOR = re.compile(r"[1-9][0-9]*(?![*^0-9])")
_SYMBOL = re.compile(r"(?:10[*^]|(?:[A-Za-z%'_]|\[[!-Z\\^-~]*\])+)")
_EXPONENT = re.compile(r"[+-]?[0-9]+")
LONGEST = 200

# Scales of temperature: kelvins at zero, kelvins for one degree. In a compound (J/Cel) a degree is an interval.
TEMPERATURES = {
    "Cel": (Fraction("273.15"), Fraction(1)),
    "degF": (Fraction("459.67") * Fraction(5, 9), Fraction(5, 9)),
    "degRe": (Fraction("273.15"), Fraction(5, 4)),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A parsed code: `factor` in base units, `dimensions` by base unit.

    `cancelled` are the base units that stand above and below the line and cancel out, so that mol/mol is told from g/g;
    `label` is the annotation of a code that is nothing else ({INR}), `function` the scale of a special unit (Cel).
    """

    code: str
    factor: Fraction
    dimensions: tuple[tuple[str, int], ...]
    cancelled: frozenset[str] = frozenset()
    label: str = ""
    function: str = ""


def parse(code: str) -> Unit:
    """Parse a UCUM code; raise NotUcum where it is not one. The empty code is unity."""
    if len(code) > LONGEST:
        raise NotUcum(f"a unit must be at most {LONGEST} characters, but has {len(code)}")
    return _parse(code)


def is_valid(code: str) -> bool:
    """Whether the text is a UCUM code."""
    try:
        parse(code)
    except NotUcum:
        return False
    return True


@lru_cache(maxsize=4096)
def _parse(code: str) -> Unit:
    if not code:
        return Unit(code, Fraction(1), ())
    reader = _Reader(code)
    term = reader.read_main_term()
    reader.expect_end()
    dimensions = {name: term.above[name] - term.below[name] for name in {*term.above, *term.below}}
    return Unit(
        code,
        term.factor,
        tuple((name, exponent) for name, exponent in sorted(dimensions.items()) if exponent),
        frozenset(name for name in term.above if term.below[name]),
        code if _ANNOTATION.fullmatch(code) else "",
        term.function,
    )


@dataclass(slots=True)
class _Term:
    factor: Fraction
    above: Counter[str]
    below: Counter[str]
    function: str = ""

    def times(self, other: _Term, sign: int) -> _Term:
        above, below = (other.above, other.below) if sign > 0 else (other.below, other.above)
        return _Term(self.factor * other.factor**sign, self.above + above, self.below + below)

    def power(self, exponent: int) -> _Term:
        above, below = (self.above, self.below) if exponent > 0 else (self.below, self.above)
        count = abs(exponent)
        return _Term(self.factor**exponent, _multiplied(above, count), _multiplied(below, count))


def _multiplied(counter: Counter[str], count: int) -> Counter[str]:
    return Counter({name: exponent * count for name, exponent in counter.items() if count})


def _number(factor: Fraction) -> _Term:
    return _Term(factor, Counter(), Counter())


class _Reader:
    """Recursive descent over one code, strictly from left to right: `.` and `/` bind alike."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.at = 0

    def read_main_term(self) -> _Term:
        if self._take("/"):
            return self._read_rest(_number(Fraction(1)).times(self._read_component(), -1))
        return self._read_rest(self._read_component())

    def expect_end(self) -> None:
        if self.at != len(self.code):
            raise self._refusal()

    def _read_rest(self, term: _Term) -> _Term:
        while self.at < len(self.code) and self.code[self.at] in "./":
            sign = 1 if self.code[self.at] == "." else -1
            self.at += 1
            term = term.times(self._read_component(), sign)
        return term

    def _read_component(self) -> _Term:
        if self._take("("):
            term = self.read_main_term()
            if not self._take(")"):
                raise self._refusal()
            self._match(_ANNOTATION)
            return term
        if self._match(_ANNOTATION):
            return _number(Fraction(1))
        if digits := self._match(_FACTOR):
            self._match(_ANNOTATION)
            return _number(Fraction(int(digits)))
        return self._read_symbol()

    def _read_symbol(self) -> _Term:
        symbol = self._match(_SYMBOL)
        term = _resolve(symbol) if symbol else None
        if term is None:
            raise self._refusal()
        exponent = self._match(_EXPONENT)
        self._match(_ANNOTATION)
        if not exponent:
            return term
        if len(exponent) > 3 or int(exponent) == 0 or term.function:
            raise self._refusal()
        return term.power(int(exponent))

    def _take(self, sign: str) -> bool:
        found = self.code.startswith(sign, self.at)
        self.at += len(sign) if found else 0
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.code, self.at)
        self.at = match.end() if match else self.at
        return match.group() if match else ""

    def _refusal(self) -> NotUcum:
        return NotUcum(f"{self.code!r} is not a UCUM unit: it can't be read from character {self.at + 1}")


@lru_cache(maxsize=2048)
def _resolve(symbol: str) -> _Term | None:
    """Read an atom, or a prefix and an atom that takes one."""
    atom = _atom(symbol)
    if atom is not None:
        return atom
    for length in (1, 2):
        prefix, rest = symbol[:length], symbol[length:]
        if prefix in PREFIXES and (rest in BASE_UNITS or "m" in ATOMS.get(rest, ("", "", ""))[2]):
            atom = _atom(rest)
            if atom is not None:
                return _Term(atom.factor * Fraction(PREFIXES[prefix]), atom.above, atom.below, atom.function)
    return None


def _atom(symbol: str) -> _Term | None:
    if symbol in BASE_UNITS:
        return _Term(Fraction(1), Counter({symbol: 1}), Counter())
    if symbol not in ATOMS:
        return None
    value, unit, flags = ATOMS[symbol]
    if symbol in _ALSO_BASE or "a" in flags:
        return _Term(Fraction(1), Counter({_ALSO_BASE.get(symbol, symbol): 1}), Counter())
    if "s" in flags:
        if unit in TEMPERATURES:
            return _Term(TEMPERATURES[unit][1], Counter({"K": 1}), Counter(), unit)
        return _Term(Fraction(1), Counter({symbol: 1}), Counter(), unit)
    definition = _Reader(unit).read_main_term()
    # Within one atom nothing cancels in the sense of a ratio of two kinds: a kilopascal is no fraction of metres.
    net = Counter(definition.above)
    net.subtract(definition.below)
    return _Term(Fraction(value) * definition.factor, +net, -net)
