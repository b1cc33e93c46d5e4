"""What became of messages that came together: counts by delivery, and each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from lienthong.findings import Finding
from lienthong.results.models import InboxMessage, Result

# The keys of messages are ordered by time, so that those of a delivery lie between the first and the last of them.
_COUNT = """
SELECT delivery.label, inbox.state, count(*), sum(inbox.results_stored), sum(inbox.results_held)
FROM unnest(%(label)s::text[], %(first)s::bigint[], %(last)s::bigint[]) AS delivery (label, first, last)
JOIN results_inbox inbox ON inbox.id BETWEEN delivery.first AND delivery.last AND inbox.sender = delivery.label
GROUP BY delivery.label, inbox.state
"""


@dataclass(frozen=True, slots=True)
class MessageState:
    """What became of one message so far."""

    id: int
    state: str
    reason: str
    findings: tuple[Finding, ...]
    results_stored: int
    results_held: int


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    """How many messages of a delivery are in a state, and how many results they gave and hold."""

    state: str
    messages: int
    results_stored: int
    results_held: int


def delivery_counts(ranges: Mapping[str, tuple[int, int]]) -> dict[str, list[DeliveryCount]]:
    """Count the messages that bear a label as their sender, between two keys each, by label and state."""
    parameters: dict[str, Any] = {
        "label": list(ranges),
        "first": [first for first, _last in ranges.values()],
        "last": [last for _first, last in ranges.values()],
    }
    counts: dict[str, list[DeliveryCount]] = defaultdict(list)
    if ranges:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, parameters)
            for label, *row in cursor.fetchall():
                counts[label].append(DeliveryCount(*row))
    return dict(counts)


def message_states(ids: Sequence[int]) -> dict[int, MessageState]:
    """Return what became of some messages, by key."""
    columns = ("id", "state", "reason", "findings", "results_stored", "results_held")
    rows = InboxMessage.objects.filter(id__in=list(ids)).values_list(*columns)
    return {
        key: MessageState(
            key, state, reason, tuple(Finding(one["where"], one["code"], one["message"]) for one in told), stored, held
        )
        for key, state, reason, told, stored, held in rows
    }


def versions_of_messages(ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Return by message and local code which version of a result it wrote; 1 is a new result."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Result.objects.filter(inbox_id__in=list(ids)).values_list("inbox_id", "local_code", "version")
    for inbox_id, code, version in rows:
        found[inbox_id][code] = version
    return dict(found)
