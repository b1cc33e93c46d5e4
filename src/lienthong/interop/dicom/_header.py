"""What a header says of an instance: which it is, of which study and order, from which device, of whom as sent."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.interop.dicom._classes import Kind, kind_of
from lienthong.interop.dicom._dataset import Elements, open_dataset
from lienthong.interop.dicom._person_name import PersonName, name_of

SEXES = {"M": "M", "F": "F", "O": "O"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The elements of PS3.3 by which an instance is kept and found again; texts are empty where none was sent.

    Moments are YYYYMMDD[HH[MM[SS]]] with +ZZZZ where the data set names its zone. `is_burned_in` is None where the
    device does not say whether the pixels hold text (0028,0301).
    """

    sop_class_uid: str
    sop_instance_uid: str
    study_uid: str
    series_uid: str
    transfer_syntax_uid: str
    modality: str
    patient_id: str
    patient_id_issuer: str
    patient_name: PersonName | None
    birth_date: str
    sex: str
    accession_number: str
    study_description: str
    series_description: str
    body_part: str
    studied_at: str
    acquired_at: str
    manufacturer: str
    model: str
    station: str
    institution: str
    rows: int
    columns: int
    frames: int
    is_burned_in: bool | None

    @property
    def kind(self) -> Kind:
        return kind_of(self.sop_class_uid)


def read_header(data: bytes) -> tuple[Header | None, tuple[Finding, ...]]:
    """Read the header of a file's bytes; None where they can't be read or don't say which instance they are."""
    dataset, told = open_dataset(data)
    if dataset is None:
        return None, told
    findings = list(told)
    elements = Elements(dataset, findings)
    header = header_of(elements)
    for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        if not elements.text(keyword):
            elements.tell(keyword, "required", "must be given")
    named = header.sop_class_uid and header.sop_instance_uid and header.study_uid and header.series_uid
    return (header if named else None), tuple(dict.fromkeys(findings))


def header_of(elements: Elements) -> Header:
    """Read what a header says from an open data set."""
    text, uid = elements.text, elements.uid
    burned = text("BurnedInAnnotation").upper()
    return Header(
        sop_class_uid=uid("SOPClassUID"),
        sop_instance_uid=uid("SOPInstanceUID"),
        study_uid=uid("StudyInstanceUID"),
        series_uid=uid("SeriesInstanceUID"),
        transfer_syntax_uid=_transfer_syntax(elements),
        modality=text("Modality"),
        patient_id=text("PatientID"),
        patient_id_issuer=text("IssuerOfPatientID"),
        patient_name=name_of(elements, "PatientName"),
        birth_date=elements.day("PatientBirthDate"),
        sex=SEXES.get(text("PatientSex").upper(), ""),
        accession_number=text("AccessionNumber"),
        study_description=text("StudyDescription"),
        series_description=text("SeriesDescription"),
        body_part=text("BodyPartExamined"),
        studied_at=elements.moment("StudyDate", "StudyTime"),
        acquired_at=elements.moment("AcquisitionDate", "AcquisitionTime"),
        manufacturer=text("Manufacturer"),
        model=text("ManufacturerModelName"),
        station=text("StationName"),
        institution=text("InstitutionName"),
        rows=elements.number("Rows"),
        columns=elements.number("Columns"),
        frames=max(elements.number("NumberOfFrames"), 1),
        is_burned_in={"YES": True, "NO": False}.get(burned),
    )


def _transfer_syntax(elements: Elements) -> str:
    meta = getattr(elements.dataset, "file_meta", None)
    return Elements(meta, elements.findings).uid("TransferSyntaxUID") if meta is not None else ""
