"""How a statement becomes a leaf: its salted digest tells nothing of it, and nothing else gives the same digest."""

from __future__ import annotations

import secrets
from hashlib import sha256

SALT_BYTES = 16


def new_salts(count: int) -> list[bytes]:
    """Draw as many salts; 128 random bits, so that a value with few possibilities can't be found by trying them."""
    drawn = secrets.token_bytes(SALT_BYTES * count)
    return [drawn[n : n + SALT_BYTES] for n in range(0, len(drawn), SALT_BYTES)]


def seal(statement: bytes, *, salt: bytes) -> bytes:
    """Return the data of the leaf of a statement: SHA-256 of the salt, 16 bytes, followed by the statement."""
    return sha256(salt + statement).digest()
