"""Checking a log leaf by leaf: that each leaf is the statement's, and that the tree is the one that was signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lienthong.core.log.checkpoints import Checkpoint, NoCheckpoint, VerifierKey, read
from lienthong.core.log.merkle import is_included, leaf_hash
from lienthong.core.log.sealing import seal
from lienthong.core.log.tiles import Place, Tree
from lienthong.findings import Finding

LISTED = 100  # findings that are kept; all are counted
BATCH = 2_048


@dataclass(frozen=True, slots=True)
class Claim:
    """A leaf and what is said to be in it. `problem` is what is wrong with it already, `name` what it is of.

    A leaf that was handed out without its statement has neither salt nor statement: its place is checked only.
    """

    position: int
    digest: bytes
    salt: bytes | None = None
    statement: bytes | None = None
    problem: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A leaf by itself, with the hashes that lead to the root of a checkpoint."""

    claim: Claim
    size: int
    hashes: tuple[bytes, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked and what was wrong: `findings` are the first ones, in the order of the log, of `wrong`.

    `unsigned` leaves came after the last checkpoint. `head` is the newest checkpoint that agreed.
    """

    leaves: int
    statements: int
    checkpoints: int
    unsigned: int
    head: Checkpoint | None
    wrong: int
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding | None:
        return self.findings[0] if self.findings else None


@dataclass(slots=True)
class Verifier:
    """Takes the leaves of a log in order, its checkpoints where they fall, and says at the end what was wrong.

    `heads` are checkpoints that someone kept elsewhere: the log must still have had those roots at those sizes. `made`
    collects the tiles that the leaves make, for whoever takes them out and compares; None where nobody does.
    """

    key: VerifierKey
    heads: list[Checkpoint] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)
    statements: int = 0
    checkpoints: int = 0
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)
    agreed: Checkpoint | None = None
    made: dict[Place, bytes] | None = None
    _alone: int = 0
    _next: int = 0
    _digests: list[bytes] = field(default_factory=list)
    _is_torn: bool = False

    def __post_init__(self) -> None:
        self.heads.sort(key=lambda one: one.size)

    def take(self, claim: Claim) -> None:
        """Check the next leaf."""
        self._check_heads(claim.position)
        if claim.position != self._next:
            self._miss(claim.position)
        self._next = claim.position + 1
        self._check(claim)
        self._digests.append(claim.digest)
        if len(self._digests) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Put what was taken into the tree."""
        changed = self.tree.append(self._digests)
        self._digests = []
        if self.made is not None:
            self.made |= changed

    def take_checkpoint(self, note: str) -> None:
        """Check a checkpoint that the log signed after the leaves taken so far."""
        self.checkpoints += 1
        try:
            signed = read(note, self.key)
        except NoCheckpoint as error:
            self.fault(f"checkpoint after {self._next} leaves", "checkpoint-not-signed", str(error))
            return
        self._check_heads(signed.size)
        self._compare(signed)

    def take_proof(self, proof: Proof) -> None:
        """Check a leaf that comes by itself, with its proof."""
        self._alone += 1
        self._check(proof.claim)
        where = f"leaf {proof.claim.position}"
        try:
            signed = read(proof.note, self.key)
        except NoCheckpoint as error:
            self.fault(where, "checkpoint-not-signed", str(error))
            return
        leaf, place = leaf_hash(proof.claim.digest), proof.claim.position
        if signed.size != proof.size or not is_included(
            leaf, index=place, size=proof.size, proof=proof.hashes, root=signed.root
        ):
            self.fault(where, "proof-differs", "the proof does not lead from this leaf to the root that was signed")
        else:
            self.agreed = signed

    def fault(self, where: str, code: str, message: str) -> None:
        """Note what is wrong."""
        self.wrong += 1
        if len(self.findings) < LISTED:
            self.findings.append(Finding(where, code, message))

    def done(self) -> Verified:
        """Say what was found once all is taken."""
        self._check_heads(None)
        signed = self.agreed.size if self.agreed and not self._alone else 0
        return Verified(
            leaves=self._next + self._alone,
            statements=self.statements,
            checkpoints=self.checkpoints,
            unsigned=0 if self._alone else max(self._next - signed, 0),
            head=self.agreed,
            wrong=self.wrong,
            findings=tuple(self.findings),
        )

    def _check(self, claim: Claim) -> None:
        where = f"leaf {claim.position}" + (f" ({claim.name})" if claim.name else "")
        if claim.problem:
            self.fault(where, "content-differs", claim.problem)
        elif claim.statement is not None:
            self.statements += 1
            if seal(claim.statement, salt=claim.salt or b"") != claim.digest:
                self.fault(where, "content-differs", "the statement or its salt is not what was entered in the log")

    def _miss(self, position: int) -> None:
        """Note a gap, or a leaf that comes twice; no root can be compared from here on."""
        self._is_torn = True
        if position > self._next:
            self.fault(f"leaf {self._next}", "leaf-missing", f"the log goes on with leaf {position}")
        else:
            self.fault(f"leaf {position}", "leaf-out-of-order", f"leaf {self._next} is expected here")

    def _check_heads(self, size: int | None) -> None:
        """Compare the kept heads of at most `size` leaves, all of them at the end."""
        while self.heads and (size is None or self.heads[0].size <= size):
            self._compare(self.heads.pop(0))

    def _compare(self, signed: Checkpoint) -> None:
        if signed.size > self._next:
            message = f"{signed.size} leaves were signed at {signed.at.isoformat()}, but the log ends here"
            self.fault(f"leaf {self._next}", "log-cut", message)
            return
        self.flush()
        if self._is_torn:
            return
        if signed.size != self.tree.size:
            message = f"it is of {signed.size} leaves, but stands after {self.tree.size}"
            self.fault(f"checkpoint of {signed.size} leaves", "checkpoint-out-of-place", message)
        elif signed.root != self.tree.root():
            first = self.agreed.size if self.agreed else 0
            message = "these leaves are not the ones that were signed: one of them was changed, or put in or taken out"
            self.fault(f"leaf {first} to {signed.size - 1}", "root-differs", message)
            self._is_torn = True
        else:
            self.agreed = signed


def heads_of(notes: Iterable[str], key: VerifierKey) -> list[Checkpoint]:
    """Return the checkpoints of notes that someone kept; raises NoCheckpoint where the key has not signed one."""
    return [read(note, key) for note in notes]
