"""What other apps may ask of files and DICOM objects beside reports."""

from __future__ import annotations

from lienthong.results.imaging.documents import DocumentFacts, document_versions, documents_of_report
from lienthong.results.imaging.objects import ObjectFacts, object_facts, objects_of_report, waiting_objects

__all__ = [
    "DocumentFacts",
    "ObjectFacts",
    "document_versions",
    "documents_of_report",
    "object_facts",
    "objects_of_report",
    "waiting_objects",
]
