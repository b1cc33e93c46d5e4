"""A cosignature: a witness says by its signature that it saw a checkpoint, and that the log had only grown till then.

The form is cosignature/v1 of C2SP tlog-cosignature: Ed25519, key type 0x04, further signature lines of the note.
"""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.core.log.checkpoints import VerifierKey, is_valid, parts_of, signature_of
from lienthong.findings import Finding

COSIGNATURE = b"\x04"  # signature type of C2SP signed-note
_TIME_BYTES, _SIGNATURE_BYTES = 8, 64
_LATEST = 253_402_300_799  # the end of the year 9999, in seconds since 1970


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness signed a note at an instant; `line` is the signature line without its line end."""

    witness: str
    at: dt.datetime
    line: str


def witness_key(name: str, key: Ed25519PrivateKey) -> VerifierKey:
    """Return the public half of a witness's key under the witness's name."""
    return VerifierKey(name, key.public_key().public_bytes_raw(), COSIGNATURE)


def parse_witness_key(text: str) -> VerifierKey:
    """Read the key of a witness, name+id+base64; raises NoCheckpoint where it is none."""
    return VerifierKey.parse(text, kind=COSIGNATURE)


def cosign(note: str, key: Ed25519PrivateKey, *, name: str, at: dt.datetime) -> str:
    """Return a witness's signature line of a note, without its line end; whoever calls has checked the note."""
    body, _lines = parts_of(note)
    seconds = int(at.timestamp())
    signature = key.sign(_message(body, seconds).encode())
    signed = witness_key(name, key).id + seconds.to_bytes(_TIME_BYTES, "big") + signature
    return f"— {name} {b64encode(signed).decode()}"


def cosignature(body: str, line: str, key: VerifierKey) -> Cosignature | None:
    """Return what a signature line says of the signed text of a note; None where the witness did not make it."""
    signed = signature_of(line, key)
    if signed is None or len(signed) != _TIME_BYTES + _SIGNATURE_BYTES:
        return None
    seconds = int.from_bytes(signed[:_TIME_BYTES], "big")
    if seconds > _LATEST or not is_valid(signed[_TIME_BYTES:], _message(body, seconds), key):
        return None
    return Cosignature(key.name, dt.datetime.fromtimestamp(seconds, dt.UTC), line)


def find_cosignature(note: str, lines: Iterable[str], key: VerifierKey) -> Cosignature | None:
    """Return the newest cosignature of a witness among signature lines; None where none is valid."""
    body, _lines = parts_of(note)
    found = [one for line in lines if (one := cosignature(body, line, key))]
    return max(found, key=lambda one: one.at, default=None)


def check_cosignatures(note: str, key: VerifierKey, *, where: str) -> tuple[Cosignature | None, list[Finding]]:
    """Return a witness's newest cosignature of a note, and a finding for each line under its key that is not valid."""
    body, lines = parts_of(note)
    own = [line for line in lines if signature_of(line, key) is not None]
    message = f"{key.name} has not cosigned this checkpoint: the signature under its key is of something else"
    wrong = [Finding(where, "cosignature-wrong", message) for line in own if cosignature(body, line, key) is None]
    return find_cosignature(note, own, key), wrong


def _message(body: str, seconds: int) -> str:
    return f"cosignature/v1\ntime {seconds}\n{body}"
