"""DICOM (PS3.3, PS3.5, PS3.10): header, structured report, key object selection, and a small picture of an image.

Bytes in, dataclasses and findings out. The identifiers of a header and what is burned into pixels are what a device was
told by someone at its keyboard: they are read, and never proof of who the patient is.

Needs the extra `imaging` (pydicom, Pillow and pylibjpeg-openjpeg); without it the import raises DicomUnavailable.
"""

from lienthong.interop.dicom._classes import Kind, StorageClass, storage_classes
from lienthong.interop.dicom._content import Code, ContentItem, Reference
from lienthong.interop.dicom._dataset import DicomUnavailable
from lienthong.interop.dicom._header import Header, read_header
from lienthong.interop.dicom._key_object import KeyObject, read_key_object
from lienthong.interop.dicom._person_name import NameGroup, PersonName
from lienthong.interop.dicom._picture import LARGEST_PIXELS, draw_picture
from lienthong.interop.dicom._structured_report import Observer, StructuredReport, read_structured_report

__all__ = [
    "LARGEST_PIXELS",
    "Code",
    "ContentItem",
    "DicomUnavailable",
    "Header",
    "KeyObject",
    "Kind",
    "NameGroup",
    "Observer",
    "PersonName",
    "Reference",
    "StorageClass",
    "StructuredReport",
    "draw_picture",
    "read_header",
    "read_key_object",
    "read_structured_report",
    "storage_classes",
]
