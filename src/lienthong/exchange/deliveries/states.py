"""How a delivery may go on from what it is."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lienthong.errors import Conflict
from lienthong.exchange.deliveries.models import Delivery

State = Delivery.State
ALLOWED_TRANSITIONS: dict[str, frozenset[str]] = {
    State.UPLOADED: frozenset({State.CHECKED, State.REFUSED}),
    State.CHECKED: frozenset({State.RECEIVED, State.DISCARDED}),
    State.RECEIVED: frozenset({State.SPLIT, State.REFUSED}),
    State.SPLIT: frozenset(),
    State.REFUSED: frozenset(),
    State.DISCARDED: frozenset(),
}


def move(delivery: Delivery, state: str) -> None:
    """Give a delivery another state; raise Conflict where it can't become that after what it is."""
    if state not in ALLOWED_TRANSITIONS[delivery.state]:
        raise Conflict(_("This delivery has gone on meanwhile; open it again to see where it stands."))
    delivery.state = state
