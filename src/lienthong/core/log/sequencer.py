"""The one sequencer of the log: makes leaves of what waits, after it was committed, and signs checkpoints."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from lienthong.core import audit
from lienthong.core.log import storage
from lienthong.core.log.checkpoints import Checkpoint, sign
from lienthong.core.log.identity import log_name
from lienthong.core.log.own_head import keep_own_head
from lienthong.core.log.storage import Kept, LogBroken
from lienthong.core.log.tiles import Tree, places_of, roots_of
from lienthong.core.models import User
from lienthong.core.secrets import signing_key
from lienthong.errors import NotAllowed

LARGEST = 10_000
EVERY = dt.timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did: leaves appended, and the size of the checkpoint that was signed, if any."""

    appended: int
    signed: int | None


def append_waiting(*, by: User, limit: int = LARGEST) -> int:
    """Make leaves of at most `limit` waiting digests; return how many.

    0 as well where another sequencer is at it. Raises LogBroken where the stored tree can't be gone on with.
    """
    _check_system(by)
    with transaction.atomic():
        if not storage.take_turn():
            return 0
        entries = storage.take_waiting(limit)
        if entries:
            tree, _last = _load()
            storage.keep_leaves(tree.size, entries)
            storage.keep_tiles(tree.append([digest for _entry, digest in entries]))
    return len(entries)


def publish_checkpoint(*, by: User, at: dt.datetime, every: dt.timedelta = EVERY) -> int | None:
    """Sign the log as it is, where it has grown since the last checkpoint and that is `every` old; return the size.

    Raises LogBroken, and signs nothing, where the stored tree does not begin with what was signed last.
    """
    _check_system(by)
    with transaction.atomic():
        if not storage.take_turn():
            return None
        tree, last = _load()
        if not tree.size or (last and (tree.size == last.size or at - last.at < every)):
            return None
        if last:
            _check_begins_with(last)
        head = Checkpoint(log_name(), tree.size, tree.root(), at)
        note = sign(head, signing_key())
        storage.keep_checkpoint(Kept(head.size, at, head.root, note))
        transaction.on_commit(lambda: keep_own_head(note))
        audit.record("sign", by=by, at=at, object_kind="log-checkpoint", object_key=head.size)
    return tree.size


def sequence(*, by: User, at: dt.datetime, every: dt.timedelta = EVERY) -> Turn:
    """Append all that waits, then sign where it is time; safe to do twice, and in many processes at once."""
    appended = 0
    while count := append_waiting(by=by):
        appended += count
    return Turn(appended, publish_checkpoint(by=by, at=at, every=every))


def _load() -> tuple[Tree, Kept | None]:
    """Return the tree and the last checkpoint; raises LogBroken where the tree is shorter or is another."""
    tree, last = storage.load_tree(), storage.last_checkpoint()
    if last and tree.size < last.size:
        raise LogBroken(f"the log has {tree.size} leaves, but {last.size} were signed")
    if last and tree.size == last.size and tree.root() != last.root:
        raise LogBroken(f"the {last.size} leaves of the stored tree are not those that were signed")
    return tree, last


def _check_begins_with(last: Kept) -> None:
    whole = [(0, last.size)]
    try:
        is_same = roots_of(whole, storage.tiles_at(places_of(whole))) == [last.root]
    except KeyError:
        is_same = False
    if not is_same:
        raise LogBroken(f"the first {last.size} leaves of the stored tree are not those that were signed")


def _check_system(by: User) -> None:
    if not by.is_system:
        raise NotAllowed("the log is written by workers only")
