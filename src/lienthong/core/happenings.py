"""The outbox of what happened: an act publishes in its own transaction, the worker follows.

Kinds in use: `iqc-changed` (key: procedure), `eqa-final` (round), `assessment-changed` (facility:ID or laboratory:ID),
`result-changed` (key: the new version's id), `registry-changed` (procedure), `person-changed` (patient record).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import transaction

from lienthong.core.models import Happening

Followers = dict[str, Callable[[list[str], dt.datetime], None]]


def publish(kind: str, keys: Iterable[object], *, at: dt.datetime) -> None:
    """Write what happened beside the act that made it happen."""
    Happening.objects.bulk_create(Happening(kind=kind, key=str(key), at=at) for key in keys)


def follow(followers: Followers, *, at: dt.datetime, limit: int = 1000) -> int:
    """Hand waiting happenings to the follower of their kind, in order, and mark them followed; return how many."""
    with transaction.atomic():
        waiting = list(
            Happening.objects.select_for_update(skip_locked=True).filter(followed_at=None).order_by("id")[:limit]
        )
        for kind in dict.fromkeys(row.kind for row in waiting):
            if kind in followers:
                followers[kind](list(dict.fromkeys(row.key for row in waiting if row.kind == kind)), at)
        Happening.objects.filter(id__in=[row.id for row in waiting]).update(followed_at=at)
    return len(waiting)
