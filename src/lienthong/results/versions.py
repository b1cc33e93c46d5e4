"""Versions of results: what is new, what replaces what, and what changes nothing. Written by COPY."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from django.db import connection

from lienthong.core.timekey import next_keys

Marks = tuple[dict[str, object], ...]

COLUMNS = (
    *("id", "patient_record_id", "report_id", "inbox_id", "key", "version", "replaces", "is_current", "procedure_id"),
    *("analyte_id", "local_code", "local_name", "status", "reported_value", "reported_unit", "comparator", "value"),
    *("outcome", "reference_range", "reference_low", "reference_high", "flags", "collected_at", "measured_at"),
    *("released_at", "marks"),
)
# What makes two versions differ. Times of release and of analysis are set anew by many senders on every printing.
CONTENT = (
    *("procedure_id", "analyte_id", "reported_value", "reported_unit", "comparator", "value", "outcome"),
    *("reference_range", "flags", "collected_at"),
)
_COPY = f"COPY results_result ({', '.join(COLUMNS)}) FROM STDIN"
_CURRENT = f"""
SELECT id, key, version, status, inbox_id, released_at, {", ".join(CONTENT)} FROM results_result
WHERE patient_record_id = %s AND report_id = %s AND is_current
"""  # noqa: S608 — made of constants
_RETIRE = "UPDATE results_result SET is_current = false WHERE patient_record_id = %s AND id = ANY(%s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDraft:
    """One result of a message, coded, in the analyte's unit and marked. `sub_id` and `specimen` tell equals apart."""

    code_system: str
    local_code: str
    local_name: str
    sub_id: str
    specimen: str
    procedure_id: int | None
    analyte_id: int
    status: str
    reported_value: str
    reported_unit: str
    comparator: str
    value: Decimal | None
    outcome: str
    reference_range: str
    reference_low: Decimal | None
    reference_high: Decimal | None
    flags: str
    collected_at: dt.datetime | None
    measured_at: dt.datetime | None
    released_at: dt.datetime | None
    marks: Marks = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a report did to the results: ids of new and of changed ones, how many stayed or came too late.

    `corrected` are those of the changed that replaced a final result; `unfounded` counts corrections and withdrawals of
    results that were never received.
    """

    new: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    corrected: tuple[int, ...] = ()
    unchanged: int = 0
    overtaken: int = 0
    unfounded: int = 0


@dataclass(frozen=True, slots=True)
class _Current:
    id: int
    version: int
    status: str
    inbox_id: int
    released_at: dt.datetime | None
    content: tuple[object, ...]


def result_key(draft: ResultDraft, *, source: str, number: str, occurrence: int = 1) -> str:
    """Return the digest that names a result through its versions; a second equal one of a report is told apart."""
    parts = (source, number, draft.code_system, draft.local_code, draft.sub_id, draft.specimen, str(occurrence))
    return sha256("\x1f".join(parts).encode()).hexdigest()


def write_versions(
    drafts: Sequence[ResultDraft], *, source: str, number: str, patient_record_id: int, report_id: int, inbox_id: int
) -> Stored:
    """Write what is new or changed in one COPY; whoever comes after a later message or a later release changes nothing.

    The caller holds the report's lock.
    """
    current = _current(patient_record_id, report_id)
    keyed = _keyed(drafts, source=source, number=number)
    verdicts = {key: _verdict(draft, current.get(key), inbox_id) for key, draft in keyed.items()}
    written = [key for key, verdict in verdicts.items() if verdict in ("new", "changed")]
    ids = dict(zip(written, next_keys(len(written)), strict=True)) if written else {}
    _retire(patient_record_id, [current[key].id for key in written if key in current])
    context = (patient_record_id, report_id, inbox_id)
    if written:
        _copy(_row(ids[key], key, keyed[key], current.get(key), context) for key in written)
    return Stored(
        new=tuple(ids[key] for key in written if verdicts[key] == "new"),
        changed=tuple(ids[key] for key in written if verdicts[key] == "changed"),
        corrected=tuple(ids[key] for key in written if key in current and current[key].status != "preliminary"),
        unchanged=sum(verdict == "unchanged" for verdict in verdicts.values()),
        overtaken=sum(verdict == "overtaken" for verdict in verdicts.values()),
        unfounded=sum(verdicts[key] == "new" and keyed[key].status in ("corrected", "withdrawn") for key in written),
    )


def _keyed(drafts: Sequence[ResultDraft], *, source: str, number: str) -> dict[str, ResultDraft]:
    """Name each draft. The same content twice in a report is one result; another content is a second result."""
    keyed: dict[str, ResultDraft] = {}
    for draft in drafts:
        occurrence = 1
        key = result_key(draft, source=source, number=number)
        while key in keyed and _content(keyed[key]) != _content(draft):
            occurrence += 1
            key = result_key(draft, source=source, number=number, occurrence=occurrence)
        keyed[key] = draft
    return keyed


def _verdict(draft: ResultDraft, current: _Current | None, inbox_id: int) -> str:
    if current is None:
        return "new"
    is_same = _content(draft) == current.content
    if is_same and _stored_status(draft, current) == current.status:
        return "unchanged"
    if draft.status == current.status == "withdrawn":
        return "unchanged"
    is_older = bool(draft.released_at and current.released_at and draft.released_at < current.released_at)
    return "overtaken" if inbox_id < current.inbox_id or is_older else "changed"


def _stored_status(draft: ResultDraft, current: _Current | None) -> str:
    """A changed final result is a corrected one, whatever its sender calls it; an unchanged one keeps its status."""
    if current is None or current.status == "preliminary" or draft.status in ("corrected", "withdrawn"):
        return draft.status
    is_same = current.status != "withdrawn" and _content(draft) == current.content
    return current.status if is_same else "corrected"


def _content(draft: ResultDraft) -> tuple[object, ...]:
    return tuple(getattr(draft, name) for name in CONTENT)


def _current(patient_record_id: int, report_id: int) -> dict[str, _Current]:
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, [patient_record_id, report_id])
        rows = cursor.fetchall()
    return {row[1]: _Current(row[0], row[2], row[3], row[4], row[5], tuple(row[6:])) for row in rows}


def _retire(patient_record_id: int, ids: list[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_RETIRE, [patient_record_id, ids])


def _copy(rows: Iterable[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def _row(
    id_: int, key: str, draft: ResultDraft, replaced: _Current | None, context: tuple[int, int, int]
) -> tuple[object, ...]:
    fixed = {
        "id": id_,
        "patient_record_id": context[0],
        "report_id": context[1],
        "inbox_id": context[2],
        "key": key,
        "version": replaced.version + 1 if replaced else 1,
        "replaces": replaced.id if replaced else None,
        "is_current": True,
        "status": _stored_status(draft, replaced),
        "marks": json.dumps(list(draft.marks), ensure_ascii=False),
    }
    return tuple(fixed[name] if name in fixed else getattr(draft, name) for name in COLUMNS)
