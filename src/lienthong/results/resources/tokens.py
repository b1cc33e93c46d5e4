"""What a resource is found by, as numbers: of each code with and without its system, of each reference, and that a
parameter has a value at all.

Two texts share a number once in 2^64 pairs, so that a search may at worst find one resource too many.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

_ANY, _PRESENT = "\x1d", "\x1e"


def code_tokens(parameter: str, *, system: str, code: str) -> Iterator[int]:
    """Return the numbers of a coded value: with its system, with any, and of its system alone."""
    yield _number(parameter, system, code)
    yield _number(parameter, _ANY, code)
    if system:
        yield _number(parameter, system, _ANY)


def code_token(parameter: str, *, system: str | None, code: str) -> int:
    """Return the number to look for; no system is any, an empty one is none, an empty code is any of the system."""
    return _number(parameter, _ANY if system is None else system, code or _ANY)


def reference_token(parameter: str, target: str) -> int:
    """Return the number of a reference to `Kind/name`."""
    return _number(parameter, "\x1c", target)


def present_token(parameter: str) -> int:
    """Return the number that every resource has in which a parameter has a value."""
    return _number(parameter, _PRESENT, "")


@lru_cache(maxsize=100_000)
def _number(parameter: str, system: str, code: str) -> int:
    digest = blake2b("\x1f".join((parameter, system, code)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
