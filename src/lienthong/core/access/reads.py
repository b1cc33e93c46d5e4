"""What the pages show of connected systems: plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from lienthong.core import audit
from lienthong.core.access.registration import KIND, SystemEntry
from lienthong.core.models import ClientKey, ConnectedSystem
from lienthong.core.signing_keys import ALGORITHMS

REFUSAL_KIND = "access-refusal"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    id: int
    key_id: str
    algorithm: str
    valid_from: dt.datetime
    valid_to: dt.datetime | None

    def holds(self, at: dt.datetime) -> bool:
        """Whether what it signs is believed at an instant."""
        return self.valid_from <= at and (self.valid_to is None or self.valid_to > at)


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """A connected system with its keys, newest first."""

    id: int
    entry: SystemEntry
    keys: tuple[KeyFacts, ...]
    registered_at: dt.datetime
    suspended_at: dt.datetime | None
    last_token_at: dt.datetime | None
    last_refused_at: dt.datetime | None
    last_refusal: str


def systems(facilities: Collection[str] | None = None) -> list[SystemFacts]:
    """Return the connected systems of some facilities, by code, sorted by client_id; None is all."""
    rows = ConnectedSystem.objects.prefetch_related("keys").order_by("client_id")
    if facilities is not None:
        rows = rows.filter(facility__in=list(facilities))
    return [_facts(row) for row in rows]


def system(system_id: int) -> SystemFacts | None:
    """Return one connected system; None where there is none."""
    row = ConnectedSystem.objects.prefetch_related("keys").filter(pk=system_id).first()
    return _facts(row) if row else None


def history(client_id: str, *, limit: int = 100) -> list[audit.Event]:
    """Return what was done to a system, newest first."""
    return audit.history(object_kind=KIND, object_key=client_id, limit=limit)


def refusals(client_id: str, *, limit: int = 50) -> list[audit.Event]:
    """Return when and why a token was refused under a system's name, newest first; the caller may have been another."""
    return audit.history(object_kind=REFUSAL_KIND, object_key=client_id, limit=limit)


def _facts(row: ConnectedSystem) -> SystemFacts:
    keys = sorted(row.keys.all(), key=lambda key: (key.valid_from, key.pk), reverse=True)
    return SystemFacts(
        id=row.pk,
        entry=SystemEntry(
            client_id=row.client_id,
            name=row.name,
            facility=row.facility,
            contact=row.contact,
            scopes=tuple(row.scopes),
            sources=tuple(row.sources),
        ),
        keys=tuple(map(_key_facts, keys)),
        registered_at=row.registered_at,
        suspended_at=row.suspended_at,
        last_token_at=row.last_token_at,
        last_refused_at=row.last_refused_at,
        last_refusal=row.last_refusal,
    )


def _key_facts(key: ClientKey) -> KeyFacts:
    return KeyFacts(key.pk, key.key_id, ALGORITHMS[key.jwk["kty"]], key.valid_from, key.valid_to)
