"""What people and connected systems do with outlets and dead letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict, NotAllowed, NotFound
from lienthong.exchange.outbound.entry import OutletEntry, faults
from lienthong.exchange.outbound.models import Dispatch, Outlet
from lienthong.exchange.outbound.states import move_dispatch, move_outlet
from lienthong.exchange.permissions import check_administrator, day_of
from lienthong.registry import reads as registry
from lienthong.registry.reads import FacilityFacts
from lienthong.results.feed import end_of_feed
from lienthong.results.resources.changes import end_of_resource_changes

__all__ = [
    "OutletEntry",
    "change_outlet",
    "close_dispatch",
    "end_outlet",
    "pause_outlet",
    "register_outlet",
    "resend_dead_letters",
    "resend_dispatch",
    "resume_outlet",
]
Detail = dict[str, str | int | float | bool | None]


@transaction.atomic
def register_outlet(entry: OutletEntry, *, by: User, at: dt.datetime) -> int:
    """Register an outlet, which is told what changes from now on; return its key.

    Raises NotAllowed unless an administrator reaches its facility, NotFound, BadInput, and Conflict where the code is
    taken.
    """
    check_administrator(by, at=at)
    place = _facility(entry.facility, by=by, at=at)
    if found := faults(entry, at=at):
        raise BadInput(found)
    if Outlet.objects.filter(code=entry.code).exists():
        raise Conflict(_("Another outlet has this code already."))
    row = Outlet.objects.create(
        code=entry.code,
        name=entry.name,
        channel=entry.channel,
        facility_id=place.id,
        client=entry.client,
        settings=dict(entry.settings),
        position=end_of_feed(),
        resource_place=end_of_resource_changes(),
        valid_from=at,
        valid_to=entry.valid_to,
    )
    _record("register-outlet", row, by=by, at=at, detail={"channel": entry.channel, "client": entry.client})
    return row.pk


@transaction.atomic
def change_outlet(
    code: str,
    *,
    name: str,
    settings: Mapping[str, object],
    valid_to: dt.datetime | None,
    by: User,
    at: dt.datetime,
) -> None:
    """Change what an outlet is called, how it is reached and until when; it is tried again at once.

    Raises NotFound, NotAllowed, BadInput, and Conflict where it has ended.
    """
    row = _locked(code, by=by, at=at)
    if row.state == Outlet.State.OFF:
        raise Conflict(_("This outlet has ended; register a new one."))
    entry = OutletEntry(code=code, name=name, channel=row.channel, facility="", settings=settings, valid_to=valid_to)
    if found := faults(entry, at=at):
        raise BadInput(found)
    changed = sorted(key for key in {*settings, *row.settings} if settings.get(key) != row.settings.get(key))
    row.name, row.settings, row.valid_to, row.next_attempt_at = name, dict(settings), valid_to, None
    row.save(update_fields=["name", "settings", "valid_to", "next_attempt_at"])
    _record("change-outlet", row, by=by, at=at, detail={"settings": " ".join(changed)})


@transaction.atomic
def pause_outlet(code: str, *, why: str, by: User, at: dt.datetime) -> None:
    """Send nothing until it is resumed; what changes meanwhile goes out then. Raises NotFound, NotAllowed, Conflict."""
    row = _locked(code, by=by, at=at)
    move_outlet(row, Outlet.State.PAUSED)
    row.save(update_fields=["state"])
    _record("pause-outlet", row, by=by, at=at, detail={"why": why})


@transaction.atomic
def resume_outlet(code: str, *, by: User, at: dt.datetime) -> None:
    """Send again, from where it stopped. Raises NotFound, NotAllowed, Conflict."""
    row = _locked(code, by=by, at=at)
    move_outlet(row, Outlet.State.ACTIVE)
    row.failures, row.failing_since, row.next_attempt_at, row.refused_in_a_row = 0, None, None, 0
    row.save()
    _record("resume-outlet", row, by=by, at=at)


@transaction.atomic
def end_outlet(code: str, *, why: str, by: User, at: dt.datetime) -> None:
    """End an outlet for good; what waits or was not delivered is closed. Raises NotFound, NotAllowed, Conflict."""
    row = _locked(code, by=by, at=at)
    move_outlet(row, Outlet.State.OFF)
    row.valid_to = at if row.valid_to is None or row.valid_to > at else row.valid_to
    row.save(update_fields=["state", "valid_to"])
    open_ones = Dispatch.objects.filter(outlet=row, state__in=[Dispatch.State.WAITING, Dispatch.State.DEAD])
    closed = open_ones.update(state=Dispatch.State.CLOSED)
    _record("end-outlet", row, by=by, at=at, detail={"why": why, "closed": closed})


@transaction.atomic
def resend_dispatch(dispatch_id: int, *, by: User, at: dt.datetime) -> None:
    """Send a dead letter again, as what it tells is now.

    Raises NotFound, NotAllowed, and Conflict where it is none, as after a newer version was delivered, or where its
    outlet has ended.
    """
    row, outlet = _dead(dispatch_id, by=by, at=at)
    if outlet.state == Outlet.State.OFF:
        raise Conflict(_("This outlet has ended; register a new one."))
    _revive(row)
    _record_dispatch("resend-dispatch", row, outlet, by=by, at=at)


@transaction.atomic
def resend_dead_letters(code: str, *, by: User, at: dt.datetime) -> int:
    """Send all dead letters of an outlet again, in order; return how many. Raises NotFound, NotAllowed, Conflict."""
    outlet = _locked(code, by=by, at=at)
    if outlet.state == Outlet.State.OFF:
        raise Conflict(_("This outlet has ended; register a new one."))
    rows = Dispatch.objects.filter(outlet=outlet, state=Dispatch.State.DEAD).select_for_update()
    for row in (found := list(rows)):
        _revive(row)
    _record("resend-dead-letters", outlet, by=by, at=at, detail={"dispatches": len(found)})
    return len(found)


@transaction.atomic
def close_dispatch(dispatch_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Let a dead letter rest with a reason. Raises NotFound, NotAllowed, Conflict."""
    row, outlet = _dead(dispatch_id, by=by, at=at)
    move_dispatch(row, Dispatch.State.CLOSED)
    row.save(update_fields=["state"])
    _record_dispatch("close-dispatch", row, outlet, by=by, at=at, why=why)


def _revive(row: Dispatch) -> None:
    move_dispatch(row, Dispatch.State.WAITING)
    row.refusals, row.next_attempt_at = 0, None
    row.save(update_fields=["state", "refusals", "next_attempt_at"])


def _dead(dispatch_id: int, *, by: User, at: dt.datetime) -> tuple[Dispatch, Outlet]:
    row = Dispatch.objects.select_for_update(of=("self",)).select_related("outlet").filter(pk=dispatch_id).first()
    if row is None:
        raise NotFound(_("There is no such dispatch."))
    _check_reached(row.outlet.facility_id, by=by, at=at)
    if row.state == Dispatch.State.SUPERSEDED:
        raise Conflict(_("A newer version of this was delivered; the receiver needs this one no more."))
    if row.state != Dispatch.State.DEAD:
        raise Conflict(_("Only what could not be delivered can be sent again or closed."))
    return row, row.outlet


def _locked(code: str, *, by: User, at: dt.datetime) -> Outlet:
    check_administrator(by, at=at)
    row = Outlet.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NotFound(_("There is no such outlet."))
    _check_reached(row.facility_id, by=by, at=at)
    return row


def _facility(code: str, *, by: User, at: dt.datetime) -> FacilityFacts:
    place = registry.facility_by_code(code, on=day_of(at))
    if place is None:
        raise NotFound(_("There is no such facility."))
    _check_reached(place.id, by=by, at=at)
    return place


def _check_reached(facility_id: int, *, by: User, at: dt.datetime) -> None:
    check_administrator(by, at=at)
    if not by.is_system and facility_id not in registry.access_of(by, on=day_of(at)).facilities_as("administrator"):
        raise NotAllowed(_("This facility is not one of yours."))


def _record(action: str, row: Outlet, *, by: User, at: dt.datetime, detail: Detail | None = None) -> None:
    place = row.facility.code
    audit.record(action, by=by, at=at, object_kind="outlet", object_key=row.code, facility=place, detail=detail)


def _record_dispatch(action: str, row: Dispatch, outlet: Outlet, *, by: User, at: dt.datetime, why: str = "") -> None:
    detail: Detail = {"kind": row.kind, "subject": row.subject, "version": row.version}
    if why:
        detail["why"] = why
    _record(action, outlet, by=by, at=at, detail={**detail, "dispatch": str(row.pk)})
