"""One report of one patient in the words of HL7, for kinds of messages that hold no more: a pushed report, DICOM SR."""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import (
    Address,
    Header,
    Identifier,
    Instant,
    OruMessage,
    OruOrder,
    PatientIdentity,
    PatientResults,
    PersonName,
    Telecom,
)

ORU = Header(message_code="ORU", trigger_event="R01")


def single_report(patient: PatientIdentity, order: OruOrder, *, header: Header = ORU) -> OruMessage:
    """Return the message that holds one order with its results for one patient."""
    return OruMessage(header=header, patients=(PatientResults(patient=patient, orders=(order,)),))


def identity(
    numbers: Iterable[Identifier],
    *,
    names: Iterable[PersonName],
    birth_date: str,
    sex: str | None,
    phone: str = "",
    address: str = "",
) -> PatientIdentity:
    """Return who a patient is; numbers without a value are left out, `birth_date` is YYYYMMDD, or less of it."""
    return PatientIdentity(
        identifiers=tuple(one for one in numbers if one.value),
        names=tuple(names),
        birth=instant(birth_date),
        sex=sex,
        phones=(Telecom(number=phone),) if phone else (),
        addresses=(Address(street=address),) if address else (),
    )


def instant(text: str) -> Instant | None:
    """Return a date or a time as HL7 and DICOM write it; None where there is none."""
    return hl7v2.read_instant(text) if text else None
