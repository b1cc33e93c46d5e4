"""DICOM objects as devices make them, built here element by element; names and numbers are made up."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
BASIC_TEXT_SR = "1.2.840.10008.5.1.4.1.1.88.11"
KEY_OBJECT = "1.2.840.10008.5.1.4.1.1.88.59"
STUDY, SERIES = "1.2.826.0.1.3680043.10.1338.1", "1.2.826.0.1.3680043.10.1338.1.1"
FINDINGS = ("121070", "DCM", "Findings")
CONCLUSION = ("121077", "DCM", "Conclusion")


def header(sop_class: str, number: int, **elements: object) -> Dataset:
    """Return the elements that every object of the made-up study has."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = f"{SERIES}.{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY, SERIES
    dataset.Modality = "US"
    dataset.PatientID, dataset.PatientName = "BN-4711", "Nguyễn^An^Văn"
    dataset.PatientBirthDate, dataset.PatientSex = "19800517", "M"
    dataset.AccessionNumber = "SA-1001"
    dataset.StudyDate, dataset.StudyTime = "20261120", "081500"
    for name, value in elements.items():
        setattr(dataset, name, value)
    return dataset


def image(number: int = 1, *, side: int = 64, frames: int = 0, **elements: object) -> Dataset:
    """Return a grey ultrasound image, a gradient from corner to corner."""
    dataset = header(ULTRASOUND, number)
    plane = np.add.outer(np.arange(side), np.arange(side)).astype(np.uint8)
    dataset.Rows = dataset.Columns = side
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    if frames:
        dataset.NumberOfFrames = frames
    dataset.PixelData = plane.tobytes() * max(frames, 1)
    for name, value in elements.items():
        setattr(dataset, name, value)
    return dataset


def coded(value: str, scheme: str, meaning: str) -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Sequence([item])


def content(kind: str, concept: tuple[str, str, str] | None = None, **elements: object) -> Dataset:
    """Return an item of a content tree."""
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", kind
    if concept:
        item.ConceptNameCodeSequence = coded(*concept)
    for name, value in elements.items():
        setattr(item, name, value)
    return item


def measured(concept: tuple[str, str, str], text: str, unit: str) -> Dataset:
    value = Dataset()
    value.NumericValue = text
    value.MeasurementUnitsCodeSequence = coded(unit, "UCUM", unit)
    return content("NUM", concept, MeasuredValueSequence=Sequence([value]))


def referred(*numbers: int, sop_class: str = ULTRASOUND) -> Sequence:
    return Sequence([_reference(sop_class, f"{SERIES}.{number}") for number in numbers])


def report(number: int = 90, **elements: object) -> Dataset:
    """Return a verified ultrasound report: findings, a measure, a conclusion, and one image that it refers to."""
    dataset = header(BASIC_TEXT_SR, number, Modality="SR")
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = coded("18748-4", "LN", "Diagnostic imaging study")
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "VERIFIED"
    dataset.ContentDate, dataset.ContentTime = "20261120", "084000"
    dataset.PerformedProcedureCodeSequence = coded("SAOB", "99RIS", "Siêu âm ổ bụng")
    dataset.ContentSequence = Sequence(
        [
            content("TEXT", FINDINGS, TextValue="Gan không to, nhu mô đều."),
            measured(("410668003", "SCT", "Length"), "12.50", "cm"),
            content("TEXT", CONCLUSION, TextValue="Chưa thấy bất thường."),
            content("IMAGE", ReferencedSOPSequence=referred(1)),
        ]
    )
    dataset.CurrentRequestedProcedureEvidenceSequence = evidence(1)
    for name, value in elements.items():
        setattr(dataset, name, value)
    return dataset


def selection(*numbers: int, number: int = 80, words: str = "Sỏi túi mật 8 mm") -> Dataset:
    """Return a key object selection of some of the study's images."""
    dataset = header(KEY_OBJECT, number, Modality="KO")
    dataset.ValueType = "CONTAINER"
    dataset.ConceptNameCodeSequence = coded("113000", "DCM", "Of Interest")
    items = [content("IMAGE", ReferencedSOPSequence=referred(one)) for one in numbers]
    dataset.ContentSequence = Sequence(
        [content("TEXT", ("113012", "DCM", "Key Object Description"), TextValue=words), *items]
    )
    dataset.CurrentRequestedProcedureEvidenceSequence = evidence(*numbers)
    return dataset


def evidence(*numbers: int) -> Sequence:
    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = SERIES, referred(*numbers)
    study.StudyInstanceUID, study.ReferencedSeriesSequence = STUDY, Sequence([series])
    return Sequence([study])


def as_file(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """Return the bytes of a file (PS3.10)."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    dataset.file_meta = meta
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _reference(sop_class: str, instance: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
    return item
