"""Who read a patient's record: the audit log, read by the record's key."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lienthong.core.models import AuditEvent
from lienthong.core.timekey import first_key, instant_of
from lienthong.portal.relations import BREAK_GLASS, LONGEST

SHOWN = 200


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """One read; `reason` is what a clinician wrote for emergency access."""

    at: dt.datetime
    actor: str
    facility: str
    relation: str
    object_kind: str
    reason: str


def access_log(record_id: int, *, limit: int = SHOWN) -> list[ReadEvent]:
    """Return the last reads of a record, newest first."""
    reads = list(AuditEvent.objects.filter(patient_record_id=record_id).order_by("-id")[:limit])
    reasons = _reasons(record_id, reads)
    return [
        ReadEvent(
            at=event.at,
            actor=event.actor_label,
            facility=event.facility,
            relation=event.relation,
            object_kind=event.object_kind,
            reason=_reason_for(event, reasons),
        )
        for event in reads
    ]


def _reasons(record_id: int, reads: list[AuditEvent]) -> list[AuditEvent]:
    """Return the reasons written for emergency access, newest first; only the months of those reads are searched."""
    broken = [event.id for event in reads if event.relation == BREAK_GLASS]
    if not broken:
        return []
    oldest = first_key(instant_of(min(broken)) - LONGEST)
    rows = AuditEvent.objects.filter(id__gte=oldest, action="break-glass", object_kind="patient_record")
    return list(rows.filter(object_key=str(record_id)).order_by("-id"))


def _reason_for(event: AuditEvent, reasons: list[AuditEvent]) -> str:
    if event.relation != BREAK_GLASS:
        return ""
    before = (one for one in reasons if one.actor == event.actor and one.at <= event.at)
    return str(next((one.detail.get("reason", "") for one in before), ""))
