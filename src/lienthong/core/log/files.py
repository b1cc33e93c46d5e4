"""A log in one file, a JSON object in each line, for whoever shall check it without the database.

The first line is the log's name and key. Then come leaves in order, each checkpoint after the leaves that it signs; or
leaves by themselves with their proofs. A name that ends in `.gz` is packed.
"""

from __future__ import annotations

import gzip
import io
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from lienthong.core.log.checkpoints import Checkpoint, VerifierKey
from lienthong.core.log.verification import Claim, Proof, Verified, Verifier
from lienthong.errors import LienthongError

FORM = "lienthong-log-1"
REPORT_EVERY = 1_000


class NotALog(LienthongError):
    """Raised for a file that is no log in this form."""

    code = "not-a-log"


class LogLine(msgspec.Struct, tag="log", tag_field="kind"):
    """The first line."""

    form: str
    name: str
    key: str


class LeafLine(msgspec.Struct, tag="leaf", tag_field="kind", omit_defaults=True):
    """A leaf; digest and salt in base64. Without a statement it shows its place and nothing of its content."""

    position: int
    digest: str
    salt: str | None = None
    statement: str | None = None

    def claim(self) -> Claim:
        statement = None if self.statement is None else self.statement.encode()
        return Claim(self.position, b64decode(self.digest), b64decode(self.salt or ""), statement)


class CheckpointLine(msgspec.Struct, tag="checkpoint", tag_field="kind"):
    """A checkpoint as it was signed."""

    note: str


class ProofLine(msgspec.Struct, tag="proof", tag_field="kind"):
    """A leaf by itself: the hashes in base64 lead from it to the root of the checkpoint."""

    leaf: LeafLine
    size: int
    hashes: list[str]
    note: str

    def proof(self) -> Proof:
        return Proof(self.leaf.claim(), self.size, tuple(b64decode(one) for one in self.hashes), self.note)


Line = LogLine | LeafLine | CheckpointLine | ProofLine
_encode = msgspec.json.Encoder().encode


def leaf_line(claim: Claim) -> LeafLine:
    """Return the line of a leaf."""
    salt = None if claim.salt is None else _text(claim.salt)
    statement = None if claim.statement is None else claim.statement.decode()
    return LeafLine(claim.position, _text(claim.digest), salt, statement)


def proof_line(proof: Proof) -> ProofLine:
    """Return the line of a leaf by itself."""
    return ProofLine(leaf_line(proof.claim), proof.size, [_text(one) for one in proof.hashes], proof.note)


@contextmanager
def writing(path: Path, key: VerifierKey) -> Iterator[Callable[[Line], None]]:
    """Write a log to a new file that its owner alone can read; the function given writes a line.

    Raises FileExistsError where the file is there.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as plain, _packed(path, plain) as file:

        def write(line: Line) -> None:
            file.write(_encode(line) + b"\n")

        write(LogLine(FORM, key.name, str(key)))
        yield write


def key_of(path: Path) -> VerifierKey:
    """Return the key that a file names itself; whoever must be sure has it from elsewhere."""
    for line in _lines(path):
        if isinstance(line, LogLine) and line.form == FORM:
            return VerifierKey.parse(line.key)
        break
    raise NotALog(f"{path.name}:1 must name the log and its form {FORM}; write such a file with `lienthong log export`")


def verify_file(
    path: Path,
    key: VerifierKey,
    *,
    heads: list[Checkpoint] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Verified:
    """Check a file from its first line to its last; `on_progress` is called with how many more lines are done.

    Raises NotALog, with the line, where a line has another form.
    """
    verifier, done = Verifier(key, heads or []), 0
    for done, line in enumerate(_lines(path), start=1):
        if isinstance(line, LeafLine):
            verifier.take(line.claim())
        elif isinstance(line, CheckpointLine):
            verifier.take_checkpoint(line.note)
        elif isinstance(line, ProofLine):
            verifier.take_proof(line.proof())
        if on_progress and done % REPORT_EVERY == 0:
            on_progress(REPORT_EVERY)
    if on_progress:
        on_progress(done % REPORT_EVERY)
    return verifier.done()


def count_lines(path: Path) -> int:
    """Return how many lines a file has, for a progress bar."""
    with path.open("rb") as plain, _unpacked(path, plain) as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _lines(path: Path) -> Iterator[Line]:
    decode = msgspec.json.Decoder(Line).decode
    with path.open("rb") as plain, _unpacked(path, plain) as file:
        for number, text in enumerate(file, start=1):
            try:
                yield cast(Line, decode(text))
            except (msgspec.DecodeError, ValueError) as error:
                raise NotALog(
                    f"{path.name}:{number} is no line of a log: a line is a JSON object with kind log, leaf, "
                    "checkpoint or proof"
                ) from error


def _packed(path: Path, plain: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, gzip.GzipFile(fileobj=plain, mode="wb", mtime=0) if path.suffix == ".gz" else plain)


def _unpacked(path: Path, plain: BinaryIO) -> BinaryIO:
    return io.BufferedReader(gzip.GzipFile(fileobj=plain)) if path.suffix == ".gz" else plain


def _text(data: bytes) -> str:
    return b64encode(data).decode()
