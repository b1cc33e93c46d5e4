"""Signed assertions of connected systems (RFC 7519, as CDS Hooks 2.0 asks): who calls, once, and for this address.

A token is signed with ES384 or RS384 by a registered key. It names its issuer, the address it is meant for, an end not
more than five minutes after its beginning, and an id that is accepted once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import jwt
from django.db import IntegrityError, transaction
from jwt.types import Options

from lienthong.core.models import ClientKey, UsedAssertion
from lienthong.errors import NotAllowed

LONGEST_LIFE = dt.timedelta(minutes=5)
CLOCK_SKEW = dt.timedelta(seconds=30)
_ALGORITHMS = {"EC": "ES384", "RSA": "RS384"}
_PREFIX = "bearer "
# Times are judged by the instant that is passed in, and the audience by its full address.
_SIGNATURE_ONLY: Options = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_sub": False,
    "verify_jti": False,
}


class AssertionRefused(NotAllowed):
    """The caller did not prove who it is: no token, a bad one, one that has ended or was used before."""

    code = "assertion-refused"


@dataclass(frozen=True, slots=True)
class Client:
    """The connected system that a token speaks for, and the code of its facility."""

    issuer: str
    key_id: str
    facility: str


def check_assertion(authorization: str, *, audience: str, at: dt.datetime) -> Client:
    """Return the client of an Authorization header and use its token up; raise AssertionRefused.

    `audience` is the address that the call was sent to.
    """
    token = _bearer(authorization)
    key = _registered_key(token, at=at)
    claims = _signed_claims(token, key)
    _check_audience(claims, audience)
    expires_at = _check_times(claims, at=at)
    _use_up(claims, issuer=key.issuer, expires_at=expires_at)
    return Client(issuer=key.issuer, key_id=key.key_id, facility=key.facility)


def forget_expired_assertions(*, at: dt.datetime) -> int:
    """Delete the ids of tokens that have ended, which time refuses from now on; return how many."""
    deleted, _rows = UsedAssertion.objects.filter(expires_at__lt=at - CLOCK_SKEW).delete()
    return deleted


def _bearer(authorization: str) -> str:
    if not authorization.lower().startswith(_PREFIX):
        _refuse("The header Authorization must carry a bearer token.")
    return authorization[len(_PREFIX) :].strip()


def _registered_key(token: str, *, at: dt.datetime) -> ClientKey:
    """Find the key that the token says it was signed with; what it says is believed only once the signature holds."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        _refuse("The bearer token is not a signed JWT.")
    issuer, key_id = claims.get("iss"), header.get("kid")
    if not isinstance(issuer, str) or not isinstance(key_id, str):
        _refuse("The token must name its issuer (iss) and its key (kid).")
    key = ClientKey.objects.filter(issuer=issuer, key_id=key_id, valid_from__lte=at).first()
    if key is None or (key.valid_to is not None and key.valid_to <= at):
        _refuse("The token's key is not registered for its issuer.")
    return key


def _signed_claims(token: str, key: ClientKey) -> Mapping[str, object]:
    """Check the signature with the one algorithm of the key's kind, so that a token can't choose a weaker one."""
    algorithm = _ALGORITHMS.get(str(key.jwk.get("kty")))
    if algorithm is None:
        _refuse("The registered key is neither an elliptic curve nor an RSA key.")
    try:
        public = jwt.PyJWK(key.jwk, algorithm=algorithm)
        claims: Mapping[str, object] = jwt.decode(token, public, algorithms=[algorithm], options=_SIGNATURE_ONLY)
    except jwt.PyJWTError:
        _refuse("The token's signature does not hold; it must be ES384 or RS384 by the registered key.")
    return claims


def _check_audience(claims: Mapping[str, object], audience: str) -> None:
    named = claims.get("aud")
    meant_for = named if isinstance(named, list) else [named]
    if audience not in meant_for:
        _refuse("The token's audience (aud) is not the address that was called.")


def _check_times(claims: Mapping[str, object], *, at: dt.datetime) -> dt.datetime:
    issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
    if issued > at + CLOCK_SKEW:
        _refuse("The token begins in the future; set the clocks.")
    if expires <= at - CLOCK_SKEW:
        _refuse("The token has ended (exp); sign a new one for each call.")
    if not dt.timedelta() < expires - issued <= LONGEST_LIFE:
        _refuse("The token must end (exp) after it begins (iat), and within five minutes.")
    if _later_start(claims, at=at):
        _refuse("The token does not hold yet (nbf).")
    return expires


def _later_start(claims: Mapping[str, object], *, at: dt.datetime) -> bool:
    return "nbf" in claims and _instant(claims, "nbf") > at + CLOCK_SKEW


def _instant(claims: Mapping[str, object], name: str) -> dt.datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse("The token must say in seconds since 1970 when it begins (iat) and ends (exp).")
    try:
        return dt.datetime.fromtimestamp(value, tz=dt.UTC)
    except (OverflowError, ValueError, OSError):
        _refuse("The token must say in seconds since 1970 when it begins (iat) and ends (exp).")


def _use_up(claims: Mapping[str, object], *, issuer: str, expires_at: dt.datetime) -> None:
    """Keep the token's id; the database refuses the second of two calls that come at the same moment."""
    token_id = claims.get("jti")
    if not isinstance(token_id, str) or not 0 < len(token_id) <= 200:
        _refuse("The token must have an id (jti) of at most 200 characters.")
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(issuer=issuer, token_id=token_id, expires_at=expires_at)
    except IntegrityError:
        _refuse("The token was used before; sign a new one for each call.")


def _refuse(message: str) -> NoReturn:
    raise AssertionRefused(message)
