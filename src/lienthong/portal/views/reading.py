"""What every page of a patient's record does first: who reads, by which relation, in whose time zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.portal import actions, relations
from lienthong.recognition import reads as recognition
from lienthong.registry import reads as registry
from lienthong.results import reads as results
from lienthong.results.reach import ORDER_LASTS

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def reads_records(view: View[P]) -> View[P]:
    """Ask for a signed-in user, and offer emergency access where a clinician has no relation to the patient."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except relations.NoRelation as missing:
            context = {"record_id": missing.record_id, "next": request.get_full_path(), "reason": ""}
            return render(request, "portal/break_glass.html", context, status=403)

    return login_required(guarded)


def reader(request: HttpRequest) -> User:
    """Return who is signed in; the decorator has seen to it that someone is."""
    assert isinstance(request.user, User)  # noqa: S101 — behind login_required
    return request.user


def session_of(request: HttpRequest) -> relations.Session:
    """Return the session, as a mapping."""
    session: SessionBase = request.session
    return session


def reading_of(request: HttpRequest, patient: results.PatientFacts, *, at: dt.datetime) -> relations.Reading:
    """Return how the user may read this record; raise NoRelation, NotFound."""
    on = timezone.localdate(at)
    return relations.check_reading(patient, by=reader(request), session=session_of(request), at=at, on=on)


def log(reading: relations.Reading, record_ids: Collection[int], *, kind: str, key: object, at: dt.datetime) -> None:
    """Log that a page shows something of these records."""
    actions.log_reads(
        record_ids,
        object_kind=kind,
        object_key=key,
        facility=reading.facility.code,
        relation=reading.relation,
        by=reading.by,
        at=at,
    )


def known_patient(record_id: int) -> results.PatientFacts:
    """Return a patient record; raise NotFound."""
    found = results.patient(record_id)
    if found is None:
        raise NotFound(_("There is no such patient record."))
    return found


def own_check(request: HttpRequest, check_id: int, *, at: dt.datetime) -> recognition.OrderCheckFacts:
    """Return an order check of one of the clinician's facilities; raise NotAllowed, NotFound."""
    found = recognition.order_check(check_id)
    own = relations.own_facilities(reader(request), on=timezone.localdate(at))
    if found.facility_id not in {one.id for one in own}:
        raise NotFound(_("There is no such order check."))
    return found


def relation_of_check(request: HttpRequest, check: recognition.OrderCheckFacts, *, at: dt.datetime) -> str:
    """Return by which relation an order check is read: by its order while that lasts; raise NoRelation, NotFound."""
    if is_current(check, at=at):
        return relations.ORDER
    return reading_of(request, known_patient(check.patient_record_id), at=at).relation


def is_current(check: recognition.OrderCheckFacts, *, at: dt.datetime) -> bool:
    """Whether an order is new enough to open the record; it lasts as for systems."""
    return check.at >= at - ORDER_LASTS


@contextmanager
def time_of(facility: registry.FacilityFacts) -> Iterator[None]:
    """Show times as they are at a facility."""
    with timezone.override(ZoneInfo(facility.time_zone)):
        yield
