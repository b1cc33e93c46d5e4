"""What is done with a DICOM object before its sender is answered: its bytes are on disk and its row is committed.

A structured report goes to the inbox as any message does. An image or a selection of images is a file, and a row that
says which it is. The same instance again changes nothing and is answered as kept.
"""

from __future__ import annotations

import datetime as dt
from enum import IntEnum

from lienthong.core.actions import system_user
from lienthong.exchange.imaging.files import ImageFiles
from lienthong.exchange.imaging.report_reading import MESSAGE_TYPE
from lienthong.exchange.senders import SourceFacts
from lienthong.interop import dicom, hl7v2
from lienthong.interop.dicom import Code, Header, KeyObject, Kind
from lienthong.results import actions as results
from lienthong.results.actions import Arrival
from lienthong.results.imaging import actions as imaging
from lienthong.results.imaging.objects import REJECTIONS, ObjectDraft

LISTENER = "listener"


class Status(IntEnum):
    """Answers to C-STORE (PS3.4, annex B.2.3; PS3.7, annex C)."""

    KEPT = 0x0000
    NO_ROOM = 0xA700
    NOT_THE_CLASS = 0xA900
    NOT_UNDERSTOOD = 0xC000
    NOT_TAKEN = 0x0122
    FAILED = 0x0110


def keep(
    data: bytes, source: SourceFacts, files: ImageFiles, *, sop_class: str, sop_instance: str, at: dt.datetime
) -> Status:
    """Keep an object that a sender says is `sop_instance` of `sop_class`; raise OSError and Django's errors."""
    header, _findings = dicom.read_header(data)
    if header is None:
        return Status.NOT_UNDERSTOOD
    if (header.sop_class_uid, header.sop_instance_uid) != (sop_class, sop_instance):
        return Status.NOT_THE_CLASS
    if header.kind is Kind.REPORT:
        _receive(data, header, source, at=at)
        return Status.KEPT
    if header.kind is Kind.OTHER:
        return Status.NOT_TAKEN
    selection = dicom.read_key_object(data)[0] if header.kind is Kind.SELECTION else None
    if header.kind is Kind.SELECTION and selection is None:
        return Status.NOT_UNDERSTOOD
    draft = _draft(header, selection, source, digest=files.keep(data), size=len(data))
    imaging.keep_object(draft, by=system_user(LISTENER), at=at)
    return Status.KEPT


def _receive(data: bytes, header: Header, source: SourceFacts, *, at: dt.datetime) -> None:
    number = header.accession_number or header.study_uid
    arrival = Arrival(
        raw=data,
        received_at=at,
        source=source.code,
        sender=source.code,
        lane=f"{source.code}:{number}",
        control_id=header.sop_instance_uid,
        message_type=MESSAGE_TYPE,
    )
    results.receive([arrival], by=system_user(LISTENER), at=at)


def _why(title: Code) -> str:
    """Return for what instances were selected; of rejected ones in the words of DICOM."""
    return REJECTIONS.get(title.value, title.display) if title.scheme == "DCM" else title.display


def _draft(header: Header, selection: KeyObject | None, source: SourceFacts, *, digest: str, size: int) -> ObjectDraft:
    """Return what is written down of an image or a selection."""
    why = _why(selection.title) if selection and selection.title else ""
    taken = hl7v2.read_instant(header.acquired_at or header.studied_at)
    born = hl7v2.read_instant(header.birth_date)
    return ObjectDraft(
        source=source.code,
        facility_id=source.facility_id,
        kind=header.kind.value,
        sop_class_uid=header.sop_class_uid,
        sop_instance_uid=header.sop_instance_uid,
        series_uid=header.series_uid,
        study_uid=header.study_uid,
        modality=header.modality,
        accession_number=header.accession_number,
        patient_id=header.patient_id,
        birth_date=born.value.date() if born and born.value else None,
        title=why if selection else header.series_description,
        description=selection.description if selection else "",
        selected=tuple(one.sop_instance_uid for one in selection.references) if selection else (),
        is_burned_in=header.is_burned_in,
        taken_at=taken.at(source.zone) if taken else None,
        digest=digest,
        size=size,
    )
