"""Keys under which records that could be one person are found again: stored as 64-bit digests, looked up by index.

A number; birth date (day and month in either order) with family or given name, or with a number of the address; all
letters of the name with the year or with day and month of birth; family or given name with the numbers of the address;
the telephone. Letters are sorted, so that order of words and blanks don't matter, and an
ideograph's are those of its sound.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from hashlib import blake2b

from lienthong.results.identity.names import name_forms
from lienthong.results.identity.numbers import PersonNumber

PHONE_DIGITS = 9
_DIGITS = re.compile(r"[0-9]+")


def match_keys(
    *,
    names: Collection[str],
    birth_date: dt.date | None,
    numbers: Collection[PersonNumber],
    phone: str = "",
    address: str = "",
) -> frozenset[int]:
    """Return the keys of a record; the fewer it tells of itself, the fewer there are."""
    texts = {f"N\x1f{one.system}\x1f{one.key}" for one in numbers if one.key}
    if birth_date:
        for name in names:
            texts |= _by_birth(name, birth_date)
    if address:
        texts |= _by_address(names, birth_date, address)
    if digits := phone_digits(phone):
        texts.add(f"P\x1f{digits}")
    return frozenset(map(_digest, texts))


@lru_cache(maxsize=65536)
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


def _by_address(names: Iterable[str], born: dt.date | None, address: str) -> set[str]:
    """A house number alone is crowded: it counts with the birth date, or all numbers, or a long one with a name.

    The digits of long ones are sorted, since swapped neighbours are the commonest slip.
    """
    runs = sorted({"".join(sorted(run)) if len(run) > 3 else run for run in _DIGITS.findall(address)})
    texts = {f"H\x1f{born}\x1f{run}" for run in runs[:3]} if born else set()
    selective = [run for run in runs if len(run) > 3] + ["-".join(runs)] * (len(runs) > 1)
    words = {word for name in names for word in name_forms(name).ends}
    return texts | {f"A\x1f{run}\x1f{word}" for run in selective for word in words}


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
