"""What one attempt leaves behind: the state of the dispatch, and how its outlet goes on."""

from __future__ import annotations

import datetime as dt
from random import SystemRandom

from django.db import models, transaction
from django.db.models import Q

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.exchange.outbound.channels import Sent
from lienthong.exchange.outbound.models import Dispatch, Outlet
from lienthong.exchange.outbound.patience import (
    GIVE_UP_AFTER,
    MOST_REFUSALS_IN_A_ROW,
    wait_after,
    wait_after_refusal,
)
from lienthong.exchange.outbound.states import move_dispatch, move_outlet

LONGEST_CODE, LONGEST_TEXT = 60, 500
_chance = SystemRandom().random


@transaction.atomic
def settle(
    dispatch_id: int, sent: Sent, *, by: User, at: dt.datetime, give_up_after: dt.timedelta = GIVE_UP_AFTER
) -> None:
    """Write what became of an attempt. One that was settled meanwhile, or whose outlet has ended, stays as it is."""
    outlet = Outlet.objects.select_for_update().get(dispatches=dispatch_id)  # before its dispatches, as actions do
    dispatch = Dispatch.objects.select_for_update().get(pk=dispatch_id)
    if dispatch.state != Dispatch.State.WAITING:
        return
    if sent.outcome == "delivered":
        _delivered(dispatch, outlet, sent, at=at)
    elif sent.outcome == "again":
        _again(dispatch, outlet, sent, by=by, at=at, give_up_after=give_up_after)
    elif sent.outcome == "refused":
        _refused(dispatch, outlet, sent, by=by, at=at)
    else:
        move_dispatch(dispatch, Dispatch.State.WITHHELD)
        _tell(dispatch, sent)
    dispatch.save()
    outlet.save()


@transaction.atomic
def fail_outlet(outlet_id: int, sent: Sent, *, by: User, at: dt.datetime, give_up_after: dt.timedelta) -> None:
    """Let an outlet wait for which nothing could be done at all."""
    outlet = Outlet.objects.select_for_update().get(pk=outlet_id)
    _wait(outlet, sent, by=by, at=at, give_up_after=give_up_after)
    outlet.save()


@transaction.atomic
def expire_outlet(outlet_id: int, *, by: User, at: dt.datetime) -> None:
    """End an outlet whose period is over; what waits is closed."""
    outlet = Outlet.objects.select_for_update().get(pk=outlet_id)
    if outlet.state != Outlet.State.ACTIVE:
        return
    move_outlet(outlet, Outlet.State.OFF)
    outlet.save(update_fields=["state"])
    waiting = Dispatch.objects.filter(outlet=outlet, state=Dispatch.State.WAITING)
    closed = waiting.update(state=Dispatch.State.CLOSED)
    detail: dict[str, str | int | float | bool | None] = {"closed": closed, "why": "period"}
    audit.record("end-outlet", by=by, at=at, object_kind="outlet", object_key=outlet.code, detail=detail)


def is_told_already(dispatch: Dispatch) -> bool:
    """Whether the receiver was told this version or a newer one by another dispatch."""
    if not dispatch.version:
        return False
    return _same(dispatch).filter(state=Dispatch.State.DELIVERED, version__gte=dispatch.version).exists()


@transaction.atomic
def supersede(dispatch_id: int) -> None:
    """Leave a dispatch of which nothing is left to tell."""
    dispatch = Dispatch.objects.select_for_update().get(pk=dispatch_id)
    if dispatch.state == Dispatch.State.WAITING:
        move_dispatch(dispatch, Dispatch.State.SUPERSEDED)
        dispatch.save(update_fields=["state"])


def _delivered(dispatch: Dispatch, outlet: Outlet, sent: Sent, *, at: dt.datetime) -> None:
    move_dispatch(dispatch, Dispatch.State.DELIVERED)
    dispatch.delivered_at, dispatch.next_attempt_at = at, None
    dispatch.last_error_code = dispatch.last_error = ""
    dispatch.version = max(dispatch.version, sent.version or 0)
    before = Q(version__lte=dispatch.version) if dispatch.version else Q(position__lte=dispatch.position)
    older = _same(dispatch).filter(before, state__in=[Dispatch.State.WAITING, Dispatch.State.DEAD])
    older.update(state=Dispatch.State.SUPERSEDED)
    outlet.last_delivered_at = at
    outlet.refused_in_a_row = 0
    _is_reached(outlet)


def _again(
    dispatch: Dispatch, outlet: Outlet, sent: Sent, *, by: User, at: dt.datetime, give_up_after: dt.timedelta
) -> None:
    _tell(dispatch, sent)
    _wait(outlet, sent, by=by, at=at, give_up_after=give_up_after)


def _refused(dispatch: Dispatch, outlet: Outlet, sent: Sent, *, by: User, at: dt.datetime) -> None:
    _tell(dispatch, sent)
    dispatch.refusals += 1
    wait = wait_after_refusal(dispatch.refusals)
    if wait is None:
        move_dispatch(dispatch, Dispatch.State.DEAD)
        dispatch.next_attempt_at = None
    else:
        dispatch.next_attempt_at = at + wait
    _is_reached(outlet)
    _tell_outlet(outlet, sent, at=at)
    outlet.refused_in_a_row += 1
    if outlet.refused_in_a_row >= MOST_REFUSALS_IN_A_ROW:
        _pause(outlet, "refuses-everything", by=by, at=at)


def _wait(outlet: Outlet, sent: Sent, *, by: User, at: dt.datetime, give_up_after: dt.timedelta) -> None:
    outlet.failures += 1
    outlet.failing_since = outlet.failing_since or at
    outlet.next_attempt_at = at + wait_after(outlet.failures, chance=_chance(), asked=sent.retry_after)
    _tell_outlet(outlet, sent, at=at)
    if at - outlet.failing_since >= give_up_after:
        _pause(outlet, "not-reached", by=by, at=at)


def _pause(outlet: Outlet, why: str, *, by: User, at: dt.datetime) -> None:
    """Stop sending until a person looks; one who paused or ended it meanwhile knows already."""
    if outlet.state != Outlet.State.ACTIVE:
        return
    move_outlet(outlet, Outlet.State.PAUSED)
    detail = {"why": why, "error": outlet.last_error_code}
    audit.record("pause-outlet", by=by, at=at, object_kind="outlet", object_key=outlet.code, detail=detail)


def _is_reached(outlet: Outlet) -> None:
    outlet.failures, outlet.failing_since, outlet.next_attempt_at = 0, None, None


def _tell(dispatch: Dispatch, sent: Sent) -> None:
    dispatch.last_error_code, dispatch.last_error = sent.code[:LONGEST_CODE], sent.text[:LONGEST_TEXT]


def _tell_outlet(outlet: Outlet, sent: Sent, *, at: dt.datetime) -> None:
    outlet.last_error_code, outlet.last_error = sent.code[:LONGEST_CODE], sent.text[:LONGEST_TEXT]
    outlet.last_error_at = at


def _same(dispatch: Dispatch) -> models.QuerySet[Dispatch]:
    """Return the other dispatches of an outlet that tell the same thing."""
    same = Dispatch.objects.filter(outlet_id=dispatch.outlet_id, kind=dispatch.kind, subject=dispatch.subject)
    return same.exclude(pk=dispatch.pk)
