"""Secrets that an installation makes for itself and keeps beside its data."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_NONCE = 12


def secret_key(folder: Path) -> str:
    """Return the installation's signing key; make it on first use, readable by its owner only."""
    return kept_secret(folder / "secret-key")


def signing_key() -> Ed25519PrivateKey:
    """Return the key by which the installation signs what others check: made on first use, kept with its data.

    With LIENTHONG_SIGNING_KEY in the environment (any long secret) it is made of that, so that several machines sign
    alike.
    """
    from lienthong.core.embedded import data_folder

    secret = os.environ.get("LIENTHONG_SIGNING_KEY") or kept_secret(data_folder() / "signing-key")
    return Ed25519PrivateKey.from_private_bytes(sha256(secret.encode()).digest())


def pseudonym_secret() -> bytes:
    """Return the secret of which names are made that stand for people and numbers where nobody shall be named.

    LIENTHONG_PSEUDONYM_KEY (any long secret), so that several machines name alike; else one that is kept with the
    installation's data. Who has it can try who is meant, and with another one all names are others.
    """
    from lienthong.core.embedded import data_folder

    secret = os.environ.get("LIENTHONG_PSEUDONYM_KEY") or kept_secret(data_folder() / "pseudonym-key")
    return sha256(secret.encode()).digest()


def public_key() -> str:
    """Return the key by which anyone can check what the installation signed, in PEM."""
    return signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def closed(text: str, *, purpose: str) -> str:
    """Return a text that others entrusted to the installation, encrypted for the database (AES-256-GCM).

    A copy of the database opens nothing. It can be opened for the same purpose only, so that it can't be moved to
    another row.
    """
    nonce = secrets.token_bytes(_NONCE)
    return urlsafe_b64encode(nonce + _cipher().encrypt(nonce, text.encode(), purpose.encode())).decode()


def opened(text: str, *, purpose: str) -> str:
    """Return what `closed` was given; raise ValueError where another key, or another purpose, closed it."""
    sealed = urlsafe_b64decode(text)
    try:
        return _cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode()).decode()
    except InvalidTag:
        raise ValueError("the secret was closed with another LIENTHONG_SECRET_KEY, or for something else") from None


def _cipher() -> AESGCM:
    from django.conf import settings

    return AESGCM(sha256(b"lienthong entrusted secrets\x1f" + settings.SECRET_KEY.encode()).digest())


def kept_secret(path: Path) -> str:
    """Return the secret kept in a file; make it on first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # whoever is first wins; nobody overwrites
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
