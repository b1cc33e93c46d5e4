"""How outlets and dispatches may go on from what they are."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lienthong.errors import Conflict
from lienthong.exchange.outbound.models import Dispatch, Outlet

OUTLET_TRANSITIONS: dict[str, frozenset[str]] = {
    Outlet.State.ACTIVE: frozenset({Outlet.State.PAUSED, Outlet.State.OFF}),
    Outlet.State.PAUSED: frozenset({Outlet.State.ACTIVE, Outlet.State.OFF}),
    Outlet.State.OFF: frozenset(),
}
_DONE = frozenset[str]()
DISPATCH_TRANSITIONS: dict[str, frozenset[str]] = {
    Dispatch.State.WAITING: frozenset(
        {
            Dispatch.State.DELIVERED,
            Dispatch.State.DEAD,
            Dispatch.State.SUPERSEDED,
            Dispatch.State.WITHHELD,
            Dispatch.State.CLOSED,
        }
    ),
    Dispatch.State.DEAD: frozenset({Dispatch.State.WAITING, Dispatch.State.SUPERSEDED, Dispatch.State.CLOSED}),
    Dispatch.State.DELIVERED: _DONE,
    Dispatch.State.SUPERSEDED: _DONE,
    Dispatch.State.WITHHELD: _DONE,
    Dispatch.State.CLOSED: _DONE,
}


def move_outlet(outlet: Outlet, state: str) -> None:
    """Give an outlet another state; raise Conflict where it can't become that after what it is."""
    if state not in OUTLET_TRANSITIONS[outlet.state]:
        raise Conflict(_("This outlet has been changed meanwhile; open it again to see its state."))
    outlet.state = state


def move_dispatch(dispatch: Dispatch, state: str) -> None:
    """Give a dispatch another state; raise Conflict where it can't become that after what it is."""
    if state not in DISPATCH_TRANSITIONS[dispatch.state]:
        raise Conflict(_("This dispatch has gone on meanwhile; open its outlet again to see where it stands."))
    dispatch.state = state
