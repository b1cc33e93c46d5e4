"""What other apps may ask of files and DICOM objects beside reports."""

from __future__ import annotations

from lienthong.results.imaging.documents import DocumentFacts, document_facts, documents_of_report
from lienthong.results.imaging.objects import ObjectFacts, object_facts, objects_of_report, waiting_objects
from lienthong.results.imaging_models import ReportDocument

__all__ = [
    "DocumentFacts",
    "ObjectFacts",
    "document",
    "documents_of_report",
    "object_facts",
    "objects_of_report",
    "waiting_objects",
]


def document(document_id: int) -> DocumentFacts | None:
    """Return a file, pointer or study number beside a report; None where there is none, or it is withdrawn."""
    row = ReportDocument.objects.filter(pk=document_id, is_withdrawn=False).first()
    return document_facts(row) if row else None
