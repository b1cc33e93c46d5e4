"""By what name and key the log signs."""

from __future__ import annotations

import os
from hashlib import sha256

from lienthong.core.log.checkpoints import VerifierKey, verifier_key
from lienthong.core.secrets import signing_key


def log_name() -> str:
    """Return the log's name, the origin of its checkpoints: LIENTHONG_LOG_NAME, else one made of its public key.

    A name without a scheme, such as log.example.org/lienthong, is best; it must never change, as a key must not.
    """
    key = signing_key().public_key().public_bytes_raw()
    return os.environ.get("LIENTHONG_LOG_NAME") or f"lienthong/{sha256(key).hexdigest()[:16]}"


def log_key() -> VerifierKey:
    """Return the key by which anyone can check the log's checkpoints."""
    return verifier_key(log_name(), signing_key())
