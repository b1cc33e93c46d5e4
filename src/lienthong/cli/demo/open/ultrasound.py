"""The DICOM objects of an ultrasound room: a drawn picture, the selection that names it, and the report in words."""

from __future__ import annotations

import datetime as dt
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lienthong.cli.demo.open.places import LOINC, ROOM
from lienthong.cli.demo.people import Patient

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

IMAGE, REPORT = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.88.11"
SELECTION = "1.2.840.10008.5.1.4.1.1.88.59"
STUDY = "1.2.826.0.1.3680043.10.1338.88"
SERIES = f"{STUDY}.1"
ACCESSION, PATIENT = "US-88001", "US-000088"
FINDINGS = ("121070", "DCM", "检查所见")
CONCLUSION = ("121077", "DCM", "诊断意见")
WORDS = (
    (FINDINGS, "肝脏大小正常，回声均匀。胆囊内见一枚强回声，长约 8 mm，后方伴声影。"),
    (CONCLUSION, "胆囊结石。"),
)
ROWS, COLUMNS = 240, 320


def is_available() -> bool:
    """Whether the extra `imaging` is installed."""
    return all(find_spec(name) for name in ("pydicom", "pynetdicom", "PIL"))


def write_objects(folder: Path, patient: Patient, *, examined_at: dt.datetime) -> None:
    """Write an image, the selection that names it, and the report, each a file (PS3.10)."""
    folder.mkdir()
    for number, make in enumerate((_image, _selection, _report), start=1):
        (folder / f"{number}.dcm").write_bytes(_file(make(patient, examined_at)))


def _header(sop_class: str, number: int, modality: str, patient: Patient, at: dt.datetime) -> Dataset:
    from pydicom.dataset import Dataset

    found = Dataset()
    found.SpecificCharacterSet = "ISO_IR 192"
    found.SOPClassUID, found.SOPInstanceUID = sop_class, f"{SERIES}.{number}"
    found.StudyInstanceUID, found.SeriesInstanceUID = STUDY, SERIES
    found.Modality, found.AccessionNumber, found.StationName = modality, ACCESSION, ROOM.title
    found.PatientID, found.PatientName = PATIENT, f"{patient.family}^{patient.given}"
    found.PatientBirthDate, found.PatientSex = f"{patient.birth_date:%Y%m%d}", patient.sex
    found.StudyDate, found.StudyTime = f"{at:%Y%m%d}", f"{at:%H%M%S}"
    found.TimezoneOffsetFromUTC = f"{at:%z}"
    return found


def _image(patient: Patient, at: dt.datetime) -> Dataset:
    found = _header(IMAGE, 1, "US", patient, at)
    found.SeriesDescription = "Abdomen"
    found.Rows, found.Columns = ROWS, COLUMNS
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 8, 8, 7, 0
    found.BurnedInAnnotation = "NO"
    found.PixelData = _pixels()
    return found


def _pixels() -> bytes:
    """Return a drawing that looks like a convex probe's picture: speckle in a sector, a bright stone and its shadow."""
    import numpy as np

    down, across = np.mgrid[0:ROWS, 0:COLUMNS].astype(float)
    across -= COLUMNS / 2
    distance, angle = np.hypot(down + 40, across), np.arctan2(across, down + 40)
    speckle = np.random.default_rng(88).gamma(2.0, 22.0, (ROWS, COLUMNS)) * np.exp(-distance / 260)
    bladder = ((down - 130) / 38) ** 2 + (across / 62) ** 2 < 1
    stone = ((down - 150) / 7) ** 2 + ((across + 8) / 12) ** 2 < 1
    shadow = (down > 156) & (abs(angle + 0.042) < 0.055)
    picture = np.where(bladder, speckle * 0.15, speckle)
    picture = np.where(shadow, speckle * 0.1, picture)
    picture = np.where(stone, 235.0, picture)
    sector = (abs(angle) < 0.62) & (distance > 45) & (distance < 272)
    return np.where(sector, picture, 0).clip(0, 255).astype(np.uint8).tobytes()


def _selection(patient: Patient, at: dt.datetime) -> Dataset:
    found = _header(SELECTION, 2, "KO", patient, at)
    found.ValueType = "CONTAINER"
    found.ConceptNameCodeSequence = _coded("113000", "DCM", "Of Interest")
    words = _content("TEXT", ("113012", "DCM", "Key Object Description"), TextValue="胆囊结石 8 mm")
    found.ContentSequence = _sequence(words, _content("IMAGE", ReferencedSOPSequence=_referred()))
    found.CurrentRequestedProcedureEvidenceSequence = _evidence()
    return found


def _report(patient: Patient, at: dt.datetime) -> Dataset:
    found = _header(REPORT, 3, "SR", patient, at)
    found.ValueType, found.ContinuityOfContent = "CONTAINER", "SEPARATE"
    found.ConceptNameCodeSequence = _coded("18748-4", "LN", "Diagnostic imaging study")
    found.CompletionFlag, found.VerificationFlag = "COMPLETE", "VERIFIED"
    written = at + dt.timedelta(minutes=25)
    found.ContentDate, found.ContentTime = f"{written:%Y%m%d}", f"{written:%H%M%S}"
    found.PerformedProcedureCodeSequence = _coded(LOINC, "LN", "Abdominal ultrasound")
    items = [_content("TEXT", concept, TextValue=text) for concept, text in WORDS]
    found.ContentSequence = _sequence(*items, _content("IMAGE", ReferencedSOPSequence=_referred()))
    found.CurrentRequestedProcedureEvidenceSequence = _evidence()
    return found


def _coded(value: str, scheme: str, meaning: str) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return _sequence(item)


def _content(kind: str, concept: tuple[str, str, str] | None = None, **elements: object) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", kind
    if concept:
        item.ConceptNameCodeSequence = _coded(*concept)
    for name, value in elements.items():
        setattr(item, name, value)
    return item


def _referred() -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = IMAGE, f"{SERIES}.1"
    return _sequence(item)


def _evidence() -> Any:
    from pydicom.dataset import Dataset

    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = SERIES, _referred()
    study.StudyInstanceUID, study.ReferencedSeriesSequence = STUDY, _sequence(series)
    return _sequence(study)


def _sequence(*items: Dataset) -> Any:
    from pydicom.sequence import Sequence

    return Sequence(list(items))


def _file(dataset: Dataset) -> bytes:
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()
