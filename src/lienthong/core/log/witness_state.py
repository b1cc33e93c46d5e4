"""What a witness keeps in its folder: its key, made on first use, and of each log the checkpoint it cosigned last."""

from __future__ import annotations

import fcntl
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.core.durable import sync_folder
from lienthong.core.log.checkpoints import NAME, VerifierKey
from lienthong.core.log.cosignatures import COSIGNATURE, witness_key
from lienthong.errors import LienthongError

_KEY, _HEADS, _LOCK = "witness-key", "heads", "lock"
_PREFIX = "PRIVATE+KEY"  # how Go's tools begin a private key: PRIVATE+KEY+name+id+base64


class StateBroken(LienthongError):
    """Raised where what a witness kept can't be read: whoever mends it must not let it forget what it cosigned."""

    code = "witness-state-broken"


@dataclass(frozen=True, slots=True)
class WitnessState:
    """A witness's folder, its name and its private key."""

    folder: Path
    name: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        return witness_key(self.name, self.key)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder alone, among the threads and the processes of this machine."""
        handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)  # the lock goes with it

    def head(self, origin: str) -> str | None:
        """Return the checkpoint of a log that was cosigned last; None before the first."""
        try:
            return self._place(origin).read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StateBroken(f"what was kept of {origin} can't be read: {type(error).__name__}") from None

    def keep_head(self, origin: str, note: str) -> None:
        """Write a checkpoint, whole and on the disk, before this returns."""
        _write(self._place(origin), note)

    def _place(self, origin: str) -> Path:
        return self.folder / _HEADS / sha256(origin.encode()).hexdigest()


def open_state(folder: Path, *, name: str = "") -> WitnessState:
    """Open the folder of a witness; make it, with a key, on first use.

    Raises StateBroken where the key can't be read, or is that of another name.
    """
    if name and not NAME.fullmatch(name):
        raise StateBroken(f"the name of a witness must have no space and no plus sign, but is {name!r}")
    (folder / _HEADS).mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / _KEY).exists():
        _make_key(folder, name)
    state = _read_key(folder)
    if name and state.name != name:
        raise StateBroken(f"the witness of this folder is {state.name}, not {name}; its name never changes")
    return state


def _make_key(folder: Path, name: str) -> None:
    key = Ed25519PrivateKey.generate()
    called = name or f"witness/{sha256(key.public_key().public_bytes_raw()).hexdigest()[:16]}"
    seed = b64encode(COSIGNATURE + key.private_bytes_raw()).decode()
    draft = folder / f".{secrets.token_hex(8)}"
    _write(draft, f"{_PREFIX}+{called}+{witness_key(called, key).id.hex()}+{seed}\n")
    with suppress(FileExistsError):  # whoever is first wins; nobody overwrites
        os.link(draft, folder / _KEY)
    draft.unlink()
    sync_folder(folder)


def _read_key(folder: Path) -> WitnessState:
    try:
        text = (folder / _KEY).read_text("utf-8").strip()
        name, key_id, seed = text.removeprefix(f"{_PREFIX}+").split("+", 2)
        raw = b64decode(seed, validate=True)
        state = WitnessState(folder, name, Ed25519PrivateKey.from_private_bytes(raw[1:]))
    except (OSError, ValueError):
        raise StateBroken(f"{folder / _KEY} is no private key of a witness; put the file back from a copy") from None
    if raw[:1] != COSIGNATURE or state.verifier.id.hex() != key_id:
        raise StateBroken(f"{folder / _KEY} is the key of something else; put the file back from a copy")
    return state


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{secrets.token_hex(8)}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
