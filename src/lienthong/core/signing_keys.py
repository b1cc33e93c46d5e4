"""Keys with which systems sign who they are, and what is signed with them; for both sides, without Django."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

# SMART App Launch 2 asks for RS384 and ES384, by the kind of key.
ALGORITHMS = {"RSA": "RS384", "EC": "ES384"}
PUBLIC_MEMBERS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
LIFE = dt.timedelta(minutes=4)  # five are allowed; the other clock may be behind

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def new_private_key() -> bytes:
    """Return a new private key on the curve P-384, as PKCS 8 in PEM."""
    made = ec.generate_private_key(ec.SECP384R1())
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_private_key(pem: bytes) -> PrivateKey:
    """Return the private key in a PEM file without password; raise ValueError for what is no EC or RSA key."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise ValueError("the file must hold one private key in PEM, without a password") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("the private key must be an elliptic curve or an RSA key")
    return key


def public_jwk(key: PrivateKey) -> dict[str, str]:
    """Return the public half of a key pair as it is handed over, named by its thumbprint."""
    is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
    kind = jwt.algorithms.ECAlgorithm if is_curve else jwt.algorithms.RSAAlgorithm
    public = json.loads(kind.to_jwk(key.public_key()))  # type: ignore[arg-type]  # of its own kind
    members = {name: public[name] for name in PUBLIC_MEMBERS[public["kty"]]}
    return {**members, "kid": thumbprint(members), "use": "sig", "alg": ALGORITHMS[members["kty"]]}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the SHA-256 thumbprint of a public key (RFC 7638), in base64url: a key id that nobody has to invent."""
    members = {name: jwk[name] for name in sorted(PUBLIC_MEMBERS[jwk["kty"]])}
    digest = sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return jwt.utils.base64url_encode(digest).decode()


def signed_assertion(key: PrivateKey, *, client_id: str, audience: str, at: dt.datetime, key_id: str = "") -> str:
    """Return the assertion by which a client proves itself at an address (RFC 7523), for once and four minutes."""
    jwk = public_jwk(key)
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": int(at.timestamp()),
        "exp": int((at + LIFE).timestamp()),
        "jti": secrets.token_urlsafe(24),
    }
    return jwt.encode(claims, key, algorithm=jwk["alg"], headers={"kid": key_id or jwk["kid"]})
