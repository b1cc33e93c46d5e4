"""A checkpoint: size, root and time of the log, signed in the form of C2SP signed-note and tlog-checkpoint.

Whoever keeps one can ask for the proof that the log of today begins with the log of then.
"""

from __future__ import annotations

import datetime as dt
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lienthong.core.log.merkle import HASH_BYTES

ED25519 = b"\x01"  # signature type of C2SP signed-note
TIME = "time "
NAME = re.compile(r"[^\s+\x00-\x20]+")
_BODY_LINES = 4


class NoCheckpoint(ValueError):
    """Raised for a text that is no checkpoint, or none that the key has signed."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log says of itself at one size; `at` stands in an extension line."""

    origin: str
    size: int
    root: bytes
    at: dt.datetime

    def body(self) -> str:
        """Return the text that is signed."""
        at = self.at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n{TIME}{at}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public key of a log under the log's name, or of a witness under its own; `kind` is how it signs."""

    name: str
    key: bytes
    kind: bytes = ED25519

    @property
    def id(self) -> bytes:
        """Return the first four bytes of the digest that names the key."""
        return sha256(self.name.encode() + b"\n" + self.kind + self.key).digest()[:4]

    def __str__(self) -> str:
        """Return the key as Go's tools write it: name, id and key in one line."""
        return f"{self.name}+{self.id.hex()}+{b64encode(self.kind + self.key).decode()}"

    @classmethod
    def parse(cls, text: str, *, kind: bytes = ED25519) -> VerifierKey:
        """Read a key of a kind in that form; raises NoCheckpoint where it is none."""
        parts = text.strip().split("+", 2)
        try:
            name, key_id, key = parts
            raw = b64decode(key, validate=True)
        except ValueError as error:
            raise NoCheckpoint("a key is written as name+id+base64, for example lienthong/log+1f2e3d4c+AY…") from error
        found = cls(name, raw[1:], kind)
        if raw[:1] != kind or len(raw) != 1 + HASH_BYTES or found.id.hex() != key_id:
            signer = "a log" if kind == ED25519 else "a witness"
            raise NoCheckpoint(f"the key is no Ed25519 key of {signer}, or its id is that of another key")
        if not NAME.fullmatch(name):
            raise NoCheckpoint("the name in a key must have no space and no plus sign")
        return found


def verifier_key(name: str, key: Ed25519PrivateKey) -> VerifierKey:
    """Return the public half of a signing key under the log's name."""
    return VerifierKey(name, key.public_key().public_bytes_raw())


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return a checkpoint as a signed note."""
    if not NAME.fullmatch(checkpoint.origin):
        raise ValueError("the name of a log must have no space and no plus sign")
    body = checkpoint.body()
    signed = verifier_key(checkpoint.origin, key).id + key.sign(body.encode())
    return f"{body}\n— {checkpoint.origin} {b64encode(signed).decode()}\n"


def read(note: str, key: VerifierKey) -> Checkpoint:
    """Return the checkpoint of a note that the key has signed.

    Raises NoCheckpoint where the note has another form or no valid signature of the key. Signatures of others, such as
    witnesses, are passed over.
    """
    if not is_signed(note, key):
        raise NoCheckpoint("the checkpoint has no valid signature of the log's key")
    return _parse(parts_of(note)[0], key)


def is_signed(note: str, key: VerifierKey) -> bool:
    """Whether one of a note's signatures is of the key of a log."""
    body, lines = parts_of(note)
    signatures = (signature_of(line, key) for line in lines)
    return any(one is not None and is_valid(one, body, key) for one in signatures)


def parts_of(note: str) -> tuple[str, list[str]]:
    """Return the text of a note that is signed, with its last line end, and the lines of its signatures."""
    body, parted, signatures = note.rpartition("\n\n")
    return (f"{body}\n", signatures.removesuffix("\n").split("\n")) if parted else (note, [])


def signature_of(line: str, key: VerifierKey) -> bytes | None:
    """Return what stands behind the key's id in a signature line; None where the line is of another key."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[:2] != ["—", key.name]:
        return None
    try:
        signed = b64decode(parts[2], validate=True)
    except ValueError:
        return None
    return signed[4:] if signed[:4] == key.id else None


def is_valid(signature: bytes, message: str, key: VerifierKey) -> bool:
    """Whether a key made this Ed25519 signature of a message."""
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, message.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def _parse(body: str, key: VerifierKey) -> Checkpoint:
    lines = body.split("\n")
    try:
        origin, size, root, time = lines[:_BODY_LINES]
        hashed = b64decode(root, validate=True)
        found = Checkpoint(origin, int(size), hashed, dt.datetime.fromisoformat(time.removeprefix(TIME)))
    except ValueError as error:
        raise NoCheckpoint("a checkpoint has the lines origin, size, root in base64 and time") from error
    if origin != key.name or len(hashed) != HASH_BYTES or str(found.size) != size or found.at.tzinfo is None:
        raise NoCheckpoint("the checkpoint is that of another log, or its size, root or time has another form")
    return found
