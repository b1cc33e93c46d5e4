"""The log beside what is stored: each leaf with the statement that its rows give today, and what has no leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from lienthong.core.log import storage
from lienthong.core.log.checkpoints import Checkpoint, VerifierKey
from lienthong.core.log.merkle import HASH_BYTES
from lienthong.core.log.tiles import WIDTH
from lienthong.core.log.verification import Claim, Verified, Verifier
from lienthong.results.reports.resealing import Resealed, reseal

CHUNK = 1_000
# What was put into the tables past the application has no leaf.
_WITHOUT_LEAF = (
    (
        "report",
        "no version of it was ever sealed",
        "SELECT report.id FROM results_report report WHERE NOT EXISTS "
        "(SELECT FROM results_report_version kept WHERE kept.report_id = report.id) AND NOT EXISTS "
        "(SELECT FROM results_unsealed WHERE report.id BETWEEN next_report AND last_report) ORDER BY report.id",
    ),
    (
        "sealed version",
        "it has no leaf and does not wait for one",
        "SELECT kept.id FROM results_report_version kept WHERE NOT EXISTS "
        "(SELECT FROM core_log_leaf leaf WHERE leaf.entry = kept.id) AND NOT EXISTS "
        "(SELECT FROM core_log_waiting waiting WHERE waiting.id = kept.id) ORDER BY kept.id",
    ),
    (
        "result",
        "it belongs to no report",
        "SELECT result.id FROM results_result result WHERE NOT EXISTS "
        "(SELECT FROM results_report report WHERE report.id = result.report_id) ORDER BY result.id",
    ),
)


def check_log(
    key: VerifierKey,
    *,
    heads: list[Checkpoint] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Verified:
    """Check every leaf, checkpoint and tile of the database, and that nothing is stored without a leaf.

    Reads a thousand leaves at a time in one snapshot each, so that it may run beside everything else; `on_progress` is
    called with how many more leaves are done.
    """
    verifier = Verifier(key, heads or [], made={})
    for chunk, notes in _chunks():
        _take(verifier, chunk, notes)
        if on_progress:
            on_progress(len(chunk))
    with one_snapshot():
        for name, problem, statement in _WITHOUT_LEAF:
            for found in _keys(statement):
                verifier.fault(f"{name} {found}", "not-in-the-log", problem)
    return verifier.done()


def claims(leaves: list[storage.Leaf]) -> Iterator[Claim]:
    """Yield leaves with the statements that what is stored gives for them."""
    stored = reseal([leaf.entry for leaf in leaves])
    for leaf in leaves:
        yield claim(leaf, stored.get(leaf.entry))


def claim(leaf: storage.Leaf, stored: Resealed | None) -> Claim:
    """Return a leaf with the statement that what is stored gives for it."""
    if stored is None:
        return Claim(leaf.position, leaf.digest, problem="what it seals is stored no more")
    name = f"report {stored.report_id} of {stored.source}, version {stored.version}"
    return Claim(leaf.position, leaf.digest, stored.salt, stored.statement, stored.problem, name)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Read within one snapshot: a report that changes meanwhile must not look as if someone had changed it."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def chunks_of_log() -> Iterator[list[storage.Leaf]]:
    """Yield the leaves that there are now, a thousand at a time, each within a snapshot of its own."""
    size, start = storage.size_of_log(), 0
    while start < size:
        with one_snapshot():
            chunk = [leaf for leaf in storage.leaves(start=start, count=CHUNK) if leaf.position < size]
            if not chunk:
                return
            yield chunk
        start = chunk[-1].position + 1


def _chunks() -> Iterator[tuple[list[Claim], list[storage.Kept]]]:
    """Yield leaves with the checkpoints that fall among them, and at the end those beyond the last leaf."""
    last = 0
    kept = storage.checkpoints()
    waiting = next(kept, None)
    for leaves in chunks_of_log():
        last = leaves[-1].position + 1
        notes = []
        while waiting and waiting.size <= last:
            notes.append(waiting)
            waiting = next(kept, None)
        yield list(claims(leaves)), notes
    size = storage.size_of_log()  # what was signed meanwhile is left for the next time
    beyond = [one for one in ([waiting] if waiting else []) if one.size > size]
    yield [], beyond


def _take(verifier: Verifier, chunk: list[Claim], notes: list[storage.Kept]) -> None:
    waiting = list(notes)
    for one in chunk:
        while waiting and waiting[0].size <= one.position:
            _take_checkpoint(verifier, waiting.pop(0))
        verifier.take(one)
    for kept in waiting:
        _take_checkpoint(verifier, kept)
    _check_tiles(verifier)


def _take_checkpoint(verifier: Verifier, kept: storage.Kept) -> None:
    _check_tiles(verifier)  # first, as it names the leaf where a root can only tell a range
    verifier.take_checkpoint(kept.note)


def _check_tiles(verifier: Verifier) -> None:
    """Compare the stored tiles with those of the leaves; one that is still growing may be longer by now."""
    verifier.flush()
    made, verifier.made = verifier.made or {}, {}
    stored = storage.tiles_at(made)
    for (level, index), hashes in sorted(made.items()):
        own = stored.get((level, index), b"")
        if own.startswith(hashes):
            continue
        step = HASH_BYTES
        place = next(n for n in range(0, len(hashes), step) if own[n : n + step] != hashes[n : n + step]) // step
        first = (index * WIDTH + place) * WIDTH**level
        where = f"leaf {first}" if level == 0 else f"leaf {first} to {first + WIDTH**level - 1}"
        verifier.fault(where, "tile-differs", "the stored tree has another hash here: a leaf was changed, or a tile")


def _keys(statement: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]
