"""The tree as tiles: rows of 32 hashes at every fifth level, so that ten million leaves are proved by some ten rows.

Tile (level, index) keeps the roots of the perfect subtrees over 32^level leaves each, from number 32 · index on. A full
tile never changes again; the last one of each level grows. What lies between two levels is hashed when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lienthong.core.log.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    Range,
    fold_perfect,
    join_parts,
    leaf_hash,
    perfect_parts,
)

BITS = 5
WIDTH = 1 << BITS
TILE_BYTES = WIDTH * HASH_BYTES

Place = tuple[int, int]


@dataclass(slots=True)
class Tree:
    """A tree that only grows: its size, and by level the last tile as far as it is filled."""

    size: int = 0
    edge: list[bytes] = field(default_factory=list)

    def append(self, digests: Iterable[bytes]) -> dict[Place, bytes]:
        """Append leaves with these data; return the tiles that are new or longer now."""
        changed: dict[Place, bytes] = {}
        hashes = [leaf_hash(one) for one in digests]
        count, level, grown = self.size, 0, len(hashes)
        while hashes:
            hashes = self._extend(level, count, hashes, changed)
            count, level = count >> BITS, level + 1
        self.size += grown
        return changed

    def _extend(self, level: int, count: int, hashes: list[bytes], changed: dict[Place, bytes]) -> list[bytes]:
        """Add hashes to a level that has `count`; return the roots of the tiles that are full now."""
        if level == len(self.edge):
            self.edge.append(b"")
        index, row = count >> BITS, self.edge[level] + b"".join(hashes)
        full = []
        while len(row) >= TILE_BYTES:
            tile, row = row[:TILE_BYTES], row[TILE_BYTES:]
            changed[level, index] = tile
            full.append(fold_perfect(_hashes(tile)))
            index += 1
        if row:
            changed[level, index] = row
        self.edge[level] = row
        return full

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        parts: list[bytes] = []
        for row in reversed(self.edge):
            hashes = _hashes(row)
            parts += [
                fold_perfect(hashes[index << level : (index + 1) << level])
                for level, index in perfect_parts(0, len(hashes))
            ]
        return join_parts(parts) if parts else EMPTY_ROOT


def edge_places(size: int) -> list[Place]:
    """Return the tiles that the next leaf of a tree of `size` may lengthen and that exist already, lowest first."""
    places = []
    level = 0
    while count := size >> (BITS * level):
        if count % WIDTH:
            places.append((level, count >> BITS))
        level += 1
    return places


def tree_of_edge(size: int, tiles: Mapping[Place, bytes]) -> Tree:
    """Return the tree of `size` leaves of the tiles of its edge; raises KeyError where one is missing or too short."""
    edge: list[bytes] = []
    level = 0
    while count := size >> (BITS * level):
        kept = (count % WIDTH) * HASH_BYTES
        row = tiles[level, count >> BITS][:kept] if kept else b""
        if len(row) != kept:
            raise KeyError((level, count >> BITS))
        edge.append(row)
        level += 1
    return Tree(size, edge)


def places_of(ranges: Sequence[Range]) -> set[Place]:
    """Return the tiles that must be read to tell the roots over ranges of leaves."""
    return {_place(level, index)[0] for start, end in ranges for level, index in perfect_parts(start, end)}


def roots_of(ranges: Sequence[Range], tiles: Mapping[Place, bytes]) -> list[bytes]:
    """Return the root over each range of leaves; raises KeyError where a tile is missing or too short.

    A subtree in which several ranges share, as those of a proof do, is hashed once.
    """
    parts = [perfect_parts(start, end) for start, end in ranges]
    hashes = {part: _subtree(*part, tiles) for part in {part for of_one in parts for part in of_one}}
    return [join_parts([hashes[part] for part in of_one]) for of_one in parts]


def _place(level: int, index: int) -> tuple[Place, int, int]:
    """Return the tile that tells a perfect subtree, and the first and last hash of it that do."""
    above = level % BITS
    first = index << above
    return (level // BITS, first >> BITS), first % WIDTH, first % WIDTH + (1 << above)


def _subtree(level: int, index: int, tiles: Mapping[Place, bytes]) -> bytes:
    place, first, last = _place(level, index)
    part = tiles[place][first * HASH_BYTES : last * HASH_BYTES]
    if len(part) != (last - first) * HASH_BYTES:
        raise KeyError(place)
    return fold_perfect(_hashes(part))


def _hashes(row: bytes) -> list[bytes]:
    return [row[n : n + HASH_BYTES] for n in range(0, len(row), HASH_BYTES)]
