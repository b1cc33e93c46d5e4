"""What pages and commands ask of outlets and dispatches: plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q

from lienthong.core import audit
from lienthong.exchange.outbound.models import Dispatch, Outlet

State = Dispatch.State
NEWEST = 200


@dataclass(frozen=True, slots=True)
class OutletState:
    """An outlet with what waits for it: `waiting` dispatches, the first queued at `oldest_at`, and `dead` letters."""

    id: int
    code: str
    name: str
    channel: str
    facility_id: int
    client: str
    settings: Mapping[str, Any]
    state: str
    position: int
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    failing_since: dt.datetime | None
    failures: int
    next_attempt_at: dt.datetime | None
    last_error_code: str
    last_error: str
    last_error_at: dt.datetime | None
    last_delivered_at: dt.datetime | None
    waiting: int
    oldest_at: dt.datetime | None
    dead: int


@dataclass(frozen=True, slots=True)
class DispatchState:
    """One dispatch as it stands; errors hold no patient's values."""

    id: int
    position: int
    kind: str
    subject: str
    version: int
    state: str
    attempts: int
    queued_at: dt.datetime
    next_attempt_at: dt.datetime | None
    last_attempt_at: dt.datetime | None
    last_error_code: str
    last_error: str
    delivered_at: dt.datetime | None


def outlets(facility_ids: Collection[int] | None = None) -> list[OutletState]:
    """Return the outlets of some facilities by code, those that have ended last; None is all."""
    rows = Outlet.objects.all() if facility_ids is None else Outlet.objects.filter(facility_id__in=list(facility_ids))
    found = _states(rows)
    return sorted(found, key=lambda one: (one.state == Outlet.State.OFF, one.code))


def outlet(code: str) -> OutletState | None:
    """Return one outlet; None where there is none."""
    return next(iter(_states(Outlet.objects.filter(code=code))), None)


def dispatches(outlet_id: int, *, states: Collection[str] = (), limit: int = NEWEST) -> list[DispatchState]:
    """Return the newest dispatches of an outlet, in some states or any, newest first."""
    rows = Dispatch.objects.filter(outlet_id=outlet_id).order_by("-position", "-pk")
    if states:
        rows = rows.filter(state__in=list(states))
    return [_dispatch(row) for row in rows[:limit]]


def dead_letters(outlet_id: int) -> list[DispatchState]:
    """Return all dead letters of an outlet, oldest first."""
    rows = Dispatch.objects.filter(outlet_id=outlet_id, state=State.DEAD).order_by("position", "pk")
    return [_dispatch(row) for row in rows]


def dispatch(dispatch_id: int) -> tuple[DispatchState, str] | None:
    """Return one dispatch with the code of its outlet; None where there is none."""
    row = Dispatch.objects.select_related("outlet").filter(pk=dispatch_id).first()
    return (_dispatch(row), row.outlet.code) if row else None


def history(code: str, *, limit: int = 100) -> list[audit.Event]:
    """Return what was done to an outlet, newest first."""
    return audit.history(object_kind="outlet", object_key=code, limit=limit)


def _states(rows: Iterable[Outlet]) -> list[OutletState]:
    found = list(rows)
    waiting, dead = Q(state=State.WAITING), Q(state=State.DEAD)
    counted = Dispatch.objects.filter(waiting | dead, outlet__in=[row.pk for row in found]).values("outlet_id")
    counts = {
        row["outlet_id"]: row
        for row in counted.annotate(
            waiting=Count("pk", filter=waiting), dead=Count("pk", filter=dead), oldest=Min("queued_at", filter=waiting)
        )
    }
    return [_state(row, counts.get(row.pk, {})) for row in found]


def _state(row: Outlet, counts: Mapping[str, Any]) -> OutletState:
    return OutletState(
        id=row.pk,
        code=row.code,
        name=row.name,
        channel=row.channel,
        facility_id=row.facility_id,
        client=row.client,
        settings=row.settings,
        state=row.state,
        position=row.position,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        failing_since=row.failing_since,
        failures=row.failures,
        next_attempt_at=row.next_attempt_at,
        last_error_code=row.last_error_code,
        last_error=row.last_error,
        last_error_at=row.last_error_at,
        last_delivered_at=row.last_delivered_at,
        waiting=counts.get("waiting", 0),
        oldest_at=counts.get("oldest"),
        dead=counts.get("dead", 0),
    )


def _dispatch(row: Dispatch) -> DispatchState:
    return DispatchState(
        id=row.pk,
        position=row.position,
        kind=row.kind,
        subject=row.subject,
        version=row.version,
        state=row.state,
        attempts=row.attempts,
        queued_at=row.queued_at,
        next_attempt_at=row.next_attempt_at,
        last_attempt_at=row.last_attempt_at,
        last_error_code=row.last_error_code,
        last_error=row.last_error,
        delivered_at=row.delivered_at,
    )
