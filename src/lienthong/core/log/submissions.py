"""How a checkpoint is handed to a witness: the body of add-checkpoint and its answers, by C2SP tlog-witness."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from lienthong.core.log.merkle import HASH_BYTES

ADD_CHECKPOINT = "/add-checkpoint"
SIZE_FORM = "text/x.tlog.size"
MOST_PROOF_LINES = 63
MOST_BYTES = 1 << 16
_OLD = "old "
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})")


class NoSubmission(ValueError):
    """Raised for what is no body of add-checkpoint; the message says what is."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A signed checkpoint, and the proof that its log begins with the `old` leaves that the witness cosigned last."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def body(self) -> bytes:
        """Return the body of the request."""
        lines = "".join(f"{b64encode(one).decode()}\n" for one in self.proof)
        return f"{_OLD}{self.old}\n{lines}\n{self.note}".encode()

    @classmethod
    def parse(cls, raw: bytes) -> Submission:
        """Read the body of a request; raises NoSubmission."""
        try:
            head, parted, note = raw.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise NoSubmission("the body must be text in UTF-8") from None
        old, *proof = head.split("\n")
        size = read_size(old.removeprefix(_OLD)) if old.startswith(_OLD) else None
        if not parted or size is None:
            raise NoSubmission("the body must begin with a line `old SIZE`, and an empty line must end the proof")
        if len(proof) > MOST_PROOF_LINES:
            raise NoSubmission(f"a proof must have at most {MOST_PROOF_LINES} lines, but has {len(proof)}")
        return cls(size, tuple(_hash(line) for line in proof), note)


def read_size(text: str) -> int | None:
    """Return a size in decimal without leading zeroes; None for anything else."""
    return int(text) if _SIZE.fullmatch(text) else None


def _hash(line: str) -> bytes:
    try:
        found = b64decode(line, validate=True)
    except ValueError:
        found = b""
    if len(found) != HASH_BYTES:
        raise NoSubmission(f"each line of the proof must be a hash of {HASH_BYTES} bytes in base64")
    return found
