"""Writes what comes with reports beside their results: files, pointers, study numbers; again changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.results.imaging_models import ReportDocument
from lienthong.results.intake.inbox import storable
from lienthong.results.reports.drafts import DocumentDraft, ReportClaim

Name = tuple[int, str]


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """Something that came with a report: where its message holds it, or where it points to.

    `is_current`: no later version has taken its place.
    """

    id: int
    report_id: int
    inbox_id: int
    place: str
    title: str
    kind: str
    media_type: str
    size: int
    digest: str
    pointer: str
    study_uid: str
    recorded_at: dt.datetime
    is_current: bool


def write_documents(claims: Sequence[ReportClaim], report_ids: Sequence[int], *, at: dt.datetime) -> list[int]:
    """Write what is new or changed; return how many rows each claim gave. `report_ids` are those of the claims."""
    counts = [0] * len(claims)
    asked = [number for number, claim in enumerate(claims) if claim.draft.documents]
    if not asked:
        return counts
    known = _newest({report_ids[number] for number in asked})
    rows: list[ReportDocument] = []
    for number in asked:
        claim, report_id = claims[number], report_ids[number]
        for draft in claim.draft.documents:
            before = known.get((report_id, draft.key))
            if before is not None and not _says_more(draft, before, claim.inbox_id):
                continue
            row = _row(draft, report_id=report_id, inbox_id=claim.inbox_id, at=at)
            known[report_id, draft.key] = row
            rows.append(row)
            counts[number] += 1
    ReportDocument.objects.bulk_create(rows)
    return counts


def documents_of_report(report_id: int) -> list[DocumentFacts]:
    """Return what holds of a report, in the order of the message; withdrawn ones are left out."""
    return [one for one in document_versions(report_id) if one.is_current]


def document_versions(report_id: int) -> list[DocumentFacts]:
    """Return what holds of a report, in the order of the message, then what it replaced, the latest first.

    Of what is withdrawn no version is given.
    """
    rows = list(ReportDocument.objects.filter(report_id=report_id).order_by("inbox_id", "id"))
    newest = {row.key: row for row in rows}
    standing = sorted((row for row in newest.values() if not row.is_withdrawn), key=lambda row: row.pk)
    keys = {row.key for row in standing}
    replaced = [row for row in reversed(rows) if row.key in keys and row is not newest[row.key]]
    return [
        *(_facts(row, is_current=True) for row in standing),
        *(_facts(row, is_current=False) for row in replaced if not row.is_withdrawn),
    ]


def _facts(row: ReportDocument, *, is_current: bool) -> DocumentFacts:
    return DocumentFacts(
        id=row.pk,
        report_id=row.report_id,
        inbox_id=row.inbox_id,
        place=row.place,
        title=row.title,
        kind=row.kind,
        media_type=row.media_type,
        size=row.size,
        digest=row.digest,
        pointer=row.pointer,
        study_uid=row.study_uid,
        recorded_at=row.recorded_at,
        is_current=is_current,
    )


def _newest(report_ids: set[int]) -> dict[Name, ReportDocument]:
    """Return the version that holds of each key: that of the latest message, not of the one stored last."""
    rows = ReportDocument.objects.filter(report_id__in=list(report_ids)).order_by("inbox_id", "id")
    return {(row.report_id, row.key): row for row in rows}


def _says_more(draft: DocumentDraft, before: ReportDocument, inbox_id: int) -> bool:
    is_same = (draft.digest, draft.is_withdrawn) == (before.digest, before.is_withdrawn)
    return not is_same and inbox_id >= before.inbox_id


def _row(draft: DocumentDraft, *, report_id: int, inbox_id: int, at: dt.datetime) -> ReportDocument:
    return ReportDocument(
        report_id=report_id,
        inbox_id=inbox_id,
        key=draft.key,
        place=draft.place,
        title=storable(draft.title, 200),
        kind=draft.kind,
        media_type=draft.media_type,
        size=draft.size,
        digest=draft.digest,
        pointer=storable(draft.pointer, None),
        study_uid=draft.study_uid,
        is_withdrawn=draft.is_withdrawn,
        recorded_at=at,
    )
