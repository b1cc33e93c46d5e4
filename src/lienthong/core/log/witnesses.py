"""The witnesses of this log as they stand, and their cosignatures beside the checkpoints that the log serves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from lienthong.core.log.storage import Kept, checkpoint_by
from lienthong.core.models import LogWitness


@dataclass(frozen=True, slots=True)
class WitnessFacts:
    """A witness with what it cosigned last, and the fault since then; `error_code` is empty where there is none."""

    id: int
    name: str
    url: str
    key: str
    added_at: dt.datetime
    size: int | None
    cosigned_at: dt.datetime | None
    next_attempt_at: dt.datetime | None
    failures: int
    error_code: str
    error: str
    error_at: dt.datetime | None


def witnesses() -> list[WitnessFacts]:
    """Return all witnesses by name."""
    return [
        WitnessFacts(
            id=row.pk,
            name=row.name,
            url=row.url,
            key=row.key,
            added_at=row.added_at,
            size=row.size,
            cosigned_at=row.cosigned_at,
            next_attempt_at=row.next_attempt_at,
            failures=row.failures,
            error_code=row.last_error_code,
            error=row.last_error,
            error_at=row.last_error_at,
        )
        for row in LogWitness.objects.order_by("name", "pk")
    ]


def with_cosignatures(note: str) -> str:
    """Return a checkpoint with the cosignatures that witnesses gave of it, as further signature lines."""
    lines = LogWitness.objects.filter(note=note).order_by("pk").values_list("line", flat=True)
    return note + "".join(f"{line}\n" for line in lines)


def cosigned_head() -> str | None:
    """Return the newest checkpoint that any witness cosigned, with all cosignatures of it; None before the first."""
    newest = LogWitness.objects.exclude(size=None).order_by("-size").values_list("note", flat=True).first()
    return with_cosignatures(newest) if newest else None


def head_to_hand_over(at: dt.datetime) -> Kept | None:
    """Return the newest checkpoint of before the present interval began; None where there is none.

    Intervals begin at the same instants for all, so that witnesses who are reached cosign the same checkpoint, and none
    is asked more often than once an interval.
    """
    seconds = int(at.timestamp())
    return checkpoint_by(dt.datetime.fromtimestamp(seconds - seconds % settings.WITNESS_SECONDS, dt.UTC))
