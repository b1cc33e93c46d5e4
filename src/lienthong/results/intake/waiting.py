"""Messages as a worker is given them, for those who only look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from lienthong.results.intake.inbox import Waiting
from lienthong.results.models import InboxMessage


def waiting_messages(ids: Sequence[int]) -> list[Waiting]:
    """Return messages as a worker is given them, in the order of `ids`, without claiming them."""
    names = [one.name for one in fields(Waiting)]
    rows = {row[0]: row for row in InboxMessage.objects.filter(id__in=list(ids)).values_list("id", *names)}
    found = [dict(zip(names, rows[one][1:], strict=True)) for one in ids if one in rows]
    return [Waiting(**{**row, "raw": bytes(row["raw"])}) for row in found]


def is_lane_open(lane: str) -> bool:
    """Whether a message of a lane waits, so that a later one must not overtake it."""
    return InboxMessage.objects.filter(lane=lane, state__in=("received", "held")).exists()
