"""Documents that come with reports: which is current, and their bytes, which stay in the message as received."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from lienthong.exchange.deliveries.models import ReportDocument
from lienthong.exchange.deliveries.report_reading import DOCUMENT
from lienthong.interop.hl7v2 import Document, Observation, OruOrder


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document of a report, as a message gives it."""

    content_type: str
    title: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class DocumentClaim:
    """A document of a message for the report that it names."""

    source: str
    report_number: str
    inbox_id: int
    draft: DocumentDraft


def is_document(one: Observation) -> bool:
    """Whether an observation is no result but a document beside the results."""
    return one.segment == DOCUMENT


def documents_of(orders: Iterable[OruOrder]) -> tuple[DocumentDraft, ...]:
    """Return the documents that the orders of a report hold."""
    return tuple(
        draft
        for order in orders
        for one in order.observations
        if is_document(one)
        for content in one.parsed
        if isinstance(content, Document) and (draft := _draft(one, content))
    )


def keep_documents(claims: Sequence[DocumentClaim], *, at: dt.datetime) -> set[int]:
    """Write documents in the order of their messages, in the caller's transaction; return the messages that brought a
    new one. The same document again changes nothing, another one takes its place.
    """
    bringing: set[int] = set()
    for claim in claims:
        name = {"source": claim.source, "report_number": claim.report_number, "content_type": claim.draft.content_type}
        current = ReportDocument.objects.select_for_update().filter(**name, superseded_at=None).first()
        if current and (current.digest == claim.draft.digest or current.inbox_id > claim.inbox_id):
            continue
        if current:
            current.superseded_at = at
            current.save(update_fields=["superseded_at"])
        draft = claim.draft
        ReportDocument.objects.create(
            **name, title=draft.title, digest=draft.digest, size=draft.size, inbox_id=claim.inbox_id, received_at=at
        )
        bringing.add(claim.inbox_id)
    return bringing


def content_of(document: Document) -> bytes:
    """Return the bytes of a document; empty where its encoding is broken."""
    if document.encoding != "Base64":
        return document.data.encode()
    try:
        return base64.b64decode(document.data, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _draft(one: Observation, content: Document) -> DocumentDraft | None:
    data = content_of(content)
    if not data:
        return None
    title = one.values[0].replace("\0", "")[:200] if one.values else ""
    return DocumentDraft(f"{content.kind}/{content.subtype}"[:60], title, sha256(data).hexdigest(), len(data))
