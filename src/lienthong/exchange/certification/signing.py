"""The signature of a passed entrance test: a JSON Web Signature (RFC 7515) with the installation's Ed25519 key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from lienthong.core.secrets import signing_key

ALGORITHM = "EdDSA"
KIND = "lienthong-entrance-test"


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a signature is the key's, and what it says."""

    is_genuine: bool
    said: Mapping[str, object]


def sign(said: Mapping[str, object]) -> str:
    """Return the JWS of what a report says."""
    return jwt.encode({**said, "kind": KIND}, signing_key(), algorithm=ALGORITHM, headers={"typ": "JWS"})


def check(signed: str, *, public_key: str = "") -> Checked:
    """Check a JWS with a key in PEM, else with the installation's own; one that is not genuine says nothing."""
    key = load_pem_public_key(public_key.encode()) if public_key else signing_key().public_key()
    if not isinstance(key, Ed25519PublicKey):
        return Checked(False, {})
    try:
        said = jwt.decode(signed.strip(), key, algorithms=[ALGORITHM], options={"verify_exp": False})
    except jwt.InvalidTokenError:
        return Checked(False, {})
    return Checked(said.get("kind") == KIND, said)
