"""Who calls with an access token, in the name of which facility, and what it may do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from django.http import HttpRequest

from lienthong.core.access.errors import NotAuthenticated, ScopeMissing
from lienthong.core.access.scopes import Right, allows, narrowed
from lienthong.core.bulk import fetch_prepared
from lienthong.core.models import AccessToken, ConnectedSystem, User

_PREFIX = "bearer "
# Where a row stands, and what wrote it there, tell one version of it from any other.
_VERSIONS = """
SELECT t.ctid::text, t.xmin::text, s.ctid::text, s.xmin::text, u.ctid::text, u.xmin::text FROM core_accesstoken t
JOIN core_connectedsystem s ON s.id = t.system_id JOIN core_user u ON u.id = s.user_id WHERE t.digest = %s
"""


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
    row = _token(header[len(_PREFIX) :].strip(), at=at)
    return _caller(row.system, narrowed(row.scopes, row.system.scopes))


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


def _token(token: str, *, at: dt.datetime) -> AccessToken:
    digest = token_digest(token)
    versions = fetch_prepared(_VERSIONS, [digest])
    row = _read(digest, versions[0]) if versions else None
    if row is None or row.revoked_at is not None:
        raise NotAuthenticated("The access token is not known, or was revoked.", error="invalid_token")
    if row.expires_at <= at:
        raise NotAuthenticated("The access token has ended; ask the token endpoint for another.", error="invalid_token")
    if row.system.suspended_at is not None:
        raise NotAuthenticated("The system is suspended; ask the administrator.", error="invalid_token")
    return row


@lru_cache(maxsize=1_000)
def _read(digest: str, _versions: tuple[str, ...]) -> AccessToken | None:
    """Read a token with its system and user, again where one of the three rows was written since (`_versions`)."""
    return AccessToken.objects.select_related("system__user").filter(digest=digest).first()
