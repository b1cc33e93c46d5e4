"""Which storage SOP classes (DICOM PS3.4, annex B) are taken, and what each is: an image, a report, a selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an instance is, by its SOP class."""

    IMAGE = "image"
    REPORT = "report"
    SELECTION = "selection"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class StorageClass:
    """A storage SOP class: its UID, its name in PS3.6, and what its instances are."""

    uid: str
    name: str
    kind: Kind


_STORAGE = "1.2.840.10008.5.1.4.1.1"
_IMAGES = {
    "1": "Computed Radiography Image Storage",
    "1.1": "Digital X-Ray Image Storage - For Presentation",
    "1.2": "Digital Mammography X-Ray Image Storage - For Presentation",
    "1.3": "Digital Intra-Oral X-Ray Image Storage - For Presentation",
    "2": "CT Image Storage",
    "2.1": "Enhanced CT Image Storage",
    "3": "Ultrasound Multi-frame Image Storage (Retired)",
    "3.1": "Ultrasound Multi-frame Image Storage",
    "4": "MR Image Storage",
    "4.1": "Enhanced MR Image Storage",
    "6": "Ultrasound Image Storage (Retired)",
    "6.1": "Ultrasound Image Storage",
    "7": "Secondary Capture Image Storage",
    "7.1": "Multi-frame Single Bit Secondary Capture Image Storage",
    "7.2": "Multi-frame Grayscale Byte Secondary Capture Image Storage",
    "7.3": "Multi-frame Grayscale Word Secondary Capture Image Storage",
    "7.4": "Multi-frame True Color Secondary Capture Image Storage",
}
_REPORTS = {
    "88.11": "Basic Text SR Storage",
    "88.22": "Enhanced SR Storage",
    "88.33": "Comprehensive SR Storage",
    "88.34": "Comprehensive 3D SR Storage",
}
_SELECTIONS = {"88.59": "Key Object Selection Document Storage"}


def storage_classes() -> Mapping[str, StorageClass]:
    """Return the storage classes that are taken, by UID."""
    return _TAKEN


def kind_of(sop_class_uid: str) -> Kind:
    """Say what the instances of a SOP class are."""
    known = _TAKEN.get(sop_class_uid)
    return known.kind if known else Kind.OTHER


_TAKEN = {
    f"{_STORAGE}.{number}": StorageClass(f"{_STORAGE}.{number}", name, kind)
    for kind, names in ((Kind.IMAGE, _IMAGES), (Kind.REPORT, _REPORTS), (Kind.SELECTION, _SELECTIONS))
    for number, name in names.items()
}
