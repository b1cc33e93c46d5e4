"""Public keys as an engineer hands them over: a JWKS (RFC 7517), read to its end, with each fault and what to do.

A private key that is pasted by mistake is refused before anything else, and nothing of it is repeated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.utils.translation import gettext as _

from lienthong.core.signing_keys import ALGORITHMS, PUBLIC_MEMBERS
from lienthong.errors import BadInput
from lienthong.findings import Finding

SMALLEST_RSA, LARGEST_RSA = 2048, 8192  # bits; NIST SP 800-131A asks for 2048 at least
SMALLEST_EXPONENT = 65537
CURVE = "secp384r1"
MOST_KEYS = 10
LONGEST_KEY_ID = 100
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
Members = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that was checked: its id and its public members."""

    key_id: str
    jwk: dict[str, str]

    @property
    def algorithm(self) -> str:
        return ALGORITHMS[self.jwk["kty"]]


def read_keys(text: str) -> tuple[PublicKey, ...]:
    """Return the keys of a JWKS, or of a single JWK; raise BadInput with every fault.

    Where a finding is, is `keys[0]` and its like, or `jwks` for the whole.
    """
    if "PRIVATE KEY" in text:
        raise BadInput([_private("jwks")])
    listed = _listed(_parsed(text))
    if faults := [fault for place, one in enumerate(listed) for fault in _faults(f"keys[{place}]", one)]:
        raise BadInput(faults)
    keys = tuple(_public(one) for one in listed if isinstance(one, dict))
    if len({one.key_id for one in keys}) < len(keys):
        raise BadInput([Finding("jwks", "key-twice", _("Two keys have the same kid; give each its own."))])
    return keys


def _parsed(text: str) -> object:
    if text.lstrip().startswith("-----BEGIN"):
        told = _("This is a PEM file; a JWKS is needed: JSON with a list of keys. The command access key makes one.")
        raise BadInput([Finding("jwks", "not-jwks", told)])
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput([Finding("jwks", "not-json", _("This is not JSON; a JWKS is needed."))]) from None


def _listed(parsed: object) -> list[object]:
    if isinstance(parsed, dict) and "kty" in parsed:
        return [parsed]
    listed = parsed.get("keys") if isinstance(parsed, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_KEYS:
        told = _("A JWKS is an object with the member keys, a list of 1 to %(most)d keys.") % {"most": MOST_KEYS}
        raise BadInput([Finding("jwks", "not-jwks", told)])
    return listed


def _faults(where: str, key: object) -> Iterator[Finding]:
    if not isinstance(key, dict):
        yield Finding(where, "not-jwk", _("A key must be an object."))
        return
    if _PRIVATE_MEMBERS & key.keys():
        yield _private(where)
        return
    yield from _label_faults(where, key)
    if key.get("kty") not in PUBLIC_MEMBERS:
        yield Finding(where, "key-kind", _("The kind of key (kty) must be EC or RSA."))
        return
    yield from _strength_faults(where, key)


def _label_faults(where: str, key: Members) -> Iterator[Finding]:
    name = key.get("kid")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_KEY_ID or not name.isprintable():
        told = _("The key needs an id (kid) of at most %(most)d characters.") % {"most": LONGEST_KEY_ID}
        yield Finding(where, "key-id", told)
    if key.get("use", "sig") != "sig":
        yield Finding(where, "key-use", _("The use of the key (use) must be sig, or left out."))
    wanted = ALGORITHMS.get(str(key.get("kty")))
    if wanted and key.get("alg", wanted) != wanted:
        told = _("The algorithm (alg) of this kind of key must be %(algorithm)s, or left out.") % {"algorithm": wanted}
        yield Finding(where, "key-algorithm", told)


def _strength_faults(where: str, key: Members) -> Iterator[Finding]:
    kind = str(key["kty"])
    if kind == "EC" and key.get("crv") != "P-384":
        yield Finding(where, "key-weak", _("The curve (crv) must be P-384, as ES384 asks."))
        return
    try:
        public = jwt.PyJWK({name: key.get(name) for name in PUBLIC_MEMBERS[kind]}, algorithm=ALGORITHMS[kind]).key
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        yield Finding(where, "key-broken", _("The numbers of the key are no public key of its kind."))
        return
    if isinstance(public, RSAPublicKey):
        yield from _rsa_faults(where, public)
    elif not isinstance(public, EllipticCurvePublicKey) or public.curve.name != CURVE:
        yield Finding(where, "key-broken", _("The numbers of the key are no public key of its kind."))


def _rsa_faults(where: str, public: RSAPublicKey) -> Iterator[Finding]:
    if not SMALLEST_RSA <= public.key_size <= LARGEST_RSA:
        bits = {"bits": public.key_size, "least": SMALLEST_RSA, "most": LARGEST_RSA}
        told = _("An RSA key must have %(least)d to %(most)d bits, but this one has %(bits)d.") % bits
        yield Finding(where, "key-weak", told)
    if public.public_numbers().e < SMALLEST_EXPONENT:
        told = _("The exponent (e) of an RSA key must be at least %(least)d.") % {"least": SMALLEST_EXPONENT}
        yield Finding(where, "key-weak", told)


def _public(key: Members) -> PublicKey:
    members = {name: str(key[name]) for name in PUBLIC_MEMBERS[str(key["kty"])]}
    return PublicKey(str(key["kid"]), members)


def _private(where: str) -> Finding:
    told = _(
        "This is a private or secret key. It was not kept, but it must never leave its own system: "
        "throw it away, make a new pair, and hand over the public half only."
    )
    return Finding(where, "private-key", told)
