"""What birth date, sex and name say of two records, and which numbers name a human being.

A national number alone never makes two records one person: a child comes on its mother's card, cards are borrowed.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from functools import lru_cache

from lienthong.results.identity.names import NameLevel, compare_names
from lienthong.results.identity.numbers import INSURANCE, NATIONAL

_NATIONAL_TYPES = frozenset({"NI", "SS", "PRC", "CZ"})  # HL7 table 0203; NN and a country code as well
_INSURANCE_TYPES = frozenset({"HC", "NIIP", "SN"})
# Among them the last parts of Vietnam's naming systems (fhir.ehealth.gov.vn/core/sid).
_NATIONAL_AUTHORITIES = frozenset(
    {"cccd", "cmnd", "vneid", "ni", "national-id", "national", "resident-id", "idcard", "citizen-id"}
)
_INSURANCE_AUTHORITIES = frozenset({"bhyt", "hc", "health-insurance", "insurance", "insurance-number"})
# The same name: what is left out are other marks (Hùng, Hưng), a part of it, and typing errors.
SAME_NAME = frozenset({NameLevel.EXACT, NameLevel.FOLDED, NameLevel.REORDERED, NameLevel.SCRIPT, NameLevel.SOUND})
ANOTHER_NAME = frozenset({NameLevel.SOME, NameLevel.NONE})  # at most a word in common: siblings have that


class Agreement(enum.Enum):
    """What the traits of two records say about their being one person."""

    SAME = "same"
    DIFFERENT = "different"
    UNCERTAIN = "uncertain"


class DateLevel(enum.StrEnum):
    """How far two birth dates agree, most first."""

    EXACT = "exact"
    FIRST_JANUARY = "first-january"
    SWAPPED = "swapped"
    TYPING = "typing"
    YEAR = "year"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Name, birth date and sex (`F`, `M`, or empty: not known)."""

    full_name: str
    birth_date: dt.date | None
    sex: str


def compare(one: Traits, other: Traits) -> Agreement:
    """Judge two records that share a national number: birth date, and name or sex, must agree with it.

    A name that is not quite the same beside an equal birth date and sex is uncertain, since twins borrow one another's
    card; so is a birth date that is one slip away under the same name.
    """
    sexes, name = _equal(one.sex, other.sex), compare_names(one.full_name, other.full_name)
    births = compare_dates(one.birth_date, other.birth_date)
    if sexes is False:
        return Agreement.DIFFERENT
    if births in (DateLevel.EXACT, DateLevel.FIRST_JANUARY):
        agrees = name in SAME_NAME or (sexes is True and name is NameLevel.UNKNOWN)
        return Agreement.SAME if agrees else Agreement.UNCERTAIN
    if births is DateLevel.UNKNOWN or (births in (DateLevel.SWAPPED, DateLevel.TYPING) and name in SAME_NAME):
        return Agreement.UNCERTAIN
    return Agreement.DIFFERENT


@lru_cache(maxsize=65536)
def compare_dates(one: dt.date | None, other: dt.date | None) -> DateLevel:
    """Return how far two birth dates agree; the first of January often stands for a year alone."""
    if one is None or other is None:
        return DateLevel.UNKNOWN
    if one == other:
        return DateLevel.FIRST_JANUARY if (one.month, one.day) == (1, 1) else DateLevel.EXACT
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return DateLevel.SWAPPED
    first, second = one.isoformat(), other.isoformat()
    places = [place for place, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    is_swap = len(places) == 2 and first[places[0]] == second[places[1]] and first[places[1]] == second[places[0]]
    if len(places) == 1 or (is_swap and places[1] - places[0] <= 2):
        return DateLevel.TYPING
    return DateLevel.YEAR if one.year == other.year else DateLevel.NONE


def identifier_kind(*, system: str, type_code: str) -> str:
    """Return the system under which a number is kept: national numbers and insurance cards alike from every sender."""
    kind, authority = type_code.upper(), system.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1].casefold()
    authority = authority.replace("_", "-")
    if kind in _NATIONAL_TYPES or (kind.startswith("NN") and len(kind) == 5) or authority in _NATIONAL_AUTHORITIES:
        return NATIONAL
    if kind in _INSURANCE_TYPES or authority in _INSURANCE_AUTHORITIES:
        return INSURANCE
    return (system or kind)[:60]


def _equal(one: str, other: str) -> bool | None:
    return one == other if one and other else None
