"""A witness cosigns a log that only grows, and nothing else, whoever asks and whenever it is ended."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lienthong.core.log import witness_state
from lienthong.core.log.checkpoints import Checkpoint, sign, verifier_key
from lienthong.core.log.cosignatures import find_cosignature
from lienthong.core.log.merkle import consistency_ranges
from lienthong.core.log.submissions import SIZE_FORM, Submission
from lienthong.core.log.tiles import Tree, roots_of
from lienthong.core.log.witness import Answer, Witness
from lienthong.core.log.witness_state import StateBroken, open_state

ORIGIN = "log.example/one"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
NOW = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
MOST = 70


class Log:
    """A log of digests; a `fork` has other leaves from a position on."""

    def __init__(self, forked_at: int = MOST) -> None:
        self.leaves = [sha256(b"%d%s" % (n, b"" if n < forked_at else b"other")).digest() for n in range(MOST)]

    def note(self, size: int, *, key: Ed25519PrivateKey = KEY, origin: str = ORIGIN) -> str:
        return sign(Checkpoint(origin, size, self._tree(size)[0].root(), NOW), key)

    def proof(self, old: int, size: int) -> Sequence[bytes]:
        if not 0 < old <= size:
            return ()
        return roots_of(consistency_ranges(old, size), self._tree(size)[1])

    def handed(self, old: int, size: int) -> bytes:
        return Submission(old, tuple(self.proof(old, size)), self.note(size)).body()

    def _tree(self, size: int) -> tuple[Tree, dict[tuple[int, int], bytes]]:
        tree = Tree()
        return tree, dict(tree.append(self.leaves[:size]))


LOG, FORK = Log(), Log(forked_at=5)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return opened(tmp_path)


def opened(folder: Path) -> Witness:
    return Witness(open_state(folder, name="w.example/1"), [verifier_key(ORIGIN, KEY)])


def handed(witness: Witness, raw: bytes) -> Answer:
    return witness.add_checkpoint(raw, at=NOW)


def is_cosigned(witness: Witness, answer: Answer, size: int, log: Log = LOG) -> bool:
    line = answer.text.removesuffix("\n")
    return answer.status == 200 and find_cosignature(log.note(size), [line], witness.state.verifier) is not None


def test_log_that_grows_is_cosigned_step_by_step(witness: Witness) -> None:
    sizes = [0, 1, 3, 8, 8, 31, 32, 33, 70]

    answers = [handed(witness, LOG.handed(*step)) for step in itertools.pairwise(sizes)]

    assert all(is_cosigned(witness, one, size) for one, size in zip(answers, sizes[1:], strict=True))


def test_other_old_size_is_told_the_one_that_is_known(witness: Witness) -> None:
    handed(witness, LOG.handed(0, 8))

    for old in (0, 7, 9):
        answer = handed(witness, LOG.handed(old, 20))
        assert (answer.status, answer.text, answer.form) == (409, "8\n", SIZE_FORM)


def test_smaller_log_is_never_cosigned(witness: Witness) -> None:
    handed(witness, LOG.handed(0, 8))

    assert handed(witness, LOG.handed(0, 7)).status == 409
    assert handed(witness, Submission(8, (), LOG.note(7)).body()).status == 400
    assert handed(witness, LOG.handed(7, 7)).status == 409
    assert is_cosigned(witness, handed(witness, LOG.handed(8, 9)), 9)


def test_forked_log_is_never_cosigned(witness: Witness) -> None:
    handed(witness, LOG.handed(0, 8))

    assert handed(witness, FORK.handed(8, 8)).status == 409
    assert handed(witness, FORK.handed(8, 9)).status == 422
    assert handed(witness, Submission(8, tuple(LOG.proof(8, 9)), FORK.note(9)).body()).status == 422
    assert is_cosigned(witness, handed(witness, LOG.handed(8, 9)), 9)


def test_proof_with_a_line_too_many_or_too_few_is_refused(witness: Witness) -> None:
    first = Submission(0, (bytes(32),), LOG.note(3))
    assert handed(witness, first.body()).status == 422
    handed(witness, LOG.handed(0, 3))
    proof = tuple(LOG.proof(3, 9))

    for wrong in (proof[:-1], (*proof, bytes(32)), (), proof[::-1]):
        assert handed(witness, Submission(3, wrong, LOG.note(9)).body()).status == 422
    assert handed(witness, Submission(3, (bytes(32),), LOG.note(3)).body()).status == 422


def test_unknown_log_and_unknown_key_are_refused(witness: Witness) -> None:
    foreign = Submission(0, (), LOG.note(3, origin="log.example/two")).body()
    forged = Submission(0, (), LOG.note(3, key=OTHER_KEY)).body()

    assert handed(witness, foreign).status == 404
    assert handed(witness, forged).status == 403
    assert handed(witness, b"old 0\n\nhello\n").status == 404
    assert handed(witness, f"old 0\n\n{ORIGIN}\n3\nroot\n".encode()).status == 403
    assert handed(witness, b"hello").status == 400


def test_signed_note_that_is_no_checkpoint_is_refused(witness: Witness) -> None:
    body = f"{ORIGIN}\nthree\nroot\n"
    signed = verifier_key(ORIGIN, KEY).id + KEY.sign(body.encode())
    from base64 import b64encode

    note = f"{body}\n— {ORIGIN} {b64encode(signed).decode()}\n"

    assert handed(witness, f"old 0\n\n{note}".encode()).status == 400


def test_log_that_changed_its_key_is_gone_on_with(tmp_path: Path) -> None:
    handed(opened(tmp_path), LOG.handed(0, 3))
    keys = [verifier_key(ORIGIN, OTHER_KEY), verifier_key(ORIGIN, KEY)]
    both = Witness(open_state(tmp_path), keys)

    renewed = Submission(3, tuple(LOG.proof(3, 9)), LOG.note(9, key=OTHER_KEY))

    assert handed(both, renewed.body()).status == 200
    with pytest.raises(StateBroken):
        handed(opened(tmp_path), LOG.handed(9, 10))


def test_witness_that_starts_again_knows_what_it_cosigned_and_keeps_its_key(tmp_path: Path) -> None:
    first = opened(tmp_path)
    handed(first, LOG.handed(0, 8))

    again = Witness(open_state(tmp_path), [verifier_key(ORIGIN, KEY)])

    assert again.state.verifier == first.state.verifier
    assert handed(again, FORK.handed(0, 8)).text == "8\n"
    assert is_cosigned(again, handed(again, LOG.handed(8, 9)), 9)


def test_key_is_for_its_owner_only_and_its_name_never_changes(tmp_path: Path) -> None:
    opened(tmp_path)

    assert (tmp_path / "witness-key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(StateBroken, match="never changes"):
        open_state(tmp_path, name="w.example/2")
    with pytest.raises(StateBroken, match="no space"):
        open_state(tmp_path, name="w 2")
    (tmp_path / "witness-key").write_text("hello")
    with pytest.raises(StateBroken, match="no private key"):
        open_state(tmp_path)


def test_witness_without_a_name_is_called_by_its_key(tmp_path: Path) -> None:
    assert open_state(tmp_path).name.startswith("witness/")
    assert open_state(tmp_path).name == open_state(tmp_path).name


@pytest.mark.parametrize("damage", [b"", b"hello", b"\xff\xfe", LOG.note(2, key=OTHER_KEY).encode()])
def test_witness_whose_memory_is_damaged_cosigns_nothing(witness: Witness, damage: bytes) -> None:
    handed(witness, LOG.handed(0, 8))
    (kept,) = (witness.state.folder / "heads").iterdir()
    kept.write_bytes(damage)

    for body in (LOG.handed(0, 8), LOG.handed(8, 9)):
        with pytest.raises(StateBroken):
            handed(witness, body)


def test_nothing_is_cosigned_that_is_not_on_the_disk(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """An end before the write leaves the old head; one after it the new: never a cosignature of what is not kept."""

    def full(handle: int) -> None:
        raise OSError("No space left on device")

    handed(witness, LOG.handed(0, 3))
    monkeypatch.setattr(witness_state.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        handed(witness, LOG.handed(3, 9))
    monkeypatch.undo()

    assert handed(witness, LOG.handed(0, 9)).text == "3\n"


def test_of_two_histories_handed_over_at_once_only_one_is_cosigned(tmp_path: Path) -> None:
    """Threads stand for processes as well: each opens the folder anew."""
    opened(tmp_path)
    for turn in range(20):
        folder = tmp_path / str(turn)
        handed(opened(folder), LOG.handed(0, 5))
        answers: list[tuple[str, int]] = []
        ready = threading.Barrier(8)

        def race(log: Log, name: str, folder: Path, ready: threading.Barrier, answers: list[tuple[str, int]]) -> None:
            witness = opened(folder)
            raw = log.handed(5, 9)
            ready.wait()
            answers.append((name, handed(witness, raw).status))

        logs = [(LOG, "log"), (FORK, "fork")] * 4
        threads = [threading.Thread(target=race, args=(*one, folder, ready, answers)) for one in logs]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert len({name for name, status in answers if status == 200}) == 1
        assert sum(status == 200 for _name, status in answers) == 1


@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(1, 12)), max_size=12))
def test_cosigned_checkpoints_are_of_one_history_that_never_shrinks(
    steps: list[tuple[bool, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """FORK differs from LOG from leaf 5 on: a checkpoint of at most five leaves is of both."""
    witness = opened(tmp_path_factory.mktemp("witness"))
    size, is_fork = 0, False
    for forked, given_old, step in steps:
        old, new = (size, min(size + step - 1, 12)) if given_old < 3 else (given_old, step)
        log = FORK if forked else LOG
        raw = Submission(old, tuple(log.proof(old, new)), log.note(new)).body()

        is_expected = old == size <= new and (size <= 5 or forked == is_fork)

        assert is_cosigned(witness, handed(witness, raw), new, log) == is_expected
        if is_expected:
            size, is_fork = new, forked
