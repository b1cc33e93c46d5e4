"""Addresses as they are compared: a bag of words without marks, whatever their order and division into lines."""

from __future__ import annotations

import enum
import re
from functools import lru_cache

from lienthong.results.identity.names import fold_name, is_typing_error

_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")


class AddressLevel(enum.StrEnum):
    """How far two addresses agree, most first."""

    EXACT = "exact"
    MOST = "most"
    HALF = "half"
    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"


@lru_cache(maxsize=65536)
def address_words(address: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold_name(address)))


@lru_cache(maxsize=65536)
def compare_addresses(one: str, other: str) -> AddressLevel:
    """Return how many of the words of the shorter are in the other, a typing error in long words forgiven."""
    first, second = address_words(one), address_words(other)
    if not first or not second:
        return AddressLevel.UNKNOWN
    if first == second:
        return AddressLevel.EXACT
    left, right = first - second, second - first
    common = len(first & second) + sum(
        any(is_typing_error(a, b) for b in right if len(b) > 3) for a in left if len(a) > 3
    )
    share = common / max(min(len(first), len(second)), 1)
    if share >= 0.8 and common > 1:
        return AddressLevel.MOST
    if share >= 0.5 and common > 1:
        return AddressLevel.HALF
    return AddressLevel.SOME if share >= 0.25 else AddressLevel.NONE
