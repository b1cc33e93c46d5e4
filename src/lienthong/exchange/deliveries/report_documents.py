"""The documents of a report, for its page, and the bytes of one, from the message that brought it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from lienthong.exchange.deliveries.models import ReportDocument
from lienthong.exchange.deliveries.report_form import decode_report
from lienthong.results import reads as results

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document of a report: what it is called, how large it is, and whether another has taken its place."""

    id: int
    title: str
    size: int
    received_at: dt.datetime
    is_current: bool


def report_documents(*, source: str, report_number: str) -> list[DocumentFacts]:
    """Return the PDFs of a report, the current one first."""
    rows = ReportDocument.objects.filter(source=source, report_number=report_number, content_type=PDF)
    return [
        DocumentFacts(row.pk, row.title, row.size, row.received_at, row.superseded_at is None)
        for row in rows.order_by("-id")
    ]


def document_bytes(document_id: int, *, source: str, report_number: str) -> bytes | None:
    """Return the bytes of a PDF of a report; None where the report has no such one, or its message was changed."""
    row = ReportDocument.objects.filter(
        pk=document_id, source=source, report_number=report_number, content_type=PDF
    ).first()
    message = results.inbox_message(row.inbox_id) if row else None
    if row is None or message is None:
        return None
    try:
        document = decode_report(message.raw).document
    except msgspec.DecodeError:
        return None
    data = document.data if document else b""
    return data if sha256(data).hexdigest() == row.digest else None
