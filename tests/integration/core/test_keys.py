"""Public keys as they are handed over: what is taken, what is refused and why, and that no private key is kept."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.factories.core import public_jwk
from tests.integration.core.token_calls import EC_KEY, RSA_KEY

from lienthong.core import signing_keys
from lienthong.core.access.keys import read_keys
from lienthong.errors import BadInput

# A smaller key and exponent than any engineer should have; made for the test.
SMALL_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
LOW_EXPONENT = rsa.generate_private_key(public_exponent=3, key_size=2048)
P256 = ec.generate_private_key(ec.SECP256R1())
PEM = EC_KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC_PEM = EC_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def jwk(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = EC_KEY, **changes: object) -> dict[str, object]:
    made = {**public_jwk(key), "kid": "k1", **changes}
    return {name: value for name, value in made.items() if value is not None}


def jwks(*keys: object) -> str:
    return json.dumps({"keys": list(keys)})


def test_keys_of_a_jwks_are_read_without_what_is_not_public() -> None:
    first, second = read_keys(jwks(jwk(use="sig", alg="ES384", note="ours"), jwk(RSA_KEY, kid="k2")))

    assert (first.key_id, first.algorithm, set(first.jwk)) == ("k1", "ES384", {"kty", "crv", "x", "y"})
    assert (second.key_id, second.algorithm, set(second.jwk)) == ("k2", "RS384", {"kty", "n", "e"})


def test_single_key_stands_for_a_list_of_one() -> None:
    assert [one.key_id for one in read_keys(json.dumps(jwk()))] == ["k1"]


def private(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    import jwt

    kind = jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    return jwks({**json.loads(kind.to_jwk(key)), "kid": "k1"})  # type: ignore[arg-type]  # of its own kind


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "private key in PEM": (lambda: PEM, "private-key"),
    "private elliptic key": (lambda: private(EC_KEY), "private-key"),
    "private RSA key": (lambda: private(RSA_KEY), "private-key"),
    "shared secret": (lambda: jwks({"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}), "private-key"),
    "public key in PEM": (lambda: PUBLIC_PEM.decode(), "not-jwks"),
    "no JSON": (lambda: "{keys:", "not-json"),
    "deep JSON": (lambda: "[" * 100_000, "not-json"),
    "a list": (lambda: "[]", "not-jwks"),
    "no keys": (lambda: jwks(), "not-jwks"),
    "too many keys": (lambda: jwks(*(jwk(kid=f"k{n}") for n in range(11))), "not-jwks"),
    "text for a key": (lambda: jwks("k1"), "not-jwk"),
    "no id": (lambda: jwks(jwk(kid=None)), "key-id"),
    "long id": (lambda: jwks(jwk(kid="k" * 101)), "key-id"),
    "twice the same id": (lambda: jwks(jwk(), jwk(RSA_KEY)), "key-twice"),
    "for encryption": (lambda: jwks(jwk(use="enc")), "key-use"),
    "other algorithm": (lambda: jwks(jwk(RSA_KEY, alg="RS256")), "key-algorithm"),
    "other kind": (lambda: jwks({"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "k1"}), "key-kind"),
    "smaller curve": (lambda: jwks(jwk(P256)), "key-weak"),
    "curve by another name": (lambda: jwks(jwk(P256, crv="P-384")), "key-broken"),
    "point off the curve": (lambda: jwks(jwk(x="AAAA")), "key-broken"),
    "numbers for texts": (lambda: jwks(jwk(RSA_KEY, n=12345)), "key-broken"),
    "short RSA key": (lambda: jwks(jwk(SMALL_RSA)), "key-weak"),
    "low exponent": (lambda: jwks(jwk(LOW_EXPONENT)), "key-weak"),
}


@pytest.mark.parametrize(("make", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_strong_public_key_is_refused(make: Callable[[], str], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_keys(make())

    assert code in {one.code for one in refused.value.findings}


def test_refusal_of_a_private_key_repeats_nothing_of_it() -> None:
    text = private(EC_KEY)
    with pytest.raises(BadInput) as refused:
        read_keys(text)

    assert json.loads(text)["keys"][0]["d"] not in str(refused.value)


def test_every_fault_of_every_key_is_told() -> None:
    with pytest.raises(BadInput) as refused:
        read_keys(jwks(jwk(SMALL_RSA, use="enc", kid=None), jwk(P256)))

    assert {(one.where, one.code) for one in refused.value.findings} == {
        ("keys[0]", "key-id"),
        ("keys[0]", "key-use"),
        ("keys[0]", "key-weak"),
        ("keys[1]", "key-weak"),
    }


def test_thumbprint_is_that_of_the_standard() -> None:
    """The key and the thumbprint of RFC 7638, section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn"
        "jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q"
        "MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awap"
        "JzKnqDKgw"
    )
    key = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}

    assert signing_keys.thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
