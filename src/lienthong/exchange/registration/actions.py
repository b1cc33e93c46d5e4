"""Registering a sender, changing it, and sending again what it was refused before it was registered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict, NotAllowed, NotFound
from lienthong.exchange.listening.arrivals import NO_CERTIFICATE
from lienthong.exchange.models import Source
from lienthong.exchange.permissions import check_administrator, day_of, sees_unknown
from lienthong.exchange.registration.entry import ASTM, DICOM, FILES, SenderEntry, faults
from lienthong.exchange.registration.refused import refused_messages
from lienthong.findings import Finding
from lienthong.registry import reads as registry
from lienthong.registry.reads import FacilityFacts, check_role
from lienthong.results import actions as results
from lienthong.results import reads as results_reads

# The columns that an entry fills as they stand; facility and laboratory are rows of their own.
PLAIN = (
    *("protocol", "sending_application", "sending_facility", "certificate", "peer_address", "listening_port"),
    *("default_charset", "control_specimens", "tube_number", "tube_days", "dicomweb_url"),
)


@dataclass(frozen=True, slots=True)
class Registered:
    """The row of a sender, whether it is new, and how many refused messages go through the worker again; `unproven`
    stay refused, since they came without the certificate that is demanded now, `left` since it takes one who operates a
    region to say whose they are.
    """

    id: int
    is_new: bool
    replayed: int = 0
    unproven: int = 0
    left: int = 0


@transaction.atomic
def register_source(entry: SenderEntry, *, by: User, at: dt.datetime) -> int:
    """Register a sender, or change a registered one that has the entry's code; return its key.

    Raises NotAllowed unless an administrator reaches the facility, of a registered sender the one it had as well, and
    the one whose code MSH-4 is;
    BadInput for what the protocol does not have, a character set that is not known, a laboratory of another facility;
    Conflict where another sender is known by the same.
    """
    check_administrator(by, at=at)
    place = _facility(entry.facility, by=by, at=at)
    entry = entry.in_order()
    if found := [*faults(entry), *_laboratory_faults(entry, place)]:
        raise BadInput(found)
    before = Source.objects.select_for_update().filter(code=entry.code).first()
    if before is not None:
        _check_reached(before.facility_id, by=by, at=at)
    _check_own_name(entry, by=by, at=at)
    _check_free(entry)
    values = {
        **{name: getattr(entry, name) for name in PLAIN},
        "facility_id": place.id,
        "laboratory_id": entry.laboratory_id,
    }
    changed = {name for name, value in values.items() if before is None or getattr(before, name) != value}
    if before is not None and not changed:
        return before.pk
    old = _told(before) if before else None
    row, _created = Source.objects.update_or_create(code=entry.code, defaults=values)
    action = "change-source" if before else "register-source"
    detail = _detail(old, _told(row), changed)
    audit.record(
        action, by=by, at=at, object_kind="source", object_key=entry.code, facility=entry.facility, detail=detail
    )
    return row.pk


@transaction.atomic
def register_and_replay(entry: SenderEntry, *, by: User, at: dt.datetime) -> Registered:
    """Register a sender as `register_source` does, and replay in order what was refused while it was not known.

    Where a certificate is demanded, they are not replayed: nobody knows who sent them. Nor are they for one who
    administers a facility only: another facility's system may have sent them. Where it changed which number its tubes
    bear, what waited for an order is tried again as well.
    """
    before = Source.objects.filter(code=entry.code).values_list("tube_number", "tube_days").first()
    row_id = register_source(entry, by=by, at=at)
    is_seen = by.is_system or sees_unknown(registry.access_of(by, on=day_of(at)))
    found = refused_messages(entry.code)
    refused, left = (found, 0) if is_seen else ([], len(found))
    unproven = results.refuse(refused, NO_CERTIFICATE, by=by, at=at) if entry.certificate.strip() else 0
    waiting = set() if entry.certificate.strip() else set(refused)
    if before and before != (entry.tube_number, entry.tube_days):
        waiting |= set(results_reads.held_without_patient(entry.code))
    return Registered(row_id, before is None, results.replay(waiting, by=by, at=at), unproven, left)


@transaction.atomic
def require_certificate(code: str, name: str, *, by: User, at: dt.datetime) -> int:
    """Take the messages of a sender only from a connection whose certificate has this name; empty demands none.

    Returns its key. Raises NotFound where there is no such sender, and what `register_source` does.
    """
    row = Source.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NotFound(_("There is no such sender."))
    return register_source(replace(entry_of(row), certificate=name), by=by, at=at)


def entry_of(row: Source) -> SenderEntry:
    """Return what is registered of a sender."""
    plain = {name: getattr(row, name) for name in PLAIN}
    return SenderEntry(code=row.code, facility=row.facility.code, laboratory_id=row.laboratory_id, **plain)


def _told(row: Source) -> dict[str, str]:
    """Return by column what people read of a sender: the facility by its code, the laboratory by its name."""
    plain = {name: str(value) for name in PLAIN if (value := getattr(row, name))}
    laboratory = row.laboratory.name if row.laboratory else ""
    return {**plain, "facility_id": row.facility.code, "laboratory_id": laboratory}


def _detail(old: Mapping[str, str] | None, new: Mapping[str, str], changed: set[str]) -> dict[str, str]:
    if old is None:
        return {name: value for name, value in new.items() if value}
    return {name: f"{old.get(name) or '–'} → {new.get(name) or '–'}" for name in sorted(changed)}


def _facility(code: str, *, by: User, at: dt.datetime) -> FacilityFacts:
    place = next((one for one in registry.facilities(on=day_of(at)).values() if one.code == code), None)
    if place is None:
        raise NotFound(_("There is no such facility."))
    _check_reached(place.id, by=by, at=at)
    return place


def _check_reached(facility_id: int, *, by: User, at: dt.datetime) -> None:
    if by.is_system:
        return
    if facility_id not in check_role(by, "administrator", on=day_of(at)).facilities_as("administrator"):
        raise NotAllowed(_("This facility is not one of yours."))


def _check_own_name(entry: SenderEntry, *, by: User, at: dt.datetime) -> None:
    """Raise NotAllowed where the sender would be known by the code of a facility that is not one's own."""
    named = (one.id for one in registry.facilities(on=day_of(at)).values() if one.code == entry.sending_facility)
    for facility_id in named:
        _check_reached(facility_id, by=by, at=at)


def _laboratory_faults(entry: SenderEntry, place: FacilityFacts) -> list[Finding]:
    if entry.laboratory_id is None or entry.laboratory_id in registry.laboratories_of(place.id):
        return []
    return [Finding("laboratory", "laboratory-elsewhere", _("The facility has no such laboratory."))]


def _check_free(entry: SenderEntry) -> None:
    """Raise Conflict where another sender of the protocol is known by the same."""
    if entry.protocol == FILES:
        return
    own = {ASTM: ("peer_address", "listening_port"), DICOM: ()}
    by = own.get(entry.protocol, ("sending_facility",))
    names = ("protocol", "sending_application", *by)
    others = Source.objects.exclude(code=entry.code).filter(**{name: getattr(entry, name) for name in names})
    same = others.values_list("code", flat=True).first()
    if same is None:
        return
    if entry.is_analyzer:
        raise Conflict(_("Name, address and port are those of the analyser %(code)s already.") % {"code": same})
    if entry.protocol == DICOM:
        raise Conflict(_("The application entity title is that of the sender %(code)s already.") % {"code": same})
    raise Conflict(_("MSH-3 and MSH-4 are those of the sender %(code)s already.") % {"code": same})
