"""Who calls with an access token, in the name of which facility, and what it may do."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest

from lienthong.core.access.errors import NotAuthenticated, ScopeMissing
from lienthong.core.access.scopes import Right, allows, narrowed
from lienthong.core.bulk import fetch_prepared
from lienthong.core.models import ConnectedSystem, User

_PREFIX = "bearer "
_UNKNOWN = "The access token is not known, or was revoked."
# Asked for with every request, so that it is planned once a session.
_OF_USER = [one.attname for one in User._meta.concrete_fields]
_BY_TOKEN = f"""
SELECT token.revoked_at, token.expires_at, token.scopes, system.suspended_at, system.client_id, system.name,
  system.facility, system.scopes, system.sources, {", ".join(f"acting.{one}" for one in _OF_USER)}
FROM core_accesstoken token
JOIN core_connectedsystem system ON system.id = token.system_id
JOIN core_user acting ON acting.id = system.user_id
WHERE token.digest = %s
"""  # noqa: S608 — made of constants


@dataclass(frozen=True, slots=True)
class Caller:
    """A connected system that has shown an access token.

    `user` is the system user in whose name it acts: it goes as `by=` into actions, which never ask a system user for
    roles. Whoever calls one has therefore asked `check` for the right, and kept to the caller's facility and senders.
    `facility` is the facility's code; `sources` are the codes of the senders it may deliver for, empty for all of its
    facility.
    """

    client_id: str
    name: str
    facility: str
    scopes: tuple[str, ...]
    sources: tuple[str, ...]
    user: User

    def may(self, resource_type: str, right: Right) -> bool:
        """Whether the token gives a right (create, read, update, delete, search) over a type of resource."""
        return allows(self.scopes, resource_type, right)

    def check(self, resource_type: str, right: Right) -> None:
        """Raise ScopeMissing unless the token gives the right over the type of resource."""
        if not self.may(resource_type, right):
            raise ScopeMissing(f"system/{resource_type}.{right}")

    def check_scope(self, scope: str) -> None:
        """Raise ScopeMissing unless the token carries one of the platform's own scopes, such as delivery/write."""
        if scope not in self.scopes:
            raise ScopeMissing(scope)

    def may_deliver_for(self, source: str) -> bool:
        """Whether a sender is one it may deliver for; that the sender is of its facility is asked beside this."""
        return not self.sources or source in self.sources


def caller_of(request: HttpRequest, *, at: dt.datetime) -> Caller:
    """Return who calls, by the access token in the header Authorization (RFC 6750, 2.1); raise NotAuthenticated.

    A token holds to its end, unless it is revoked, its key is, or its system is suspended. A scope that the system has
    lost since is no longer in it.
    """
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith(_PREFIX):
        raise NotAuthenticated("The header Authorization must carry a bearer token; the token endpoint gives one.")
    return _caller_with(header[len(_PREFIX) :].strip(), at=at)


def standing_caller(client_id: str) -> Caller | None:
    """Return a system with all that it is granted now, for what is done in its name while it doesn't call.

    None where it is suspended, or not registered.
    """
    system = ConnectedSystem.objects.select_related("user").filter(client_id=client_id, suspended_at=None).first()
    return _caller(system, tuple(system.scopes)) if system else None


def token_digest(token: str) -> str:
    """Return what is kept of a token: 256 random bits need no salt and no slow digest."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _caller(system: ConnectedSystem, scopes: tuple[str, ...]) -> Caller:
    return Caller(
        client_id=system.client_id,
        name=system.name,
        facility=system.facility,
        scopes=scopes,
        sources=tuple(system.sources),
        user=system.user,
    )


def _caller_with(token: str, *, at: dt.datetime) -> Caller:
    """Return who was given a token, with what it may do still; raise NotAuthenticated."""
    rows = fetch_prepared(_BY_TOKEN, [token_digest(token)])
    if not rows:
        raise NotAuthenticated(_UNKNOWN, error="invalid_token")
    revoked_at, expires_at, scopes, suspended_at, client_id, name, facility, granted, sources, *user = rows[0]
    if revoked_at is not None:
        raise NotAuthenticated(_UNKNOWN, error="invalid_token")
    if expires_at <= at:
        raise NotAuthenticated("The access token has ended; ask the token endpoint for another.", error="invalid_token")
    if suspended_at is not None:
        raise NotAuthenticated("The system is suspended; ask the administrator.", error="invalid_token")
    return Caller(
        client_id=client_id,
        name=name,
        facility=facility,
        scopes=narrowed(json.loads(scopes), json.loads(granted)),
        sources=tuple(json.loads(sources)),
        user=User.from_db("default", _OF_USER, user),
    )
