"""Who a sender's patient is taken to be: agreement of traits, and which numbers name a human being.

A national number alone never makes two records one person: a child comes on its mother's card, cards are borrowed.
"""

from __future__ import annotations

import datetime as dt
import enum
import unicodedata
from dataclasses import dataclass

NATIONAL = "NI"
INSURANCE = "HC"
_NATIONAL_TYPES = frozenset({"NI", "SS", "PRC", "CZ"})  # HL7 table 0203; NN and a country code as well
_INSURANCE_TYPES = frozenset({"HC", "NIIP", "SN"})
_NATIONAL_AUTHORITIES = frozenset({"cccd", "cmnd", "vneid", "ni", "national-id", "national", "resident-id", "idcard"})
_INSURANCE_AUTHORITIES = frozenset({"bhyt", "hc", "health-insurance", "insurance"})


class Agreement(enum.Enum):
    """What the traits of two records say about their being one person."""

    SAME = "same"
    DIFFERENT = "different"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Name, birth date and sex (`F`, `M`, or empty: not known)."""

    full_name: str
    birth_date: dt.date | None
    sex: str


def compare(one: Traits, other: Traits) -> Agreement:
    """Judge two records that share a national number: birth date, and sex or name, must agree with it."""
    births, sexes = _equal(one.birth_date, other.birth_date), _equal(one.sex, other.sex)
    if births is False or sexes is False:
        return Agreement.DIFFERENT
    if births and (sexes or _names_equal(one, other)):
        return Agreement.SAME
    return Agreement.UNCERTAIN


def is_someone_else(known: Traits, sent: Traits) -> bool:
    """Whether a local number now comes with another human being: two of birth date, sex and name differ."""
    differing = (
        _equal(known.birth_date, sent.birth_date) is False,
        _equal(known.sex, sent.sex) is False,
        _names_equal(known, sent) is False,
    )
    return sum(differing) >= 2


def fold_name(name: str) -> str:
    """Return a name without case, marks and doubled blanks: Nguyễn Thị Đào becomes nguyen thi dao."""
    lowered = name.casefold().replace("đ", "d")
    marks_off = "".join(one for one in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(one))
    return " ".join(unicodedata.normalize("NFC", marks_off).split())


def identifier_kind(*, system: str, type_code: str) -> str:
    """Return the system under which a number is kept: national numbers and insurance cards alike from every sender."""
    kind, authority = type_code.upper(), system.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1].casefold()
    if kind in _NATIONAL_TYPES or (kind.startswith("NN") and len(kind) == 5) or authority in _NATIONAL_AUTHORITIES:
        return NATIONAL
    if kind in _INSURANCE_TYPES or authority in _INSURANCE_AUTHORITIES:
        return INSURANCE
    return (system or kind)[:60]


def _names_equal(one: Traits, other: Traits) -> bool | None:
    """Compare names whatever the order of their words; ideographs are written with and without blanks."""
    first, second = (fold_name(traits.full_name).split() for traits in (one, other))
    if not first or not second:
        return None
    return sorted(first) == sorted(second) or "".join(first) == "".join(second)


def _equal(one: object, other: object) -> bool | None:
    return one == other if one and other else None
