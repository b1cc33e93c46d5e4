"""Writes what comes with reports beside their results: files, pointers, study numbers; again changes nothing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from lienthong.results.imaging_models import ReportDocument
from lienthong.results.intake.inbox import storable
from lienthong.results.reports.drafts import DocumentDraft, ReportClaim


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


@dataclass(frozen=True, slots=True)
class DocumentState:
    """How something that came with a report stands: its newest version, whether that took the place of another, and
    whether it was withdrawn. `number` is the same through its versions.
    """

    number: int
    facts: DocumentFacts
    is_changed: bool
    is_withdrawn: bool


@dataclass(slots=True)
class Beside:
    """What came with the reports of a batch: what holds of each, by its key, and the versions to be written."""

    held: dict[int, dict[str, ReportDocument]] = field(default_factory=lambda: defaultdict(dict))
    new: list[ReportDocument] = field(default_factory=list)

    def load(self, report_ids: Iterable[int]) -> None:
        """Add what is stored beside reports: of each key the version of the latest message, not the one stored last."""
        if ids := list(report_ids):
            for row in ReportDocument.objects.filter(report_id__in=ids).order_by("inbox_id", "id"):
                self.held[row.report_id][row.key] = row

    def take(self, claim: ReportClaim, report_id: int, *, at: dt.datetime) -> int:
        """Take what a message brings for a report; return how much of it is new or changed."""
        held, before = self.held[report_id], len(self.new)
        for draft in claim.draft.documents:
            known = held.get(draft.key)
            if known is None or _says_more(draft, known, claim.inbox_id):
                held[draft.key] = _row(draft, report_id=report_id, inbox_id=claim.inbox_id, at=at)
                self.new.append(held[draft.key])
        return len(self.new) - before

    def digests(self, report_id: int) -> list[str]:
        """Return the digests of what holds of a report, in order."""
        return digests_of(self.held[report_id].values())

    def write(self) -> None:
        if self.new:
            ReportDocument.objects.bulk_create(self.new)


def digests_of(rows: Iterable[ReportDocument]) -> list[str]:
    """Return the digests of what is not withdrawn, in order."""
    return sorted(row.digest for row in rows if not row.is_withdrawn)


def document_versions(report_id: int) -> list[DocumentFacts]:
    """Return what holds of a report, in the order of the message, then what it replaced, the latest first.

    Of what is withdrawn no version is given.
    """
    return _versions(list(ReportDocument.objects.filter(report_id=report_id).order_by("inbox_id", "id")))


def document_states(report_id: int) -> list[DocumentState]:
    """Return how everything stands that ever came with a report, also what is withdrawn, in the order of their numbers.

    What was withdrawn before it was known is left out: nobody was ever told of it.
    """
    rows: dict[str, list[ReportDocument]] = defaultdict(list)
    for row in ReportDocument.objects.filter(report_id=report_id).order_by("inbox_id", "id"):
        rows[row.key].append(row)
    found = [
        DocumentState(
            number=min(row.pk for row in several),
            facts=_facts(next(row for row in reversed(several) if not row.is_withdrawn), is_current=True),
            is_changed=len(several) > 1,
            is_withdrawn=several[-1].is_withdrawn,
        )
        for several in rows.values()
        if not all(row.is_withdrawn for row in several)
    ]
    return sorted(found, key=lambda one: one.number)


def documents_of_reports(report_ids: Collection[int]) -> dict[int, list[DocumentFacts]]:
    """Return what holds of some reports, in the order of the messages; a report of which nothing holds is left out."""
    rows: dict[int, list[ReportDocument]] = defaultdict(list)
    for row in ReportDocument.objects.filter(report_id__in=list(report_ids)).order_by("inbox_id", "id"):
        rows[row.report_id].append(row)
    return {report: [one for one in _versions(several) if one.is_current] for report, several in rows.items()}


def _versions(rows: list[ReportDocument]) -> list[DocumentFacts]:
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
