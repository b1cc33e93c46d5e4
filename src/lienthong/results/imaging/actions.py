"""Every write of DICOM objects: keeping one, and tying what waits."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import NotAllowed
from lienthong.results.imaging.objects import ObjectDraft, write_object
from lienthong.results.imaging.tying import tie_objects, tie_waiting


@transaction.atomic
def keep_object(draft: ObjectDraft, *, by: User, at: dt.datetime) -> bool:
    """Keep an object whose file is on disk, and tie it where a report agrees; return whether anything changed."""
    _check_system(by)
    written = write_object(draft, at=at)
    if written.is_changed:
        tie_objects([written.object_id], at=at)
        detail: dict[str, str | int | None] = {"source": draft.source, "kind": draft.kind, "size": draft.size}
        if written.was:
            detail |= {"was_digest": written.was[0], "was_of_report": written.was[1]}
        action, key = "correct-object" if written.was else "store-object", written.object_id
        audit.record(action, by=by, at=at, object_kind="imaging_object", object_key=key, detail=detail)
    return written.is_changed


@transaction.atomic
def tie_waiting_objects(*, by: User, at: dt.datetime) -> int:
    """Tie what waits and agrees by now; return how many."""
    _check_system(by)
    count = tie_waiting(at=at)
    if count:
        detail = {"tied": count}
        audit.record("tie-objects", by=by, at=at, object_kind="imaging_object", object_key="", detail=detail)
    return count


def _check_system(by: User) -> None:
    if not by.is_system:
        raise NotAllowed("only a worker keeps imaging objects")
