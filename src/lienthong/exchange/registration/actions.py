"""Registering a sender, changing it, and sending again what it was refused before it was registered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict, NotAllowed, NotFound
from lienthong.exchange.models import Source
from lienthong.exchange.permissions import check_administrator, day_of
from lienthong.exchange.senders import refused_messages
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.registry import reads as registry
from lienthong.registry.reads import FacilityFacts, check_role
from lienthong.results import actions as results

FIELDS = (
    *("sending_application", "sending_facility", "facility_id", "laboratory_id", "default_charset"),
    *("protocol", "peer_address", "listening_port", "control_specimens"),
)


@dataclass(frozen=True, slots=True)
class Registered:
    """The row of a sender, whether it is new, and how many refused messages go through the worker again."""

    id: int
    is_new: bool
    replayed: int = 0


@transaction.atomic
def register_source(
    *,
    code: str,
    sending_application: str,
    sending_facility: str,
    facility: str,
    laboratory_id: int | None = None,
    default_charset: str = "utf-8",
    protocol: str = "hl7v2",
    peer_address: str | None = None,
    listening_port: int | None = None,
    control_specimens: str = "",
    by: User,
    at: dt.datetime,
) -> int:
    """Register a sender by MSH-3 and MSH-4, or change a registered one; `facility` is its licence code.

    An analyser (`protocol` is `astm`) is known by `sending_application` (H-5), the address it calls from and the port
    that it calls, as far as these are given. `control_specimens` are patterns of specimen numbers that are controls.

    Raises NotAllowed unless an administrator reaches the facility, of a registered sender the one it had as well;
    BadInput for a character set that is not known or a laboratory of another facility; Conflict where another sender
    has the same MSH-3 and MSH-4.
    """
    check_administrator(by, at=at)
    place = _facility(facility, by=by, at=at)
    if faults := _faults(default_charset, laboratory_id, place):
        raise BadInput(faults)
    before = Source.objects.select_for_update().filter(code=code).first()
    if before is not None:
        _check_reached(before.facility_id, by=by, at=at)
    if protocol == "astm" and not (sending_application or peer_address or listening_port):
        message = _("Give what the analyser is known by: the name in H-5, its address, or the port that it calls.")
        raise BadInput([Finding("sending_application", "empty", message)])
    given = (sending_application, sending_facility, place.id, laboratory_id, default_charset)
    values = dict(zip(FIELDS, (*given, protocol, peer_address, listening_port, control_specimens), strict=True))
    if protocol == "hl7v2":
        _check_free(code, sending_application, sending_facility)
    changes = {
        name: f"{getattr(before, name)} → {value}"
        for name, value in values.items()
        if before is not None and getattr(before, name) != value
    }
    if before is not None and not changes:
        return before.pk
    row, _created = Source.objects.update_or_create(code=code, defaults=values)
    said = changes or {name: str(value) for name, value in values.items() if value is not None}
    action = "change-source" if before else "register-source"
    audit.record(action, by=by, at=at, object_kind="source", object_key=code, facility=facility, detail=said)
    return row.pk


@transaction.atomic
def register_and_replay(
    *,
    code: str,
    sending_application: str,
    sending_facility: str,
    facility: str,
    laboratory_id: int | None = None,
    default_charset: str = "utf-8",
    by: User,
    at: dt.datetime,
) -> Registered:
    """Register a sender as `register_source` does, and replay in order what was refused while it was not known."""
    is_new = not Source.objects.filter(code=code).exists()
    row_id = register_source(
        code=code,
        sending_application=sending_application,
        sending_facility=sending_facility,
        facility=facility,
        laboratory_id=laboratory_id,
        default_charset=default_charset,
        by=by,
        at=at,
    )
    return Registered(row_id, is_new, results.replay(refused_messages(code), by=by, at=at))


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


def _faults(charset: str, laboratory_id: int | None, place: FacilityFacts) -> list[Finding]:
    faults = []
    if hl7v2.find_codec(charset) is None:
        faults.append(Finding("default_charset", "charset-unknown", _("This character set is not known.")))
    if laboratory_id is not None and laboratory_id not in registry.laboratories_of(place.id):
        faults.append(Finding("laboratory", "laboratory-elsewhere", _("The facility has no such laboratory.")))
    return faults


def _check_free(code: str, application: str, facility: str) -> None:
    same = Source.objects.exclude(code=code).filter(sending_application=application, sending_facility=facility).first()
    if same is not None:
        raise Conflict(_("MSH-3 and MSH-4 are those of the sender %(code)s already.") % {"code": same.code})
