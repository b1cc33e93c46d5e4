"""Connected systems are registered, changed, given keys and suspended.

Who may do so at which facility is asked by the app that has the pages; the rows, what must hold of them, and the audit
events are here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.access.keys import PublicKey
from lienthong.core.access.scopes import read_scopes
from lienthong.core.actions import create_user
from lienthong.core.models import AccessToken, ClientKey, ConnectedSystem, User
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.findings import Finding

KIND = "connected-system"
CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/~-]{1,99}")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemEntry:
    """What is registered of a system: how it names itself, what people call it, and what it may do.

    `facility` is the code of the one that it speaks for; `sources` the codes of the senders it may deliver for, none
    for all of its facility.
    """

    client_id: str
    name: str
    facility: str
    scopes: tuple[str, ...]
    contact: str = ""
    sources: tuple[str, ...] = ()


@transaction.atomic
def register_system(entry: SystemEntry, *, keys: Iterable[PublicKey], by: User, at: dt.datetime) -> None:
    """Register a system with the keys it signs with; raise BadInput, and Conflict where its client_id is taken."""
    scopes = _checked(entry)
    if ConnectedSystem.objects.filter(client_id=entry.client_id).exists():
        raise Conflict(_("A system is registered by this client_id already."))
    user = create_user(username=f"client:{entry.client_id}", full_name=entry.name, is_system=True)
    system = ConnectedSystem.objects.create(
        client_id=entry.client_id,
        name=entry.name,
        facility=entry.facility,
        contact=entry.contact,
        scopes=list(scopes),
        sources=list(entry.sources),
        user=user,
        registered_at=at,
    )
    told = {"scopes": " ".join(scopes), "sources": " ".join(entry.sources), "contact": entry.contact}
    _tell("register-system", system, by=by, at=at, detail={name: value for name, value in told.items() if value})
    _add(system, keys, by=by, at=at)


@transaction.atomic
def change_system(entry: SystemEntry, *, by: User, at: dt.datetime) -> None:
    """Change name, contact, scopes and senders of a system; raise NotFound, BadInput.

    Its facility never changes: what it reads and delivers hangs on that. Tokens that are out lose at once the scopes
    that it loses.
    """
    scopes = _checked(entry)
    system = _locked(entry.client_id)
    if system.facility != entry.facility:
        raise Conflict(_("A system speaks for one facility for ever; register another for another facility."))
    values: dict[str, object] = {
        "name": entry.name,
        "contact": entry.contact,
        "scopes": list(scopes),
        "sources": list(entry.sources),
    }
    before = {name: getattr(system, name) for name in values}
    changed = [name for name, value in values.items() if value != before[name]]
    if not changed:
        return
    ConnectedSystem.objects.filter(pk=system.pk).update(**values)
    User.objects.filter(pk=system.user_id).update(full_name=entry.name)
    detail = {name: f"{_words(before[name])} → {_words(values[name])}" for name in changed}
    _tell("change-system", system, by=by, at=at, detail=detail)


@transaction.atomic
def add_keys(client_id: str, keys: Iterable[PublicKey], *, by: User, at: dt.datetime) -> None:
    """Give a system more keys, which hold from now on; raise NotFound, and Conflict for a kid that it has or had."""
    _add(_locked(client_id), keys, by=by, at=at)


@transaction.atomic
def end_key(client_id: str, key_id: str, *, ends_at: dt.datetime, by: User, at: dt.datetime) -> None:
    """Let a key hold until an instant; where that is now or past, the tokens it was signed for end as well.

    Raises NotFound, and Conflict where it has ended already.
    """
    system = _locked(client_id)
    key = ClientKey.objects.filter(system=system, key_id=key_id).first()
    if key is None:
        raise NotFound(_("This system has no such key."))
    if key.valid_to is not None and key.valid_to <= at:
        raise Conflict(_("This key has ended already."))
    ended = max(ends_at, at)
    ClientKey.objects.filter(pk=key.pk).update(valid_to=max(ended, key.valid_from))
    if ended <= at:
        _end_tokens(system, at=at, key_id=key_id)
    _tell("end-key", system, by=by, at=at, detail={"key": key_id, "until": ended.isoformat(timespec="seconds")})


@transaction.atomic
def suspend_system(client_id: str, *, why: str, by: User, at: dt.datetime) -> None:
    """Let a system in no longer; the tokens it has end now. Raises NotFound, BadInput without a reason, Conflict."""
    system = _locked(client_id)
    if not 0 < len(why.strip()) <= 300:
        raise BadInput([Finding("why", "reason-missing", _("Write why, in 300 characters at most."))])
    if system.suspended_at is not None:
        raise Conflict(_("This system is suspended already."))
    ConnectedSystem.objects.filter(pk=system.pk).update(suspended_at=at)
    _end_tokens(system, at=at)
    _tell("suspend-system", system, by=by, at=at, detail={"why": why.strip()})


@transaction.atomic
def resume_system(client_id: str, *, by: User, at: dt.datetime) -> None:
    """Let a suspended system in again; raise NotFound, and Conflict where it is not suspended."""
    system = _locked(client_id)
    if system.suspended_at is None:
        raise Conflict(_("This system is not suspended."))
    ConnectedSystem.objects.filter(pk=system.pk).update(suspended_at=None)
    _tell("resume-system", system, by=by, at=at, detail={})


def _checked(entry: SystemEntry) -> tuple[str, ...]:
    """Return the scopes as they are kept; raise BadInput with what is wrong anywhere in the entry."""
    faults = []
    if not CLIENT_ID.fullmatch(entry.client_id):
        told = _("Give a client_id of 2 to 100 letters, digits and . _ : / ~ - , such as his-30001")
        faults.append(Finding("client_id", "client-id", told))
    if not 0 < len(entry.name.strip()) <= LONGEST_NAME or not entry.name.isprintable():
        faults.append(Finding("name", "name", _("Give the system a name of at most 200 characters.")))
    if len(entry.contact) > LONGEST_NAME:
        faults.append(Finding("contact", "contact", _("Give a contact of at most 200 characters.")))
    if not entry.scopes:
        told = _("Grant at least one scope; without one it may do nothing.")
        faults.append(Finding("scopes", "scopes-missing", told))
    try:
        scopes = read_scopes(entry.scopes)
    except BadInput as refused:
        raise BadInput([*faults, *refused.findings]) from None
    if faults:
        raise BadInput(faults)
    return scopes


def _add(system: ConnectedSystem, keys: Iterable[PublicKey], *, by: User, at: dt.datetime) -> None:
    keys = list(keys)
    if not keys:
        raise BadInput([Finding("jwks", "keys-missing", _("Give at least one public key."))])
    known = set(ClientKey.objects.filter(system=system).values_list("key_id", flat=True))
    if taken := sorted(known & {one.key_id for one in keys}):
        told = _("The system has or had a key with the kid %(kid)s; a new key needs a new one.") % {"kid": taken[0]}
        raise Conflict(told)
    for one in keys:
        ClientKey.objects.create(system=system, key_id=one.key_id, jwk=one.jwk, valid_from=at)
        _tell("add-key", system, by=by, at=at, detail={"key": one.key_id, "algorithm": one.algorithm})


def _end_tokens(system: ConnectedSystem, *, at: dt.datetime, **which: str) -> None:
    AccessToken.objects.filter(system=system, revoked_at=None, expires_at__gt=at, **which).update(revoked_at=at)


def _locked(client_id: str) -> ConnectedSystem:
    system = ConnectedSystem.objects.select_for_update().filter(client_id=client_id).first()
    if system is None:
        raise NotFound(_("There is no such connected system."))
    return system


def _words(value: object) -> str:
    return (" ".join(value) if isinstance(value, list) else str(value)) or "–"


def _tell(action: str, system: ConnectedSystem, *, by: User, at: dt.datetime, detail: dict[str, str]) -> None:
    audit.record(
        action, by=by, at=at, object_kind=KIND, object_key=system.client_id, facility=system.facility, detail=detail
    )
