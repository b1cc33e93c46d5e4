"""Images beside reports as Media, and the studies that reports name as ImagingStudies (R4, Media, ImagingStudy).

The bytes of an image or a file are a Binary. A study stays in the archive of its sender; where its address is
registered, the study has it as an Endpoint, and the archive asks for its own sign-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lienthong.core.timekey import instant_of
from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.own.shelf import Shelf, instant, meta
from lienthong.exchange.imaging.archive import Archive
from lienthong.interop.fhir import Element
from lienthong.results.imaging.reads import DocumentFacts, ObjectFacts
from lienthong.results.reads import ReportFacts
from lienthong.results.search.imaging import DICOM, UID, study_id

_MEDIA_TYPE = "http://terminology.hl7.org/CodeSystem/media-type"
_CONNECTION = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
_URI = "urn:ietf:rfc:3986"


def media(image: ObjectFacts, shelf: Shelf, *, patient: str) -> Element:
    """Return an image that is tied to a report; its content is a picture of its first frame."""
    found: Element = {
        "resourceType": "Media",
        "id": str(image.id),
        "meta": meta(version=1, changed_at=image.tied_at or image.received_at),
        "identifier": [_uid(image.sop_instance_uid)],
        "status": "completed",
        "type": {"coding": [{"system": _MEDIA_TYPE, "code": "image", "display": "Image"}]},
        "subject": {"reference": patient},
        "operator": shelf.organization(image.facility_id),
        "content": {"contentType": "image/jpeg", "url": f"Binary/{picture_id(image)}"},
    }
    if image.modality:
        found["modality"] = {"coding": [{"system": DICOM, "code": image.modality}]}
    if image.taken_at:
        found["createdDateTime"] = instant(image.taken_at)
    if image.title:
        found["content"] = {**found["content"], "title": image.title}  # type: ignore[dict-item]  # a dict made above
    return found


def picture_id(image: ObjectFacts) -> str:
    """Return the id of the Binary that is the picture of an image."""
    return f"{image.report_id}-image-{image.id}"


def file_id(document: DocumentFacts) -> str:
    """Return the id of the Binary that is a file beside a report."""
    return f"{document.report_id}-file-{document.id}"


def presented_forms(documents: Iterable[DocumentFacts], archive: Archive) -> list[Element]:
    """Return the files that came with a report, and pointers that lead to the archive registered for its sender."""
    found: list[Element] = []
    for one in documents:
        if one.kind == "file":
            form: Element = {"contentType": one.media_type, "url": f"Binary/{file_id(one)}", "size": one.size}
            form["creation"] = instant(one.recorded_at)
        elif one.kind == "pointer" and (address := archive.allowed(one.pointer)):
            form = {"url": address}
        else:
            continue
        found.append(form | ({"title": one.title} if one.title else {}))
    return found


def studies_of(documents: Iterable[DocumentFacts], objects: Iterable[ObjectFacts]) -> list[str]:
    """Return the UIDs of the studies of a report, each once."""
    named = [*(one.study_uid for one in documents), *(one.study_uid for one in objects)]
    return [uid for uid in dict.fromkeys(named) if uid]


def links_to_media(objects: Sequence[ObjectFacts]) -> list[Element]:
    """Return what DiagnosticReport.media names: each image, and for what it was selected."""
    selections = [one for one in objects if one.kind == "selection"]
    found: list[Element] = []
    for image in (one for one in objects if one.kind == "image"):
        why = next((one.title for one in selections if image.sop_instance_uid in one.selected), "")
        link: Element = {"link": {"reference": f"Media/{image.id}"}}
        found.append(({"comment": why} if why else {}) | link)
    return found


def imaging_study(
    report: ReportFacts, uid: str, objects: Iterable[ObjectFacts], archive: Archive, *, changed: int, patient: str
) -> Element:
    """Return a study of a report with those of its instances that were sent here."""
    instances = [one for one in objects if one.study_uid == uid]
    found: Element = {
        "resourceType": "ImagingStudy",
        "id": study_id(report.id, uid),
        "meta": meta(version=report.version, changed_at=instant_of(changed)),
        "identifier": [_uid(uid)],
        "status": "unknown",  # the archive knows
        "subject": {"reference": patient},
        "series": _series(instances),
    }
    if modalities := dict.fromkeys(one.modality for one in instances if one.modality):
        found["modality"] = [{"system": DICOM, "code": one} for one in modalities]
    if report.collected_at:
        found["started"] = instant(report.collected_at)
    if report.placer_number:
        order = {"system": systems.orders_of(report.source), "value": report.placer_number}
        found["basedOn"] = [{"type": "ServiceRequest", "identifier": order}]
    if archive.base:
        found["contained"] = [_endpoint(archive)]
        found["endpoint"] = [{"reference": "#archive"}]
    return {key: value for key, value in found.items() if value != []}


def _series(instances: Sequence[ObjectFacts]) -> list[Element]:
    found: dict[str, list[ObjectFacts]] = {}
    for one in instances:
        found.setdefault(one.series_uid, []).append(one)
    return [
        {
            "uid": uid,
            "modality": {"system": DICOM, "code": several[0].modality or "OT"},
            "instance": [
                {"uid": one.sop_instance_uid, "sopClass": {"system": _URI, "code": f"urn:oid:{one.sop_class_uid}"}}
                for one in several
            ],
        }
        for uid, several in found.items()
    ]


def _endpoint(archive: Archive) -> Element:
    return {
        "resourceType": "Endpoint",
        "id": "archive",
        "status": "active",
        "connectionType": {"system": _CONNECTION, "code": "dicom-wado-rs"},
        "payloadType": [{"text": "DICOM"}],
        "address": archive.base,
    }


def _uid(uid: str) -> Element:
    return {"system": UID, "value": f"urn:oid:{uid}"}
