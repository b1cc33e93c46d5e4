"""What the server says of a Subscription: whether it is active, in error or off, and what went wrong last.

The resource is kept as it was given; how it stands is known by its outlet, and put in where it is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.own.shelf import instant
from lienthong.exchange.fhir.shown import Shown
from lienthong.exchange.fhir.subscriptions.settings import latest_outlets, outlets_of_facility
from lienthong.exchange.outbound.models import Outlet
from lienthong.interop.fhir import Element
from lienthong.results.search.conditions import Condition, HasCode, Named

Status: TypeAlias = Literal["active", "error", "off"]
STATUS_SYSTEM = "http://hl7.org/fhir/subscription-status"
# From when on a receiver that can't be reached, or that refuses one thing after the other, counts as failed.
FAILED_AFTER, REFUSED_AFTER = dt.timedelta(hours=1), 5


@dataclass(frozen=True, slots=True)
class Standing:
    """How a Subscription stands, and what went wrong last, if nothing went well since."""

    status: Status
    error: str = ""


def standing_of(row: Outlet, *, at: dt.datetime) -> Standing:
    """Return how the Subscription of an outlet stands at an instant."""
    error = ""
    if row.last_error and (row.failing_since or row.refused_in_a_row or row.state == Outlet.State.PAUSED):
        since = row.failing_since or row.last_error_at
        error = f"{f'since {instant(since)}: ' if since else ''}{row.last_error} [{row.last_error_code}]"
    if row.state == Outlet.State.OFF or (row.valid_to is not None and row.valid_to <= at):
        return Standing("off", error)
    failed = row.failing_since is not None and at - row.failing_since >= FAILED_AFTER
    if failed or row.refused_in_a_row >= REFUSED_AFTER or row.state == Outlet.State.PAUSED:
        return Standing("error", error)
    return Standing("active", error)


def present(found: Sequence[Shown], at: dt.datetime) -> list[Shown]:
    """Return Subscriptions with their present status, and the last error."""
    rows = latest_outlets([one.name for one in found if one.name])
    return [_presented(one, rows.get(one.name) if one.name else None, at) for one in found]


def found_by_status(condition: Condition, caller: FhirCaller) -> Condition:
    """Turn a condition on the status into one on the names of those that have it now."""
    if not isinstance(condition, HasCode) or condition.parameter != "status":
        return condition
    rows = outlets_of_facility(caller.facility.id)
    found = [name for name, row in rows.items() if _has_status(standing_of(row, at=caller.at).status, condition)]
    return Named(tuple(found), ())


def _has_status(status: Status, condition: HasCode) -> bool:
    asked = any(code in ("", status) and system in (None, STATUS_SYSTEM) for system, code in condition.codes)
    return asked is not condition.is_negated


def _presented(one: Shown, row: Outlet | None, at: dt.datetime) -> Shown:
    if row is None or one.is_deleted:
        return one
    now = standing_of(row, at=at)
    element: Element = {key: value for key, value in one.element.items() if key != "error"} | {"status": now.status}
    return replace(one, element=element | ({"error": now.error} if now.error else {}), is_standing=True)
