"""Tokens of connected systems: who is let in, and why others are not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.factories.core import ClientKeyFactory, ConnectedSystemFactory

from lienthong.core.assertions import AssertionRefused, check_assertion, forget_expired_assertions
from lienthong.core.models import ConnectedSystem, UsedAssertion

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 23, 2, 15, tzinfo=dt.UTC)
HERE = "https://lienthong.example/cds-services/lienthong-order-sign"
ISSUER = "https://his.example"
EC_KEY = ec.generate_private_key(ec.SECP384R1())
SMALL_EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_EC_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

Claims = dict[str, object]


@pytest.fixture(autouse=True)
def keys() -> None:
    """Two registered keys of one system, and one that is no longer valid."""
    system = ConnectedSystemFactory(client_id=ISSUER)
    ended, later = AT - dt.timedelta(hours=1), AT + dt.timedelta(hours=1)
    ClientKeyFactory(system=system, key_id="ec", pair=EC_KEY)
    ClientKeyFactory(system=system, key_id="rsa", pair=RSA_KEY)
    ClientKeyFactory(system=system, key_id="old", pair=EC_KEY, valid_to=ended)
    ClientKeyFactory(system=system, key_id="later", pair=EC_KEY, valid_from=later)


def claims(**changes: object) -> Claims:
    made: Claims = {
        "iss": ISSUER,
        "aud": HERE,
        "iat": int(AT.timestamp()),
        "exp": int(AT.timestamp()) + 300,
        "jti": "once-1",
    }
    made |= changes
    return {name: value for name, value in made.items() if value is not None}


def signed(payload: Claims, *, key: object = EC_KEY, algorithm: str = "ES384", key_id: str = "ec") -> str:
    return "Bearer " + jwt.encode(payload, key, algorithm=algorithm, headers={"kid": key_id})  # type: ignore[arg-type]  # private keys of three kinds


@pytest.mark.parametrize(
    ("key", "algorithm", "key_id"),
    [pytest.param(EC_KEY, "ES384", "ec", id="es384"), pytest.param(RSA_KEY, "RS384", "rsa", id="rs384")],
)
def test_assertion_of_registered_key_names_the_facility(key: object, algorithm: str, key_id: str) -> None:
    client = check_assertion(signed(claims(), key=key, algorithm=algorithm, key_id=key_id), audience=HERE, at=AT)

    assert (client.issuer, client.key_id, client.facility) == (ISSUER, key_id, "30001")


def test_assertion_for_several_addresses_holds_for_each() -> None:
    check_assertion(signed(claims(aud=["https://other.example", HERE])), audience=HERE, at=AT)


REFUSED: dict[str, Callable[[], str]] = {
    "no token": lambda: "",
    "basic": lambda: "Basic dXNlcjpwYXNz",
    "not a jwt": lambda: "Bearer abc.def",
    "unsigned": lambda: "Bearer " + jwt.encode(claims(), None, algorithm="none", headers={"kid": "ec"}),
    "other key": lambda: signed(claims(), key=OTHER_EC_KEY),
    "smaller curve": lambda: signed(claims(), key=SMALL_EC_KEY, algorithm="ES256"),
    "other algorithm": lambda: signed(claims(), key=RSA_KEY, algorithm="RS256", key_id="rsa"),
    "public key as secret": lambda: signed(claims(), key=b"x" * 64, algorithm="HS384"),
    "unknown issuer": lambda: signed(claims(iss="https://elsewhere.example")),
    "unknown key": lambda: signed(claims(), key_id="none"),
    "ended key": lambda: signed(claims(), key_id="old"),
    "key of later": lambda: signed(claims(), key_id="later"),
    "no issuer": lambda: signed(claims(iss=None)),
    "other address": lambda: signed(claims(aud="https://lienthong.example/cds-services/other")),
    "no address": lambda: signed(claims(aud=None)),
    "ended": lambda: signed(claims(iat=int(AT.timestamp()) - 600, exp=int(AT.timestamp()) - 301)),
    "lives too long": lambda: signed(claims(exp=int(AT.timestamp()) + 301)),
    "begins later": lambda: signed(claims(iat=int(AT.timestamp()) + 120, exp=int(AT.timestamp()) + 180)),
    "holds later": lambda: signed(claims(nbf=int(AT.timestamp()) + 120)),
    "ends before it begins": lambda: signed(claims(exp=int(AT.timestamp()))),
    "no end": lambda: signed(claims(exp=None)),
    "end in words": lambda: signed(claims(exp="tomorrow")),
    "end beyond all time": lambda: signed(claims(exp=10**18)),
    "issuer that no table takes": lambda: signed(claims(iss="\x00")),
    "id of half a letter": lambda: signed(claims(jti="\ud800")),
    "no id": lambda: signed(claims(jti=None)),
    "id too long": lambda: signed(claims(jti="x" * 201)),
}


@pytest.mark.parametrize("token", [pytest.param(make, id=name) for name, make in REFUSED.items()])
def test_assertion_that_proves_nothing_is_refused(token: Callable[[], str]) -> None:
    with pytest.raises(AssertionRefused):
        check_assertion(token(), audience=HERE, at=AT)

    assert not UsedAssertion.objects.exists()


def test_assertion_used_twice_is_refused_the_second_time() -> None:
    token = signed(claims())
    check_assertion(token, audience=HERE, at=AT)

    with pytest.raises(AssertionRefused, match="used before"):
        check_assertion(token, audience=HERE, at=AT)


def test_assertion_of_a_suspended_system_is_refused() -> None:
    ConnectedSystem.objects.update(suspended_at=AT)

    with pytest.raises(AssertionRefused, match="suspended"):
        check_assertion(signed(claims()), audience=HERE, at=AT)


def test_same_id_of_another_issuer_is_another_assertion() -> None:
    second = ConnectedSystemFactory(client_id="https://second.example", facility="30002")
    ClientKeyFactory(system=second, key_id="k", pair=OTHER_EC_KEY)
    check_assertion(signed(claims()), audience=HERE, at=AT)

    other = signed(claims(iss="https://second.example"), key=OTHER_EC_KEY, key_id="k")

    assert check_assertion(other, audience=HERE, at=AT).facility == "30002"


def test_expired_assertions_are_forgotten_and_stay_refused() -> None:
    token = signed(claims())
    check_assertion(token, audience=HERE, at=AT)
    later = AT + dt.timedelta(minutes=6)

    assert forget_expired_assertions(at=later) == 1
    with pytest.raises(AssertionRefused):
        check_assertion(token, audience=HERE, at=later)
