"""How an export may go on from what it is."""

from __future__ import annotations

from lienthong.errors import Conflict
from lienthong.exchange.bulk.models import BulkExport

State = BulkExport.State
ALLOWED_TRANSITIONS: dict[str, frozenset[str]] = {
    State.WAITING: frozenset({State.RUNNING, State.REMOVED}),
    State.RUNNING: frozenset({State.RUNNING, State.COMPLETE, State.FAILED, State.REMOVED}),
    State.COMPLETE: frozenset({State.REMOVED, State.EXPIRED}),
    State.FAILED: frozenset({State.REMOVED, State.EXPIRED}),
    State.REMOVED: frozenset(),
    State.EXPIRED: frozenset(),
}


def move(export: BulkExport, state: str) -> None:
    """Give an export another state; raise Conflict where it can't become that after what it is."""
    if state not in ALLOWED_TRANSITIONS[export.state]:
        raise Conflict(f"an export that is {export.state} can't become {state}")
    export.state = state
