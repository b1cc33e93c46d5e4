"""A small log of invented reports, the same at every run: for tests of files and for the page that explains them.

`python -m tools.log_sample FOLDER` writes it.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.core.log.checkpoints import Checkpoint, VerifierKey, sign, verifier_key
from lienthong.core.log.cosignatures import cosign, witness_key
from lienthong.core.log.files import CheckpointLine, Line, leaf_line, proof_line, writing
from lienthong.core.log.merkle import inclusion_ranges
from lienthong.core.log.sealing import seal
from lienthong.core.log.tiles import Tree, roots_of
from lienthong.core.log.verification import Claim, Proof

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "log.example/lienthong"
VERIFIER: VerifierKey = verifier_key(NAME, KEY)
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
WITNESS_NAME = "witness.example/moh"
WITNESS: VerifierKey = witness_key(WITNESS_NAME, WITNESS_KEY)
BEGAN = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
LEAVES, SIGNED_EVERY = 7, 3


def claims(count: int = LEAVES) -> list[Claim]:
    made = []
    for n in range(count):
        statement = f'{{"kind":"lienthong-report-1","report":{n + 1},"version":1,"source":"SX"}}'.encode()
        salt = bytes([n]) * 16
        made.append(Claim(n, seal(statement, salt=salt), salt, statement))
    return made


def note(size: int) -> str:
    """Return the checkpoint of the first leaves."""
    tree = Tree()
    tree.append([one.digest for one in claims(size)])
    return sign(Checkpoint(NAME, size, tree.root(), BEGAN + size * dt.timedelta(seconds=5)), KEY)


def cosigned(size: int) -> str:
    """Return the same with the cosignature that a witness gave half a minute later."""
    at = BEGAN + dt.timedelta(seconds=30)
    return f"{note(size)}{cosign(note(size), WITNESS_KEY, name=WITNESS_NAME, at=at)}\n"


def whole() -> list[Line]:
    """Return all leaves, signed after each third and at the end."""
    lines: list[Line] = []
    for one in claims():
        lines.append(leaf_line(one))
        if (one.position + 1) % SIGNED_EVERY == 0 or one.position + 1 == LEAVES:
            lines.append(CheckpointLine(note(one.position + 1)))
    return lines


def proof(position: int) -> Proof:
    """Return one leaf with its proof in the last checkpoint."""
    tree = Tree()
    tiles = tree.append([one.digest for one in claims()])
    hashes = tuple(roots_of(inclusion_ranges(position, LEAVES), tiles))
    return Proof(claims()[position], LEAVES, hashes, note(LEAVES))


def write(folder: Path) -> None:
    """Write the sample: the log, one report of it, and the checkpoint that somebody kept."""
    with writing(folder / "log.ndjson", VERIFIER) as put:
        for line in whole():
            put(line)
    with writing(folder / "report.ndjson", VERIFIER) as put:
        put(proof_line(proof(4)))
    (folder / "kept-head.txt").write_text(note(6), "utf-8")
    (folder / "cosigned-head.txt").write_text(cosigned(6), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
