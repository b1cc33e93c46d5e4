"""A structured report (PS3.3, annex A.35): its header, who verified it, its tree, and the evidence it lists."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lienthong.findings import Finding
from lienthong.interop.dicom._classes import Kind
from lienthong.interop.dicom._content import Code, ContentItem, Reference, TreeReader, code_of
from lienthong.interop.dicom._dataset import Elements, open_dataset
from lienthong.interop.dicom._header import Header, header_of
from lienthong.interop.dicom._person_name import PersonName, name_of

EVIDENCE = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")


@dataclass(frozen=True, slots=True)
class Observer:
    """Who verified a report, and when."""

    name: PersonName | None
    organisation: str
    verified_at: str


@dataclass(frozen=True, slots=True)
class Request:
    """The order that a document answers (referenced request sequence)."""

    accession_number: str
    placer_number: str
    filler_number: str
    procedure: Code | None
    description: str


@dataclass(frozen=True, slots=True)
class StructuredReport:
    """A report: `is_complete` and `is_verified` are its flags (0040,A491) and (0040,A493)."""

    header: Header
    root: ContentItem
    is_complete: bool
    is_verified: bool
    content_at: str
    observers: tuple[Observer, ...] = ()
    requests: tuple[Request, ...] = ()
    evidence: tuple[Reference, ...] = ()
    predecessors: tuple[Reference, ...] = ()
    procedure: Code | None = None

    @property
    def title(self) -> Code | None:
        return self.root.concept

    @property
    def images(self) -> tuple[Reference, ...]:
        """The images that the tree refers to, with study and series where the evidence tells them."""
        known = {one.sop_instance_uid: one for one in self.evidence}
        referred = (one for item in self.root.walk() if item.value_type == "IMAGE" for one in item.references)
        return tuple(dict.fromkeys(_placed(one, known) for one in referred))


def read_structured_report(data: bytes) -> tuple[StructuredReport | None, tuple[Finding, ...]]:
    """Read a report from a file's bytes; None where they can't be read or are something else."""
    document, findings = read_document(data, Kind.REPORT)
    return document, findings


def read_document(data: bytes, kind: Kind) -> tuple[StructuredReport | None, tuple[Finding, ...]]:
    """Read a document with a content tree, of a kind of SOP class."""
    dataset, told = open_dataset(data)
    if dataset is None:
        return None, told
    findings = list(told)
    elements = Elements(dataset, findings)
    header = header_of(elements)
    if header.kind is not kind:
        elements.tell("SOPClassUID", "sop-class", f"names no {kind.value} that is taken")
        return None, tuple(findings)
    root = TreeReader(findings).read(elements)
    if root.value_type != "CONTAINER":
        elements.tell("ValueType", "root", "must be CONTAINER at the root of a report")
        return None, tuple(findings)
    report = StructuredReport(
        header=header,
        root=root,
        is_complete=elements.text("CompletionFlag").upper() == "COMPLETE",
        is_verified=elements.text("VerificationFlag").upper() == "VERIFIED",
        content_at=elements.moment("ContentDate", "ContentTime"),
        observers=tuple(_observer(one) for one in elements.items("VerifyingObserverSequence")),
        requests=tuple(_request(one) for one in elements.items("ReferencedRequestSequence")),
        evidence=tuple(one for name in EVIDENCE for item in elements.items(name) for one in _evidence(item)),
        predecessors=tuple(one for item in elements.items("PredecessorDocumentsSequence") for one in _evidence(item)),
        procedure=code_of(elements, "PerformedProcedureCodeSequence") or code_of(elements, "ProcedureCodeSequence"),
    )
    return report, tuple(dict.fromkeys(findings))


def _observer(item: Elements) -> Observer:
    return Observer(
        name_of(item, "VerifyingObserverName"), item.text("VerifyingOrganization"), item.text("VerificationDateTime")
    )


def _request(item: Elements) -> Request:
    return Request(
        accession_number=item.text("AccessionNumber"),
        placer_number=item.text("PlacerOrderNumberImagingServiceRequest"),
        filler_number=item.text("FillerOrderNumberImagingServiceRequest"),
        procedure=code_of(item, "RequestedProcedureCodeSequence"),
        description=item.text("RequestedProcedureDescription"),
    )


def _evidence(study: Elements) -> list[Reference]:
    study_uid = study.uid("StudyInstanceUID")
    found = []
    for series in study.items("ReferencedSeriesSequence"):
        series_uid = series.uid("SeriesInstanceUID")
        for item in series.items("ReferencedSOPSequence"):
            instance = item.uid("ReferencedSOPInstanceUID")
            if instance:
                found.append(Reference(item.uid("ReferencedSOPClassUID"), instance, study_uid, series_uid))
    return found


def _placed(one: Reference, known: dict[str, Reference]) -> Reference:
    where = known.get(one.sop_instance_uid)
    return replace(one, study_uid=where.study_uid, series_uid=where.series_uid) if where else one
