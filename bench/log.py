"""The verifiable log at ten million leaves: proofs by key, appends of the sequencer, and what sealing costs a message.

Leaves and tiles lie in PostgreSQL as the sequencer keeps them, beside pymerkle's tree in memory and in SQLite. Proofs
of the peers are at the size to which they grow in the time that there is.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median

from bench.province import province
from bench.timing import Table, shown

LEAVES, BATCH, PROOFS = 10_000_000, 100_000, 1_000
TURN, TURNS = 1_000, 40
PEER_MEMORY, PEER_SQLITE = 200_000, 3_000
INTAKE = 500  # messages a second of an hour's soak, of which each may be a report
PROOF_SECONDS = 1e-3
_LEAVES = f"INSERT INTO core_log_leaf SELECT n, n + 1, sha256(n::text::bytea) FROM generate_series(0, {LEAVES - 1}) n"  # noqa: S608


def measure(table: Table) -> None:
    """Print how long proofs take and how many leaves are appended a second."""
    with province(laboratories=1):
        _fill()
        _proofs(table)
        ours = _appends()
        table.add("log, a leaf appended: here, durably", ours)
        for name, seconds in _peers():
            table.add(f"log, a leaf appended: {name}", seconds, seconds / ours)
        table.add(f"log, a leaf appended: the intake, {INTAKE}/s", 1 / INTAKE, 1 / INTAKE / ours, 1.0)


def _fill() -> None:
    """Write ten million leaves, and with them all their tiles."""
    from django.db import transaction

    from lienthong.core.log import storage
    from lienthong.core.log.tiles import Tree

    begun, tree = time.perf_counter(), Tree()
    leaves = threading.Thread(target=_insert_leaves)
    leaves.start()
    for start in range(0, LEAVES, BATCH):
        with transaction.atomic():
            storage.keep_tiles(tree.append([sha256(b"%d" % n).digest() for n in range(start, start + BATCH)]))
    leaves.join()
    seconds = time.perf_counter() - begun
    print(
        f"  {LEAVES:,} leaves written in {seconds:.0f} s, {LEAVES / seconds:,.0f}/s; {_bytes_a_leaf():.0f} bytes each"
    )
    _run("ANALYZE core_log_leaf, core_log_tile")


def _insert_leaves() -> None:
    """Let the server write the leaves, by a session of its own."""
    from django.db import connection

    _run(_LEAVES)
    connection.close()


def _bytes_a_leaf() -> float:
    row = _run("SELECT pg_total_relation_size('core_log_leaf') + pg_total_relation_size('core_log_tile')")
    return float(row) / LEAVES


def _proofs(table: Table) -> None:
    """Time proofs of leaves drawn at random, each by its own query, and check each against the root."""
    from django.utils import timezone

    from lienthong.core.actions import system_user
    from lienthong.core.log.merkle import consistency_ranges, is_included, leaf_hash
    from lienthong.core.log.reads import consistency, inclusion, proof_of
    from lienthong.core.log.sequencer import publish_checkpoint

    publish_checkpoint(by=system_user("log"), at=timezone.now())
    drawn = random.Random(13)  # noqa: S311 — places to look at
    places = [drawn.randrange(LEAVES) for _ in range(PROOFS)]
    found = inclusion(places[0] + 1)
    assert found is not None  # noqa: S101 — of the bench itself
    assert found.holds and found.checkpoint.size == LEAVES  # noqa: S101, PT018
    root = found.checkpoint.root
    for place in places[:50]:
        leaf = leaf_hash(sha256(b"%d" % place).digest())
        assert is_included(leaf, index=place, size=LEAVES, proof=proof_of(place, size=LEAVES), root=root)  # noqa: S101
    assert consistency_ranges(1, LEAVES)  # noqa: S101
    _say(table, "log: select 1 over the same connection", [lambda: _run("SELECT 1")] * PROOFS, target=None)
    _say(table, "log, an inclusion proof of 10 million", [lambda p=p: proof_of(p, size=LEAVES) for p in places])
    _say(table, "log, entry to proof and checkpoint", [lambda p=p: inclusion(p + 1) for p in places], target=None)
    _say(table, "log, a consistency proof of 10 million", [lambda p=p: consistency(p + 1, LEAVES) for p in places])


def _say(table: Table, name: str, ways: Sequence[Callable[[], object]], target: float | None = PROOF_SECONDS) -> None:
    taken = []
    for way in ways:
        begun = time.perf_counter()
        way()
        taken.append(time.perf_counter() - begun)
    taken.sort()
    middle = median(taken)
    table.add(name, middle, None if target is None else target / middle, None if target is None else 1.0)
    slow = taken[len(taken) * 99 // 100]
    print(f"    of {len(taken):,}: half in {shown(middle)}, 99 of 100 in {shown(slow)}, the least {shown(taken[0])}")


def _appends() -> float:
    """Return how long a leaf takes the sequencer in turns of a thousand, each committed to disk."""
    from lienthong.core.actions import system_user
    from lienthong.core.log.entering import enter
    from lienthong.core.log.sequencer import append_waiting

    by, first = system_user("log"), LEAVES + 1
    for start in range(first, first + TURN * TURNS, TURN):
        enter([(entry, sha256(b"%d" % entry).digest()) for entry in range(start, start + TURN)])
    taken = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        assert append_waiting(by=by, limit=TURN) == TURN  # noqa: S101 — of the bench itself
        taken.append(time.perf_counter() - begun)
    seconds = median(taken) / TURN
    print(f"  {1 / seconds:,.0f} leaves/s in turns of {TURN:,}, each one commit")
    return seconds


def _peers() -> Iterator[tuple[str, float]]:
    from pymerkle import InmemoryTree, SqliteTree

    memory = InmemoryTree(algorithm="sha256")
    yield f"pymerkle in memory, of {PEER_MEMORY:,}", _append_each(memory, PEER_MEMORY)
    begun = time.perf_counter()
    for place in range(1, 101):
        memory.prove_inclusion(place * (PEER_MEMORY // 100), PEER_MEMORY)
    print(f"    pymerkle in memory proves a leaf of {PEER_MEMORY:,} in {shown((time.perf_counter() - begun) / 100)}")
    with tempfile.TemporaryDirectory(dir=Path(os.environ["LIENTHONG_DATA"])) as folder:
        tree = SqliteTree(str(Path(folder) / "tree.db"), algorithm="sha256")
        yield f"pymerkle in SQLite, of {PEER_SQLITE:,}", _append_each(tree, PEER_SQLITE)
        tree.con.close()


def _append_each(tree: object, count: int) -> float:
    begun = time.perf_counter()
    for number in range(count):
        tree.append_entry(sha256(b"%d" % number).digest())  # type: ignore[attr-defined]  # of pymerkle
    return (time.perf_counter() - begun) / count


def _run(statement: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return int(row[0]) if row else 0
