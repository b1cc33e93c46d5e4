"""Connected systems as an administrator registers them: at a facility of theirs, for senders of that facility."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core.access import OVERSIGHT_EXPORT, registration
from lienthong.core.access.keys import PublicKey
from lienthong.core.access.reads import systems
from lienthong.core.access.registration import SystemEntry
from lienthong.core.models import User
from lienthong.errors import BadInput, NotAllowed, NotFound
from lienthong.exchange.models import Source
from lienthong.exchange.permissions import check_administrator, day_of
from lienthong.findings import Finding
from lienthong.registry import reads as registry
from lienthong.registry.reads import FacilityFacts


@transaction.atomic
def register_system(entry: SystemEntry, *, keys: Iterable[PublicKey], by: User, at: dt.datetime) -> None:
    """Register a system with its keys.

    Raises NotAllowed unless an administrator reaches its facility; NotFound, BadInput, Conflict.
    """
    _check_place(entry, by=by, at=at)
    registration.register_system(entry, keys=keys, by=by, at=at)


@transaction.atomic
def change_system(entry: SystemEntry, *, by: User, at: dt.datetime) -> None:
    """Change what a system is called and may do; raise as `register_system` does."""
    _check_known(entry.client_id, by=by, at=at)
    _check_place(entry, by=by, at=at)
    registration.change_system(entry, by=by, at=at)


@transaction.atomic
def add_keys(client_id: str, keys: Iterable[PublicKey], *, by: User, at: dt.datetime) -> None:
    """Give a system more keys; raise NotAllowed, NotFound, BadInput, Conflict."""
    _check_known(client_id, by=by, at=at)
    registration.add_keys(client_id, keys, by=by, at=at)


@transaction.atomic
def end_key(client_id: str, key_id: str, *, ends_at: dt.datetime, by: User, at: dt.datetime) -> None:
    """Let a key hold until an instant; raise NotAllowed, NotFound, Conflict."""
    _check_known(client_id, by=by, at=at)
    registration.end_key(client_id, key_id, ends_at=ends_at, by=by, at=at)


@transaction.atomic
def suspend_system(client_id: str, *, why: str, by: User, at: dt.datetime) -> None:
    """Let a system in no longer; raise NotAllowed, NotFound, BadInput, Conflict."""
    _check_known(client_id, by=by, at=at)
    registration.suspend_system(client_id, why=why, by=by, at=at)


@transaction.atomic
def resume_system(client_id: str, *, by: User, at: dt.datetime) -> None:
    """Let a suspended system in again; raise NotAllowed, NotFound, Conflict."""
    _check_known(client_id, by=by, at=at)
    registration.resume_system(client_id, by=by, at=at)


def _check_known(client_id: str, *, by: User, at: dt.datetime) -> None:
    """Raise NotFound for a system of a facility that the administrator doesn't reach: its name is not theirs to try."""
    found = next((one for one in systems() if one.entry.client_id == client_id), None)
    check_administrator(by, at=at)
    if found is None:
        raise NotFound(_("There is no such connected system."))
    _check_place(found.entry, by=by, at=at)


def _check_place(entry: SystemEntry, *, by: User, at: dt.datetime) -> None:
    check_administrator(by, at=at)
    on = day_of(at)
    place = registry.facility_by_code(entry.facility, on=on)
    if place is None:
        raise NotFound(_("There is no such facility."))
    if not by.is_system and place.id not in registry.access_of(by, on=on).facilities_as("administrator"):
        raise NotAllowed(_("This facility is not one of yours."))
    _check_oversight(entry, place, by=by, at=at)
    known = set(Source.objects.filter(facility_id=place.id, code__in=entry.sources).values_list("code", flat=True))
    if strange := [one for one in entry.sources if one not in known]:
        told = _("These are no senders of the facility: %(codes)s") % {"codes": " ".join(strange)}
        raise BadInput([Finding("sources", "source-elsewhere", told)])


def _check_oversight(entry: SystemEntry, place: FacilityFacts, *, by: User, at: dt.datetime) -> None:
    """The results of a whole region are given by one who administers all of it, and so are the keys to them."""
    if OVERSIGHT_EXPORT not in entry.scopes or by.is_system:
        return
    if place.region_id not in registry.access_of(by, on=day_of(at)).regions.get("administrator", frozenset()):
        told = _("The scope %(scope)s opens the results of a region: only an administrator of that region grants it.")
        raise NotAllowed(told % {"scope": OVERSIGHT_EXPORT})
