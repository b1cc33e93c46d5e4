"""What stands beside the results on the page of a report: files, key images, and links to the sender's archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.templatetags.numbers import moment
from lienthong.exchange.imaging.archive import Archive, archive_of
from lienthong.exchange.imaging.pictures import PHOTOGRAPHS
from lienthong.results.imaging.reads import DocumentFacts, ObjectFacts, document_versions, objects_of_report

MOST_PICTURES = 24
# Titles by which devices say what a selection is for (DICOM PS3.16, CID 7010); any other title stands as it was sent.
TITLES = {
    "Of Interest": gettext_lazy("Of interest"),
    "For Referring Provider": gettext_lazy("For the referring clinician"),
    "For Surgery": gettext_lazy("For surgery"),
    "For Conference": gettext_lazy("For a conference"),
    "For Therapy": gettext_lazy("For therapy"),
    "For Patient": gettext_lazy("For the patient"),
}
KINDS = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that came with the report; `about` is its kind, its size and when it was received."""

    id: int
    title: str
    about: str
    is_current: bool
    is_photograph: bool = False


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link to the sender's archive; `address` is empty where it leads elsewhere, and so is not made a link."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image; `why` says for what it was selected."""

    id: int
    number: int
    about: str
    why: str
    address: str


@dataclass(frozen=True, slots=True)
class ImagingView:
    files: tuple[FileRow, ...]
    links: tuple[LinkRow, ...]
    pictures: tuple[Picture, ...]
    hidden: int
    notes: tuple[str, ...]

    @property
    def photographs(self) -> tuple[FileRow, ...]:
        """The files that are shown as small pictures."""
        return tuple(one for one in self.files if one.is_photograph and one.is_current)[:MOST_PICTURES]

    @property
    def has_something(self) -> bool:
        return bool(self.files or self.links or self.pictures or self.notes)


def imaging_view(report_id: int, *, source: str) -> ImagingView:
    """Return what stands beside a report: files before those they replaced, key images before the study's others."""
    versions, objects = document_versions(report_id), objects_of_report(report_id)
    documents = [one for one in versions if one.is_current]
    if not versions and not objects:
        return ImagingView((), (), (), 0, ())
    archives = {code: archive_of(code) for code in {source, *(one.source for one in objects)}}
    selections = [one for one in objects if one.kind == "selection"]
    images = _key_images_first([one for one in objects if one.kind == "image"], selections)
    return ImagingView(
        files=tuple(_file(one) for one in versions if one.kind == "file"),
        links=tuple(_links(documents, objects, archives, source)),
        pictures=tuple(
            _picture(one, number, selections, archives[one.source])
            for number, one in enumerate(images[:MOST_PICTURES], start=1)
        ),
        hidden=max(0, len(images) - MOST_PICTURES),
        notes=tuple(dict.fromkeys(one.description for one in selections if one.description)),
    )


def _file(one: DocumentFacts) -> FileRow:
    kind = KINDS.get(one.media_type, _("file"))
    title = one.title or (_("The report as a PDF") if kind == "PDF" else _("File"))
    return FileRow(
        one.id,
        title,
        f"{kind}, {filesizeformat(one.size)}, {moment(one.recorded_at)}",
        is_current=one.is_current,
        is_photograph=one.media_type in PHOTOGRAPHS,
    )


def _links(
    documents: Sequence[DocumentFacts], objects: Sequence[ObjectFacts], archives: Mapping[str, Archive], source: str
) -> list[LinkRow]:
    """Return a link for each study, then for each pointer that leads to something else than one of these."""
    archive = archives[source]
    studies = [one.study_uid for one in documents if one.study_uid and (one.kind == "study" or not one.pointer)]
    found = {archive.study(uid) for uid in studies}
    found |= {archives[one.source].study(one.study_uid) for one in objects}
    rows = [LinkRow(_("Study in the archive of the sender"), address) for address in sorted(found - {""})]
    for document in documents:
        if document.kind == "pointer":
            address = archive.allowed(document.pointer)
            if not address or address not in found:
                rows.append(LinkRow(document.title or _("Images"), address))
    return rows


def _key_images_first(images: list[ObjectFacts], selections: Sequence[ObjectFacts]) -> list[ObjectFacts]:
    order = {uid: place for place, uid in enumerate(uid for one in selections for uid in one.selected)}
    return sorted(images, key=lambda one: (one.sop_instance_uid not in order, order.get(one.sop_instance_uid, 0)))


def _picture(one: ObjectFacts, number: int, selections: Sequence[ObjectFacts], archive: Archive) -> Picture:
    why = next((_title(each.title) for each in selections if one.sop_instance_uid in each.selected), "")
    about = ", ".join(part for part in (one.modality, one.title, moment(one.taken_at) if one.taken_at else "") if part)
    address = archive.rendered(one.study_uid, one.series_uid, one.sop_instance_uid)
    return Picture(one.id, number, about, why, address)


def _title(title: str) -> str:
    return str(TITLES.get(title, title or _("Key image")))
