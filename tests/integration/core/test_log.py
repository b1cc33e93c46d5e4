"""The sequencer and what it keeps: leaves in order, tiles that prove them, checkpoints that are signed but once."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

import pytest
from django.db import connection
from tests.factories.core import UserFactory

from lienthong.core.actions import system_user
from lienthong.core.log import storage
from lienthong.core.log.checkpoints import read
from lienthong.core.log.entering import enter
from lienthong.core.log.identity import log_key
from lienthong.core.log.merkle import is_consistent
from lienthong.core.log.reads import consistency, head, inclusion
from lienthong.core.log.sequencer import append_waiting, publish_checkpoint, sequence
from lienthong.core.log.storage import LogBroken
from lienthong.core.models import AuditEvent, User
from lienthong.errors import NotAllowed, NotFound

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def worker() -> User:
    return system_user("log")


def digest(entry: int) -> bytes:
    return sha256(b"%d" % entry).digest()


def let_wait(*entries: int) -> None:
    enter([(entry, digest(entry)) for entry in entries])


def test_waiting_digests_become_leaves_in_the_order_of_their_keys(worker: User) -> None:
    let_wait(30, 10, 20)

    turn = sequence(by=worker, at=NOW)

    assert (turn.appended, turn.signed) == (3, 3)
    assert [(leaf.position, leaf.entry) for leaf in storage.leaves(count=9)] == [(0, 10), (1, 20), (2, 30)]
    assert sequence(by=worker, at=NOW + 60 * SECOND).appended == 0


def test_every_leaf_of_every_batch_is_proved_by_the_last_checkpoint(worker: User) -> None:
    for start in range(0, 120, 7):
        let_wait(*range(start, start + 7))
        append_waiting(by=worker)
    publish_checkpoint(by=worker, at=NOW)

    proofs = [inclusion(entry) for entry in range(126)]

    assert all(proof and proof.holds and proof.digest == digest(n) for n, proof in enumerate(proofs))


def test_leaf_without_a_checkpoint_is_not_proved_yet(worker: User) -> None:
    let_wait(1)
    sequence(by=worker, at=NOW)
    let_wait(2)
    append_waiting(by=worker)

    assert inclusion(1)
    assert inclusion(2) is None
    assert inclusion(3) is None


def test_leaf_is_dated_by_the_first_checkpoint_that_holds_it(worker: User) -> None:
    for entry in (1, 2):
        let_wait(entry)
        sequence(by=worker, at=NOW + entry * 10 * SECOND)

    found = inclusion(1)

    assert found is not None
    assert (found.entered_at, found.checkpoint.size) == (NOW + 10 * SECOND, 2)


def test_checkpoint_is_signed_every_few_seconds_and_only_where_something_came(worker: User) -> None:
    signed = []
    for second in range(0, 30, 2):
        if second < 12:
            let_wait(second)
        signed.append(sequence(by=worker, at=NOW + second * SECOND).signed)

    assert [one for one in signed if one] == [1, 4, 6]
    assert AuditEvent.objects.filter(object_kind="log-checkpoint").count() == 3


def test_newest_checkpoint_is_signed_by_the_key_of_the_log(worker: User) -> None:
    let_wait(1, 2)
    sequence(by=worker, at=NOW)

    kept = head()

    assert kept
    signed = read(kept.note, log_key())
    assert (signed.size, signed.root, signed.at) == (2, kept.root, NOW)


def test_consistency_of_any_two_sizes_is_proved(worker: User) -> None:
    let_wait(*range(70))
    sequence(by=worker, at=NOW)

    for first in (0, 1, 31, 32, 33, 64, 70):
        found = consistency(first, 70)
        assert is_consistent(
            first=first, second=70, first_root=found.first_root, second_root=found.second_root, proof=found.proof
        )


@pytest.mark.parametrize(("first", "second"), [(2, 1), (1, 99), (-1, 2), (0, 0)])
def test_consistency_of_sizes_that_there_are_not_is_not_found(worker: User, first: int, second: int) -> None:
    let_wait(1, 2, 3)
    sequence(by=worker, at=NOW)

    with pytest.raises(NotFound, match="sizes must rise from 0 to at most 3"):
        consistency(first, second)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE core_log_tile SET hashes = decode(repeat('00', 64), 'hex')",
        "DELETE FROM core_log_tile",
        "DELETE FROM core_log_leaf WHERE position = 1",
    ],
    ids=["changed tile", "no tile", "cut"],
)
def test_nothing_is_signed_on_a_tree_that_is_not_the_signed_one(worker: User, harm: str) -> None:
    let_wait(1, 2)
    sequence(by=worker, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(harm)
    let_wait(3)

    with pytest.raises(LogBroken):
        sequence(by=worker, at=NOW + 10 * SECOND)

    assert [one.size for one in storage.checkpoints()] == [2]


def test_log_is_written_by_workers_only() -> None:
    with pytest.raises(NotAllowed):
        append_waiting(by=UserFactory())


def test_entry_gets_one_leaf_only() -> None:
    from django.db import IntegrityError

    storage.keep_leaves(0, [(1, digest(1))])

    with pytest.raises(IntegrityError, match="core_log_leaf_once"):
        storage.keep_leaves(1, [(1, digest(1))])
