"""Keys under which records that could be one person are found again: stored as 64-bit digests, looked up by index.

A number; birth date (day and month in either order) with family or given name; all letters of the name with the year or
with day and month of birth; the telephone. Letters are sorted, so that order of words and blanks don't matter, and an
ideograph's are those of its sound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from hashlib import blake2b

from lienthong.results.identity.names import name_forms
from lienthong.results.identity.numbers import PersonNumber

PHONE_DIGITS = 9


def match_keys(
    *,
    names: Iterable[str],
    birth_date: dt.date | None,
    numbers: Collection[PersonNumber],
    phone: str = "",
) -> frozenset[int]:
    """Return the keys of a record; the fewer it tells of itself, the fewer there are."""
    texts = {f"N\x1f{one.system}\x1f{one.key}" for one in numbers if one.key}
    if birth_date:
        for name in names:
            texts |= _by_birth(name, birth_date)
    if digits := phone_digits(phone):
        texts.add(f"P\x1f{digits}")
    return frozenset(map(_digest, texts))


def number_key(system: str, key: str) -> int:
    """Return the key of one number."""
    return _digest(f"N\x1f{system}\x1f{key}")


def phone_digits(phone: str) -> str:
    """Return the last nine digits, which leave out country code and leading zero; empty where there are fewer."""
    digits = "".join(one for one in phone if one.isdecimal() and one.isascii())
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else ""


def _by_birth(name: str, born: dt.date) -> set[str]:
    forms = name_forms(name)
    if not forms.words:
        return set()
    low, high = sorted((born.month, born.day))
    texts = {f"B\x1f{born.year}-{low}-{high}\x1f{word}" for word in forms.ends}
    return texts | {f"Y\x1f{born.year}\x1f{forms.letters}", f"D\x1f{low}-{high}\x1f{forms.letters}"}


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
