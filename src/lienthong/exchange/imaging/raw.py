"""A structured report as people see it in the inbox: its tree; patient and free text are hidden until asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from lienthong.exchange.raw_line import Line
from lienthong.findings import Finding

if TYPE_CHECKING:
    from lienthong.interop import dicom

PREFIX, AT = b"DICM", 128
# Values that a person typed, or that name one.
FREE = frozenset({"TEXT", "PNAME", "DATE", "DATETIME", "UIDREF"})


def is_dicom(data: bytes) -> bool:
    """Whether bytes are a DICOM file (PS3.10, section 7.1)."""
    return data[AT : AT + len(PREFIX)] == PREFIX


def lay_out_dicom(
    data: bytes, findings: Collection[Finding], *, with_patient: bool, codes: Collection[str]
) -> tuple[Line, ...]:
    """Lay out the tree of a report item by item, those with `codes` marked; nothing where it can't be read."""
    try:
        from lienthong.interop import dicom
    except ImportError:
        return ()
    report, _findings = dicom.read_structured_report(data)
    return tuple(_lines(report, with_patient, {one.where for one in findings}, codes)) if report else ()


def _lines(
    report: dicom.StructuredReport, with_patient: bool, faulty: Collection[str], codes: Collection[str]
) -> Iterator[Line]:
    told = report.header
    name = told.patient_name.display if told.patient_name else ""
    patient = " ".join(part for part in (told.patient_id, name, told.birth_date) if part)
    yield (
        ("(0010,0010) (0010,0020) (0010,0030) ", False, False),
        (patient if with_patient else "", False, not with_patient),
    )
    yield ((f"(0008,0050) {told.accession_number}", False, False),)
    for item in report.root.walk():
        concept = f" {item.concept.display}" if item.concept else ""
        head = f"{'  ' * item.place.count('.')}{item.place} {item.value_type}{concept}"
        referred = ", ".join(one.sop_instance_uid for one in item.references) or item.refers_to
        words = item.display or referred
        is_hidden = not with_patient and item.value_type in FREE
        meant = {one.value for one in (item.concept, item.code) if one}
        is_named = item.place in faulty or not meant.isdisjoint(codes)
        yield (f"{head}: " if words else head, is_named, False), ("" if is_hidden else words, False, is_hidden)
