"""What other apps may ask of files and DICOM objects beside reports."""

from __future__ import annotations

from lienthong.results.imaging.documents import (
    DocumentFacts,
    DocumentState,
    document_states,
    document_versions,
    documents_of_reports,
)
from lienthong.results.imaging.objects import (
    ObjectFacts,
    digests_of_objects,
    images_with_records,
    object_facts,
    objects_of_report,
    objects_of_reports,
    waiting_objects,
)

__all__ = [
    "DocumentFacts",
    "DocumentState",
    "ObjectFacts",
    "digests_of_objects",
    "document_states",
    "document_versions",
    "documents_of_reports",
    "images_with_records",
    "object_facts",
    "objects_of_report",
    "objects_of_reports",
    "waiting_objects",
]
