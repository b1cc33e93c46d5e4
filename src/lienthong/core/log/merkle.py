"""The Merkle tree of RFC 6962, section 2.1: hashes, roots, and proofs that are checked without the tree.

All hashes are SHA-256, 32 bytes. A leaf is hashed after 0x00 and a node after 0x01: no leaf can pass for a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf's data."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node of its two children's hashes."""
    return sha256(b"\x01" + left + right).digest()


def fold_perfect(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a perfect tree over 1, 2, 4, 8, … hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [sha256(b"\x01" + row[n] + row[n + 1]).digest() for n in range(0, len(row), 2)]
    return row[0]


def perfect_parts(start: int, end: int) -> list[tuple[int, int]]:
    """Return the perfect subtrees, largest first, of which the tree over leaves [start, end) is made.

    Each is (level, index): it covers the leaves [index · 2^level, (index + 1) · 2^level). `start` must be a multiple of
    the largest power of two that is not above end - start, as it is for every subtree of RFC 6962.
    """
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def join_parts(hashes: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees given largest first; that of an empty tree where there is none."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges of leaves whose roots prove leaf `index` in the tree of `size`, in the proof's order.

    Raises ValueError where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"index must be from 0 to size - 1, but got {index} of {size}")
    start, end, found = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Return the ranges of leaves whose roots prove that the tree of `first` leaves begins that of `second`.

    Raises ValueError unless 1 <= first <= second.
    """
    if not 1 <= first <= second:
        raise ValueError(f"sizes must rise from 1, but got {first} and {second}")
    start, end, is_whole, found = 0, second, True, []
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, is_whole = middle, False
    if not is_whole:
        found.append((start, end))
    return found[::-1]


def root_of_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that a proof gives for a leaf's hash at `index`; None where the proof has not its length."""
    if not 0 <= index < size:
        return None
    sides = []
    while size > 1:
        middle = _split(size)
        is_left = index < middle
        sides.append(is_left)
        index, size = (index, middle) if is_left else (index - middle, size - middle)
    if len(sides) != len(proof):
        return None
    for is_left, other in zip(reversed(sides), proof, strict=True):
        leaf = node_hash(leaf, other) if is_left else node_hash(other, leaf)
    return leaf


def is_included(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf's hash stands at `index` in the tree of `size` leaves with this root."""
    return root_of_inclusion(leaf, index=index, size=size, proof=proof) == root


def is_consistent(*, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `second` leaves begins with the leaves of the tree of `first`.

    The empty tree begins every tree and needs no proof.
    """
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if not first <= second:
        return False
    sides: list[bool] = []
    end, size, is_whole = first, second, True
    while end != size:
        middle = _split(size)
        is_left = end <= middle
        sides.append(is_left)
        end, size, is_whole = (end, middle, is_whole) if is_left else (end - middle, size - middle, False)
    rest = list(proof)
    if len(rest) != len(sides) + (not is_whole):
        return False
    old = new = first_root if is_whole else rest.pop(0)
    for is_left, other in zip(reversed(sides), rest, strict=True):
        old, new = (old, node_hash(new, other)) if is_left else (node_hash(other, old), node_hash(other, new))
    return old == first_root and new == second_root


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
