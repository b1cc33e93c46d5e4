"""What oauthlib asks of the platform for its one grant: client credentials, the client proven by `private_key_jwt`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from oauthlib.oauth2 import RequestValidator
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError, InvalidScopeError

from lienthong.core.access.caller import token_digest
from lienthong.core.access.discovery import JWT_BEARER
from lienthong.core.access.scopes import fault_of, narrowed
from lienthong.core.assertions import AssertionRefused, check_client_assertion
from lienthong.core.models import AccessToken, ClientKey, ConnectedSystem

LIFE = dt.timedelta(minutes=5)  # SMART App Launch 2, Backend Services: expires_in should not exceed 300


class Validator(RequestValidator):
    """Answers for one request at one instant. `system` is who proved to be the client, `issued` the token it got."""

    def __init__(self, *, audiences: tuple[str, ...], at: dt.datetime) -> None:
        super().__init__()
        self.audiences, self.at = audiences, at
        self.system: ConnectedSystem | None = None
        self.key_id = ""
        self.issued: AccessToken | None = None

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        return True

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Prove the client by its assertion (RFC 7521, 4.2; RFC 7523, 2.2); raise InvalidClientError."""
        _check_once(request)
        assertion, kind = _parameter(request, "client_assertion"), _parameter(request, "client_assertion_type")
        if kind != JWT_BEARER:
            raise InvalidClientError(f"client_assertion_type must be {JWT_BEARER}", request=request)
        if not assertion:
            raise InvalidClientError("client_assertion must be a JWT signed with a registered key.", request=request)
        try:
            client = check_client_assertion(assertion, audiences=self.audiences, at=self.at)
        except AssertionRefused as refused:
            raise InvalidClientError(str(refused), request=request) from None
        if request.client_id not in (None, "", client.issuer):
            raise InvalidClientError("client_id must be the issuer of the assertion; it may be left out.")
        self.system, self.key_id = client.system, client.key_id
        request.client, request.client_id = client.system, client.issuer
        return True

    def validate_grant_type(self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any) -> bool:
        return grant_type == "client_credentials"

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        granted = " ".join(request.client.scopes)
        raise InvalidScopeError(f"scope is missing; ask for some of what this system was granted: {granted}")

    def validate_scopes(self, client_id: str, scopes: list[str], client: Any, request: Any, *args: Any) -> bool:
        """Keep what of the asked scopes was granted; raise InvalidScopeError for an unknown one, and where none is."""
        for scope in scopes:
            if fault := fault_of(scope):
                raise InvalidScopeError(f"{fault.where}: {fault.message}")
        left = narrowed(scopes, client.scopes)
        if not left:
            granted = " ".join(client.scopes)
            raise InvalidScopeError(f"None of the scopes asked for was granted; this system was granted: {granted}")
        request.scopes = list(left)
        return True

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        assert self.system is not None  # noqa: S101 — authenticate_client comes first
        self._check_still_let_in(self.system, request)
        self.issued = AccessToken.objects.create(
            digest=token_digest(token["access_token"]),
            system=self.system,
            key_id=self.key_id,
            scopes=request.scopes,
            issued_at=self.at,
            expires_at=self.at + LIFE,
        )

    def introspect_token(self, token: str, hint: str, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Say what an own token is worth now (RFC 7662); None for one that is not known, another's, or over."""
        row = self._own(token)
        if row is None or row.revoked_at or row.expires_at <= self.at:
            return None
        return {
            "scope": " ".join(narrowed(row.scopes, row.system.scopes)),
            "client_id": row.system.client_id,
            "token_type": "Bearer",
            "iat": int(row.issued_at.timestamp()),
            "exp": int(row.expires_at.timestamp()),
        }

    def revoke_token(self, token: str, hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """End an own token (RFC 7009); one that is not known or another's changes nothing and is no error."""
        row = self._own(token)
        if row is not None and row.revoked_at is None:
            AccessToken.objects.filter(pk=row.pk).update(revoked_at=self.at)
            self.issued = row

    def _check_still_let_in(self, system: ConnectedSystem, request: Any) -> None:
        """Wait for an act on the system that is under way: a key that it ends must leave no token behind."""
        now = ConnectedSystem.objects.select_for_update().get(pk=system.pk)
        holds = Q(valid_to=None) | Q(valid_to__gt=self.at)
        if now.suspended_at or not ClientKey.objects.filter(holds, system=system, key_id=self.key_id).exists():
            raise InvalidClientError("The key was ended, or the system suspended, just now.", request=request)

    def _own(self, token: str) -> AccessToken | None:
        rows = AccessToken.objects.select_related("system").filter(digest=token_digest(token), system=self.system)
        return rows.first()


def _check_once(request: Any) -> None:
    """Raise InvalidRequestError where a parameter is sent twice (RFC 6749, 3.2)."""
    if twice := request.duplicate_params:
        raise InvalidRequestError(f"Duplicate parameter: {sorted(twice)[0]}", request=request)


def _parameter(request: Any, name: str) -> str:
    return str(getattr(request, name, None) or "")
