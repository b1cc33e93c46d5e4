"""The tables of the log: digests that wait, leaves, tiles and checkpoints. All are only added to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from lienthong.core.bulk import copy_rows, fetch_prepared, fetch_rows
from lienthong.core.log.tiles import Place, Tree, edge_places, tree_of_edge
from lienthong.errors import LienthongError

ONE_SEQUENCER = 0x6C6F67  # advisory lock, "log"
_TAKE = """
DELETE FROM core_log_waiting WHERE id = ANY(ARRAY(SELECT id FROM core_log_waiting ORDER BY id LIMIT %s))
RETURNING id, digest
"""
_KEEP_TILES = """
INSERT INTO core_log_tile (level, index, hashes) SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])
ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes
"""
_KEEP_CHECKPOINT = "INSERT INTO core_log_checkpoint (size, at, root, note) VALUES (%s, %s, %s, %s)"


class LogBroken(LienthongError):
    """Raised where the stored tree is not what was signed, or a part of it is missing: nothing is added to it."""

    code = "log-broken"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf: its place in the log, the entry that it seals, and its data, 32 bytes."""

    position: int
    entry: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it was signed."""

    size: int
    at: dt.datetime
    root: bytes
    note: str


def take_turn() -> bool:
    """Take the sequencer's lock until the transaction ends; False where another has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_SEQUENCER])
        return bool(cursor.fetchone()[0])


def take_waiting(limit: int) -> list[tuple[int, bytes]]:
    """Take away digests that wait, with their entries, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        return sorted((entry, bytes(digest)) for entry, digest in cursor.fetchall())


def keep_leaves(first: int, entries: Sequence[tuple[int, bytes]]) -> None:
    """Write leaves from position `first` on."""
    rows = [(first + place, entry, digest) for place, (entry, digest) in enumerate(entries)]
    copy_rows("core_log_leaf", ("position", "entry", "digest"), rows)


def keep_tiles(changed: Mapping[Place, bytes]) -> None:
    """Write tiles that are new or longer."""
    levels, indexes = [level for level, _ in changed], [index for _, index in changed]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_TILES, [levels, indexes, list(changed.values())])


def keep_checkpoint(one: Kept) -> None:
    """Write a signed checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_CHECKPOINT, [one.size, one.at, one.root, one.note])


def tiles_at(places: Collection[Place]) -> dict[Place, bytes]:
    """Return those of these tiles that there are."""
    if not places:
        return {}
    wanted = ",".join(f"({int(level)},{int(index)})" for level, index in sorted(places))  # faster than arrays
    rows = fetch_rows(f"SELECT level, index, hashes FROM core_log_tile WHERE (level, index) IN ({wanted})", [])  # noqa: S608 — numbers
    return {(level, index): hashes for level, index, hashes in rows}


def size_of_log() -> int:
    """Return how many leaves there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(position) FROM core_log_leaf")
        last = cursor.fetchone()[0]
    return 0 if last is None else int(last) + 1


def load_tree() -> Tree:
    """Return the tree of all leaves; raises LogBroken where a tile of its edge is missing or too short."""
    size = size_of_log()
    try:
        return tree_of_edge(size, tiles_at(edge_places(size)))
    except KeyError as error:
        raise LogBroken(f"the tree of {size} leaves lacks a tile of its edge: {error}") from error


def last_checkpoint(*, up_to: int | None = None) -> Kept | None:
    """Return the newest checkpoint, or the newest of at most `up_to` leaves; None before the first."""
    condition, values = ("WHERE size <= %s", [up_to]) if up_to is not None else ("", [])
    return _checkpoint(f"{condition} ORDER BY size DESC", values)


def checkpoint_by(at: dt.datetime) -> Kept | None:
    """Return the newest checkpoint that was signed at an instant or before it; None where there is none."""
    return _checkpoint("WHERE at <= %s ORDER BY size DESC", [at])


def first_checkpoint(*, holding: int) -> Kept | None:
    """Return the oldest checkpoint that holds the leaf at a position; None where none was published yet."""
    return _checkpoint("WHERE size > %s ORDER BY size", [holding])


def _checkpoint(condition: str, values: Sequence[object]) -> Kept | None:
    rows = fetch_prepared(f"SELECT size, at, root, note FROM core_log_checkpoint {condition} LIMIT 1", values)  # noqa: S608 — ours
    return Kept(*rows[0]) if rows else None


def leaf_of(entry: int) -> Leaf | None:
    """Return the leaf of an entry; None while it waits."""
    rows = fetch_prepared("SELECT position, entry, digest FROM core_log_leaf WHERE entry = %s", [entry])
    return Leaf(*rows[0]) if rows else None


def leaves(*, start: int = 0, count: int) -> list[Leaf]:
    """Return at most `count` leaves from position `start` on; positions may be missing where rows were taken away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, entry, digest FROM core_log_leaf WHERE position >= %s ORDER BY position LIMIT %s",
            [start, count],
        )
        return [Leaf(position, entry, bytes(digest)) for position, entry, digest in cursor.fetchall()]


def checkpoints(*, above: int = 0, chunk: int = 5_000) -> Iterator[Kept]:
    """Yield the checkpoints of more than `above` leaves, smallest first."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT size, at, root, note FROM core_log_checkpoint WHERE size > %s ORDER BY size LIMIT %s",
                [above, chunk],
            )
            rows = cursor.fetchall()
        for size, at, root, note in rows:
            yield Kept(size, at, bytes(root), note)
        if len(rows) < chunk:
            return
        above = rows[-1][0]
