"""What others ask of the log: its head, the leaf of an entry with its proof, and that it has only grown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lienthong.core.log import storage
from lienthong.core.log.merkle import EMPTY_ROOT, consistency_ranges, inclusion_ranges, is_included, leaf_hash
from lienthong.core.log.storage import Kept, LogBroken
from lienthong.core.log.tiles import places_of, roots_of
from lienthong.errors import NotFound

__all__ = ["Consistency", "Inclusion", "Kept", "consistency", "head", "inclusion", "proof_of"]


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The leaf of an entry, a signed checkpoint that holds it, and the hashes that lead from one to the other.

    `entered_at` is the time of the first checkpoint that holds the leaf: it was in the log by then.
    """

    position: int
    digest: bytes
    checkpoint: Kept
    entered_at: dt.datetime
    proof: tuple[bytes, ...]

    @property
    def holds(self) -> bool:
        """Whether the proof gives the root of the checkpoint."""
        leaf = leaf_hash(self.digest)
        return is_included(
            leaf, index=self.position, size=self.checkpoint.size, proof=self.proof, root=self.checkpoint.root
        )


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the log of `second` leaves begins with that of `first`."""

    first: int
    second: int
    first_root: bytes
    second_root: bytes
    proof: tuple[bytes, ...]


def head() -> Kept | None:
    """Return the newest checkpoint; None before the first."""
    return storage.last_checkpoint()


def inclusion(entry: int) -> Inclusion | None:
    """Return the proof of an entry in the newest checkpoint; None while no checkpoint holds it.

    Raises LogBroken where a part of the stored tree is missing.
    """
    leaf, last = storage.leaf_of(entry), storage.last_checkpoint()
    if leaf is None or last is None or last.size <= leaf.position:
        return None
    first = storage.first_checkpoint(holding=leaf.position)
    return Inclusion(leaf.position, leaf.digest, last, (first or last).at, proof_of(leaf.position, size=last.size))


def proof_of(position: int, *, size: int) -> tuple[bytes, ...]:
    """Return the hashes that prove the leaf at a position in the tree of `size`; reads a tile for each five levels.

    Raises LogBroken where a part of the stored tree is missing.
    """
    return _roots(inclusion_ranges(position, size))


def consistency(first: int, second: int) -> Consistency:
    """Return the proof that the log of `second` leaves begins with that of `first`.

    Raises NotFound where the sizes do not rise or no checkpoint is that large.
    """
    last = storage.last_checkpoint()
    if not last or not 0 <= first <= second <= last.size or not second:
        raise NotFound(f"sizes must rise from 0 to at most {last.size if last else 0}, that of the newest checkpoint")
    if not first:
        return Consistency(first, second, EMPTY_ROOT, _roots([(0, second)])[0], ())
    old, new, *proof = _roots([(0, first), (0, second), *consistency_ranges(first, second)])
    return Consistency(first, second, old, new, tuple(proof))


def _roots(ranges: list[tuple[int, int]]) -> tuple[bytes, ...]:
    try:
        return tuple(roots_of(ranges, storage.tiles_at(places_of(ranges))))
    except KeyError as error:
        raise LogBroken(f"the stored tree lacks a part: tile {error}") from error
