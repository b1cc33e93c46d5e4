"""Whether two records are one person: the same, different, or for a person to say.

The weights rank; they never decide alone. Certain is only what a checked number says together with birth date and name
or sex, or what the whole of name with its marks, birth date, sex, telephone and address say, and nothing contradicts.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from rapidfuzz.distance import OSA

from lienthong.results.identity.addresses import AddressLevel, compare_addresses
from lienthong.results.identity.keys import phone_digits
from lienthong.results.identity.names import NameLevel, compare_names, name_forms
from lienthong.results.identity.numbers import PersonNumber
from lienthong.results.identity.traits import (
    ANOTHER_NAME,
    SAME_NAME,
    Agreement,
    DateLevel,
    Traits,
    compare,
    compare_dates,
)
from lienthong.results.identity.weights import FIELDS, Model

CERTAIN_BITS = 25.0
REVIEW_BITS = 17.0
_RARE, _CROWDED = 4.0, 6.0  # how far the name's own frequency may raise and lower its weight, in bits
_ADDRESS_AGREES = (AddressLevel.EXACT, AddressLevel.MOST)


class Outcome(enum.StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    REVIEW = "review"


class NumberLevel(enum.StrEnum):
    """What the numbers of two records say, most first."""

    SHARED = "shared"
    NEAR = "near"
    DIFFER = "differ"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What is known of a record. `numbers` are its checked numbers; `doubted` are those that don't agree with it."""

    full_name: str
    other_name: str = ""
    birth_date: dt.date | None
    sex: str
    numbers: tuple[PersonNumber, ...] = ()
    doubted: frozenset[PersonNumber] = frozenset()
    phone: str = ""
    address: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.full_name, self.other_name) if self.other_name else (self.full_name,)

    @property
    def traits(self) -> Traits:
        return Traits(full_name=self.full_name, birth_date=self.birth_date, sex=self.sex)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, the sum of the weights in bits, and by field the level and its weight."""

    outcome: Outcome
    bits: float
    levels: Mapping[str, str]
    weights: Mapping[str, float]


def judge(one: Side, other: Side, *, by: Model, shares: Mapping[str, float] | None = None) -> Verdict:
    """Judge two records; `shares` says how frequent the words of names are (0 to 1), where that is known."""
    levels, names = _levels(one, other)
    weights = {name: by.weight(name, levels[name]) for name in FIELDS}
    if shares and levels["name"] in SAME_NAME:
        weights["name"] = _by_frequency(weights["name"], by.m_of_names[levels["name"]], names[0], shares)
    bits = sum(weights.values())
    return Verdict(_outcome(one, other, levels, names, bits), round(bits, 2), levels, weights)


def is_someone_else(known: Side, sent: Side) -> bool:
    """Whether a number of a sender's own, or two that it merges, is of two human beings as far as they are told.

    So it is where two of birth date, sex and name differ; and where the name is another one, or the birth date is far
    off, unless a checked number is common to both. What one side leaves blank says nothing.
    """
    name, _names = _best_names(known, sent)
    births = compare_dates(known.birth_date, sent.birth_date)
    differing = (
        births not in (DateLevel.EXACT, DateLevel.FIRST_JANUARY, DateLevel.UNKNOWN),
        _equal(known.sex, sent.sex) == "differ",
        name not in SAME_NAME and name is not NameLevel.UNKNOWN,
    )
    if sum(differing) >= 2:
        return True
    is_far = name in ANOTHER_NAME or births is DateLevel.NONE
    return is_far and not _is_backed_by_number(known, sent)


def _outcome(one: Side, other: Side, levels: Mapping[str, str], names: tuple[str, str], bits: float) -> Outcome:
    if bits < REVIEW_BITS and levels["number"] != NumberLevel.SHARED:  # most pairs: a name is all they share
        return Outcome.DIFFERENT
    first = Traits(full_name=names[0], birth_date=one.birth_date, sex=one.sex)
    second = Traits(full_name=names[1], birth_date=other.birth_date, sex=other.sex)
    is_agreed = compare(first, second) is Agreement.SAME and not _numbers_contradict(one, other)
    is_backed = _is_backed_by_number(one, other) or _is_backed_by_household(levels, names)
    return Outcome.SAME if is_agreed and is_backed and bits >= CERTAIN_BITS else Outcome.REVIEW


def _is_backed_by_number(one: Side, other: Side) -> bool:
    """Whether a checked number that neither side makes doubtful is common to both."""
    return any(a.kind == b.kind and a.key == b.key for a in _sound(one) for b in _sound(other))


def _is_backed_by_household(levels: Mapping[str, str], names: tuple[str, str]) -> bool:
    """Whether all else agrees, and the name is written so that it can't be a twin's whose marks were dropped."""
    is_whole = levels["name"] in (NameLevel.EXACT, NameLevel.SCRIPT) and all(
        name_forms(name).has_marks for name in names
    )
    return (
        is_whole
        and levels["birth_date"] == DateLevel.EXACT
        and levels["sex"] == "same"
        and levels["phone"] == "same"
        and levels["address"] in _ADDRESS_AGREES
    )


def _numbers_contradict(one: Side, other: Side) -> bool:
    """Whether two numbers of one kind differ: nobody has two, so one of the records errs or they are two people."""
    return any(a.kind == b.kind and a.key != b.key for a in _sound(one) for b in _sound(other))


def _sound(side: Side) -> list[PersonNumber]:
    return [one for one in side.numbers if not one.problem and one not in side.doubted]


def _levels(one: Side, other: Side) -> tuple[dict[str, str], tuple[str, str]]:
    name, names = _best_names(one, other)
    levels: dict[str, str] = {
        "name": name,
        "birth_date": compare_dates(one.birth_date, other.birth_date),
        "sex": _equal(one.sex, other.sex),
        "number": compare_numbers(one.numbers, other.numbers),
        "phone": _equal(phone_digits(one.phone), phone_digits(other.phone)),
        "address": compare_addresses(one.address, other.address),
    }
    return levels, names


_ORDER = {level: place for place, level in enumerate(NameLevel)}


def _best_names(one: Side, other: Side) -> tuple[NameLevel, tuple[str, str]]:
    """Compare each name of the one with each of the other: a record may hold a name in two scripts."""
    if not one.other_name and not other.other_name:
        return compare_names(one.full_name, other.full_name), (one.full_name, other.full_name)
    tried = [(compare_names(a, b), (a, b)) for a in one.names for b in other.names]
    return min(tried, key=lambda found: _ORDER[found[0]])


def compare_numbers(first: tuple[PersonNumber, ...], second: tuple[PersonNumber, ...]) -> NumberLevel:
    """Return what is common to the numbers of two records, whatever doubt there is about them."""
    pairs = [(a, b) for a in first for b in second if a.kind == b.kind]
    if any(a.key == b.key for a, b in pairs):
        return NumberLevel.SHARED
    if any(OSA.distance(a.key, b.key, score_cutoff=1) <= 1 for a, b in pairs):
        return NumberLevel.NEAR
    return NumberLevel.DIFFER if pairs else NumberLevel.UNKNOWN


def _by_frequency(bits: float, m: float, name: str, shares: Mapping[str, float]) -> float:
    """Weigh a name by how many bear it: family and given name taken as independent, within bounds."""
    known = [shares[word] for word in name_forms(name).ends if word in shares]
    if len(known) < 2:
        return bits
    u = max(known[0] * known[1], 1e-12)
    return min(max(log2(m / u), bits - _CROWDED), bits + _RARE)


def _equal(one: str, other: str) -> str:
    if not one or not other:
        return "unknown"
    return "same" if one == other else "differ"
