"""Messages as a worker is given them, for those who only look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields

from lienthong.core.bulk import fetch_rows
from lienthong.results.intake.inbox import Waiting
from lienthong.results.models import InboxMessage

_OPEN_LANES = "SELECT lane FROM results_inbox WHERE lane = ANY(%s) AND state IN ('received', 'held')"


def waiting_messages(ids: Sequence[int]) -> list[Waiting]:
    """Return messages as a worker is given them, in the order of `ids`, without claiming them."""
    names = [one.name for one in fields(Waiting)]
    rows = {row[0]: row for row in InboxMessage.objects.filter(id__in=list(ids)).values_list("id", *names)}
    found = [dict(zip(names, rows[one][1:], strict=True)) for one in ids if one in rows]
    return [Waiting(**{**row, "raw": bytes(row["raw"])}) for row in found]


def open_lanes(lanes: Collection[str]) -> set[str]:
    """Return those of some lanes in which a message waits, so that a later one must not overtake it."""
    return {row[0] for row in fetch_rows(_OPEN_LANES, [list(lanes)])}
