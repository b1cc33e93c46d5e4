"""A key object selection (PS3.3, annex A.35.4; template TID 2010): which instances matter, why, and in which words."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.interop.dicom._classes import Kind
from lienthong.interop.dicom._content import Code, Reference
from lienthong.interop.dicom._header import Header
from lienthong.interop.dicom._structured_report import read_document

DESCRIPTION = ("113012", "DCM")


@dataclass(frozen=True, slots=True)
class KeyObject:
    """A selection: its title (context group 7010, such as “For Referring Provider”), words on it, and the instances."""

    header: Header
    title: Code | None
    description: str
    references: tuple[Reference, ...]


def read_key_object(data: bytes) -> tuple[KeyObject | None, tuple[Finding, ...]]:
    """Read a selection from a file's bytes; None where they can't be read or are something else."""
    document, findings = read_document(data, Kind.SELECTION)
    if document is None:
        return None, findings
    items = list(document.root.walk())
    words = [
        one.text for one in items if one.text and one.concept and (one.concept.value, one.concept.scheme) == DESCRIPTION
    ]
    placed = {one.sop_instance_uid: one for one in document.evidence}
    referred = [placed.get(one.sop_instance_uid, one) for item in items for one in item.references]
    return (
        KeyObject(document.header, document.title, "\n".join(words), tuple(dict.fromkeys(referred))),
        findings,
    )
