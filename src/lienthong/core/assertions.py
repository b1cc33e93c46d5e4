"""Signed assertions of connected systems (RFC 7519): who calls, once, and for this address.

An assertion is signed with ES384 or RS384 by a registered key. It names its issuer, the address it is meant for, an end
not more than five minutes away, and an id that is accepted once. CDS Hooks 2.0 sends one with each call; a backend
service (RFC 7523, SMART App Launch 2) sends one to be given an access token.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import jwt
from django.db import IntegrityError, transaction
from jwt.types import Options

from lienthong.core.access.errors import ScopeMissing
from lienthong.core.models import ClientKey, ConnectedSystem, UsedAssertion
from lienthong.core.signing_keys import ALGORITHMS
from lienthong.errors import NotAllowed

LONGEST_LIFE = dt.timedelta(minutes=5)
CLOCK_SKEW = dt.timedelta(seconds=30)

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
    """The connected system that an assertion speaks for, the code of its facility, and what it was granted."""

    issuer: str
    key_id: str
    facility: str
    scopes: tuple[str, ...] = ()
    system: ConnectedSystem | None = field(default=None, repr=False)

    def check_scope(self, scope: str) -> None:
        """Raise ScopeMissing unless the system was granted one of the platform's own scopes."""
        if scope not in self.scopes:
            raise ScopeMissing(scope)


def check_assertion(authorization: str, *, audience: str, at: dt.datetime) -> Client:
    """Return the client of an Authorization header and use its token up; raise AssertionRefused.

    `audience` is the address that the call was sent to. As CDS Hooks 2.0 asks, the token says when it begins.
    """
    token = _bearer(authorization)
    key = _registered_key(token, at=at)
    claims = _signed_claims(token, key)
    _check_active(key.system)
    _check_audience(claims, [audience])
    return _accepted(claims, key, expires_at=_check_times(claims, at=at))


def check_client_assertion(token: str, *, audiences: Sequence[str], at: dt.datetime) -> Client:
    """Return the client of a `private_key_jwt` and use the assertion up; raise AssertionRefused.

    `audiences` are the addresses of which it must name one, the usual one first. RFC 7523, section 3: subject and
    issuer are the client, and the end is not more than five minutes away (SMART App Launch 2, Backend Services); when
    it begins need not be said.
    """
    key = _registered_key(token, at=at)
    claims = _signed_claims(token, key)
    _check_active(key.system)
    if claims.get("sub") != key.system.client_id:
        _refuse("The subject (sub) must be the client_id, as the issuer (iss) is.")
    _check_audience(claims, audiences)
    expires_at = _check_end(claims, at=at)
    if "iat" in claims and _instant(claims, "iat") > at + CLOCK_SKEW:
        _refuse("The token begins in the future; set the clocks.")
    if expires_at > at + LONGEST_LIFE + CLOCK_SKEW:
        _refuse("The token must end (exp) within five minutes from now.")
    return _accepted(claims, key, expires_at=expires_at)


def claimed_issuer(token: str) -> str:
    """Return whom an assertion says it is of, nothing of it proven; empty where it says nobody."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return ""
    return issuer if isinstance(issuer, str) else ""


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
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        _refuse("The token is not a signed JWT.")
    issuer, key_id = claims.get("iss"), header.get("kid")
    if not (_is_name(issuer) and _is_name(key_id)):
        _refuse("The token must name its issuer (iss) and its key (kid).")
    keys = ClientKey.objects.select_related("system__user")
    key = keys.filter(system__client_id=issuer, key_id=key_id, valid_from__lte=at).first()
    if key is None or (key.valid_to is not None and key.valid_to <= at):
        _refuse("The token's key (kid) is not registered for its issuer (iss), or does not hold today.")
    return key


def _check_active(system: ConnectedSystem) -> None:
    """Refuse a suspended system; asked once the signature holds, so that nobody else learns of it."""
    if system.suspended_at is not None:
        _refuse("This system is suspended; ask the administrator of the platform.")


def _signed_claims(token: str, key: ClientKey) -> Mapping[str, object]:
    """Check the signature with the one algorithm of the key's kind, so that a token can't choose a weaker one."""
    algorithm = ALGORITHMS.get(str(key.jwk.get("kty")))
    if algorithm is None:
        _refuse("The registered key is neither an elliptic curve nor an RSA key.")
    try:
        public = jwt.PyJWK(key.jwk, algorithm=algorithm)
        claims: Mapping[str, object] = jwt.decode(token, public, algorithms=[algorithm], options=_SIGNATURE_ONLY)
    except jwt.PyJWTError:
        _refuse("The token's signature does not hold; it must be ES384 or RS384 by the registered key.")
    return claims


def _check_audience(claims: Mapping[str, object], audiences: Sequence[str]) -> None:
    named = claims.get("aud")
    meant_for = named if isinstance(named, list) else [named]
    if not any(one in meant_for for one in audiences):
        _refuse(f"The token's audience (aud) is not the address that was called: {audiences[0]}")


def _check_times(claims: Mapping[str, object], *, at: dt.datetime) -> dt.datetime:
    issued, expires = _instant(claims, "iat"), _check_end(claims, at=at)
    if issued > at + CLOCK_SKEW:
        _refuse("The token begins in the future; set the clocks.")
    if not dt.timedelta() < expires - issued <= LONGEST_LIFE:
        _refuse("The token must end (exp) after it begins (iat), and within five minutes.")
    return expires


def _check_end(claims: Mapping[str, object], *, at: dt.datetime) -> dt.datetime:
    expires = _instant(claims, "exp")
    if expires <= at - CLOCK_SKEW:
        _refuse("The token has ended (exp); sign a new one for each call.")
    if _later_start(claims, at=at):
        _refuse("The token does not hold yet (nbf).")
    return expires


def _later_start(claims: Mapping[str, object], *, at: dt.datetime) -> bool:
    return "nbf" in claims and _instant(claims, "nbf") > at + CLOCK_SKEW


def _instant(claims: Mapping[str, object], name: str) -> dt.datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(f"The token must say in seconds since 1970: {name}.")
    try:
        return dt.datetime.fromtimestamp(value, tz=dt.UTC)
    except (OverflowError, ValueError, OSError):
        _refuse(f"The token must say in seconds since 1970: {name}.")


def _accepted(claims: Mapping[str, object], key: ClientKey, *, expires_at: dt.datetime) -> Client:
    system = key.system
    _use_up(claims, issuer=system.client_id, expires_at=expires_at)
    return Client(system.client_id, key.key_id, system.facility, tuple(system.scopes), system)


def _use_up(claims: Mapping[str, object], *, issuer: str, expires_at: dt.datetime) -> None:
    """Keep the token's id; the database refuses the second of two calls that come at the same moment."""
    token_id = claims.get("jti")
    if not isinstance(token_id, str) or not _is_name(token_id) or len(token_id) > 200:
        _refuse("The token must have an id (jti) of at most 200 characters.")
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(issuer=issuer, token_id=token_id, expires_at=expires_at)
    except IntegrityError:
        _refuse("The token was used before; sign a new one for each call.")


def _is_name(value: object) -> bool:
    """Whether a value is a text that the database takes: a NUL or half a surrogate pair is none."""
    return isinstance(value, str) and value != "" and value.isprintable()


def _refuse(message: str) -> NoReturn:
    raise AssertionRefused(message)
