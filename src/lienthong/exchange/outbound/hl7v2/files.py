"""The files, pictures and studies beside a report: a file in the message (ED), or a link to where it is read (RP).

They come behind the results, each under a number that stays the same through its versions.
"""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from lienthong.core.addresses import outside_address
from lienthong.errors import NotFound
from lienthong.exchange.imaging.archive import Archive, archive_of
from lienthong.exchange.imaging.pictures import picture_of
from lienthong.exchange.imaging.reads import file_of_report
from lienthong.exchange.outbound.hl7v2.settings import EMBEDDED, NO_FILES, Hl7Settings
from lienthong.interop.hl7v2 import Coded, EntityIdentifier, escape
from lienthong.results.imaging.reads import DocumentState, ObjectFacts, document_states, objects_of_report
from lienthong.results.reads import ReportFacts

FILE, IMAGE, STUDY = "FILE", "IMAGE", "STUDY"
FILES = "99LTF"  # coding system of OBX-3
APPLICATION = "LIENTHONG"  # ED-1, RP-2
JPEG = "image/jpeg"
BYTES_OF_KILOBYTE = 1024
# ED-2 and ED-3, RP-3 and RP-4 (tables 0191 and 0291; PDF and PNG are of IANA, which later versions take over).
_TYPES = {"application/pdf": ("AP", "PDF"), JPEG: ("IM", "JPEG"), "image/png": ("IM", "PNG")}
_UNKNOWN = ("AP", "Octet-stream")
_LOINC = {
    FILE: Coded("11502-2", "Laboratory report", "LN"),
    IMAGE: Coded("55113-5", "Key images Document Radiology", "LN"),
    STUDY: Coded("18748-4", "Diagnostic imaging study", "LN"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTold:
    """Something beside a report as it is told: FILE, IMAGE or STUDY, under its own `number` within the report.

    `key` is that by which its bytes are read. It has its `content` or the `address` where it is read; where it is
    withdrawn neither is told.
    """

    kind: str
    number: int
    key: int
    title: str
    address: str
    media_type: str = ""
    size: int = 0
    content: bytes = b""
    is_changed: bool = False
    is_withdrawn: bool = False
    taken_at: dt.datetime | None = None

    @property
    def code(self) -> Coded:
        """OBX-3: what it is, in words of its sender, and the LOINC of such a thing."""
        usual = {FILE: _("File of the report"), IMAGE: _("Image"), STUDY: _("Images in the archive")}
        loinc = _LOINC[self.kind]
        return Coded(self.kind, self.title or usual[self.kind], FILES, loinc.code, loinc.text, loinc.system)

    @property
    def value_type(self) -> str:
        return "ED" if self.content else "RP"

    @property
    def value(self) -> str:
        """OBX-5 in the notation of `^~\\&`."""
        kind = _TYPES.get(self.media_type, _UNKNOWN) if self.media_type else ()
        if self.content:
            return "^".join((APPLICATION, *kind, "Base64", b64encode(self.content).decode()))
        return "^".join((escape(self.address), APPLICATION, *kind))

    def instance_of(self, report_id: int) -> EntityIdentifier:
        """OBX-21: the name that it keeps through its versions."""
        return EntityIdentifier(f"{report_id}-{self.kind.lower()}-{self.number}", APPLICATION)


def files_told(report: ReportFacts, settings: Hl7Settings) -> tuple[FileTold, ...]:
    """Return what stands beside a report, if the receiver wants it; what doesn't fit into the message is a link."""
    if settings.attachments == NO_FILES:
        return ()
    left = settings.attachment_kilobytes * BYTES_OF_KILOBYTE if settings.attachments == EMBEDDED else 0
    told = []
    for one in _beside(report):
        content = _content(report.id, one) if one.size <= left and one.media_type and not one.is_withdrawn else b""
        content = content if len(content) <= left else b""
        left -= len(content)
        if content or one.address or one.is_withdrawn:  # none where the operator took the public address away since
            told.append(replace(one, content=content))
    return tuple(told)


def _beside(report: ReportFacts) -> Iterator[FileTold]:
    archive, is_withdrawn = archive_of(report.source), report.status == "withdrawn"
    for state in document_states(report.id):
        if one := _of_document(state, archive):
            yield replace(one, is_withdrawn=True) if is_withdrawn else one
    for image in objects_of_report(report.id):
        if image.kind == "image":
            yield replace(_of_image(image), is_withdrawn=is_withdrawn)


def _of_document(state: DocumentState, archive: Archive) -> FileTold | None:
    """Return a file, or what leads to the archive that is registered for the sender; no link leads anywhere else."""
    facts = state.facts
    told = FileTold(
        kind=FILE,
        number=state.number,
        key=facts.id,
        title=facts.title,
        address="",
        is_changed=state.is_changed,
        is_withdrawn=state.is_withdrawn,
    )
    if facts.kind == "file":
        address = outside_address(f"/fhir/Binary/{facts.report_id}-file-{facts.id}")
        return replace(told, address=address, media_type=facts.media_type, size=facts.size)
    led = {"pointer": archive.allowed(facts.pointer), "study": archive.study(facts.study_uid)}.get(facts.kind, "")
    return replace(told, kind=STUDY, address=led) if led else None


def _of_image(image: ObjectFacts) -> FileTold:
    """Return an image of a DICOM object as the picture that is made of it."""
    address = outside_address(f"/fhir/Binary/{image.report_id}-image-{image.id}")
    return FileTold(
        kind=IMAGE,
        number=image.id,
        key=image.id,
        title=image.title,
        address=address,
        media_type=JPEG,
        taken_at=image.taken_at,
    )


def _content(report_id: int, one: FileTold) -> bytes:
    """Return the bytes; none where they can't be read now, which the link then tells."""
    try:
        if one.kind == IMAGE:
            return picture_of(report_id, one.key, "large")
        return file_of_report(report_id, one.key).content
    except NotFound:
        return b""
