"""The audit log: one event for each act and each read of a patient's record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from lienthong.core.bulk import copy_rows
from lienthong.core.models import AuditEvent, User


def record(
    action: str,
    *,
    by: User,
    at: dt.datetime,
    object_kind: str,
    object_key: object,
    facility: str = "",
    detail: Mapping[str, str | int | float | bool | None] | None = None,
) -> None:
    """Write an act to the audit log, in the transaction of the act."""
    _write(action, by=by, at=at, object_kind=object_kind, object_key=object_key, facility=facility, detail=detail)


def record_read(
    *,
    by: User,
    at: dt.datetime,
    patient_record_id: int,
    object_kind: str,
    object_key: object,
    facility: str,
    relation: str,
) -> None:
    """Write a read of a patient's record, with the relation that allowed it; the answer waits for it."""
    _write(
        "read",
        by=by,
        at=at,
        object_kind=object_kind,
        object_key=object_key,
        facility=facility,
        relation=relation,
        patient_record_id=patient_record_id,
    )


def record_reads(
    read: Mapping[int, tuple[str, object, str]],
    *,
    by: User,
    at: dt.datetime,
    facility: str,
) -> None:
    """Write reads of several patients' records at once: for each, kind and key of what was read, and the relation."""
    columns = ("at", "actor", "actor_label", "action", "facility", "detail")
    of_each = ("patient_record_id", "object_kind", "object_key", "relation")
    same = (at, by.username, by.full_name, "read", facility, "{}")
    rows = [(*same, record_id, kind, str(key), relation) for record_id, (kind, key, relation) in sorted(read.items())]
    copy_rows("core_audit_event", (*columns, *of_each), rows)


@dataclass(frozen=True, slots=True)
class Event:
    """An act on one thing: when, by whom, what, and the details that were written with it."""

    at: dt.datetime
    actor_label: str
    action: str
    detail: Mapping[str, str | int | float | bool | None]


def history(*, object_kind: str, object_key: object, limit: int = 100) -> list[Event]:
    """Return what was done to one thing, newest first; for people to read, nothing is decided by it.

    There is an index for senders, mappings, certifications, connected systems, their refusals, and outlets only.
    """
    rows = AuditEvent.objects.filter(object_kind=object_kind, object_key=str(object_key)).order_by("-id")[:limit]
    return [Event(row.at, row.actor_label, row.action, row.detail) for row in rows]


def _write(
    action: str,
    *,
    by: User,
    at: dt.datetime,
    object_kind: str,
    object_key: object,
    facility: str = "",
    relation: str = "",
    patient_record_id: int | None = None,
    detail: Mapping[str, str | int | float | bool | None] | None = None,
) -> None:
    AuditEvent.objects.create(
        at=at,
        actor=by.username,
        actor_label=by.full_name,
        action=action,
        object_kind=object_kind,
        object_key=str(object_key),
        patient_record_id=patient_record_id,
        facility=facility,
        relation=relation,
        detail=dict(detail or {}),
    )
