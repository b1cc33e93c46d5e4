"""A DICOM structured report in the form in which the pipeline reads results: patient, order, lines of the report.

The patient's number and name are those that the device was given; they are matched as those of any sender, and a
national number is never read from a header.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.exchange.single_reports import identity, instant, single_report
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import (
    Coded,
    EntityIdentifier,
    Header,
    Identifier,
    Observation,
    OruMessage,
    OruOrder,
    PatientIdentity,
    Person,
    PersonName,
)

if TYPE_CHECKING:
    from lienthong.interop import dicom

MESSAGE_TYPE, SECTION = "DICOM-SR", "RAD"
STUDY = Coded(code="113014", text="DICOM Study", system="DCM")
# Designators of PS3.16, section 8, in the words of HL7 table 0396.
SYSTEMS = {"LN": "LN", "SCT": "SCT", "DCM": "DCM"}
SEXES = {"M": "M", "F": "F", "O": "O"}
UNAVAILABLE = Finding("file", "dicom-unavailable", "DICOM is not read here: install the extra “imaging”, then replay.")


def parse(raw: bytes, source: SourceFacts) -> tuple[OruMessage, tuple[Finding, ...]]:
    """Parse a structured report as results; raise Unstorable where its form is broken."""
    try:
        from lienthong.interop import dicom
    except ImportError:
        raise Unstorable(UNAVAILABLE.code, [UNAVAILABLE]) from None
    report, findings = dicom.read_structured_report(raw)
    if report is None:
        raise Unstorable(findings[0].code, findings)
    return results_of(report), findings


def results_of(report: dicom.StructuredReport) -> OruMessage:
    """Return the report in the words of HL7."""
    told = report.header
    header = Header(
        sending_application=told.station,
        control_id=told.sop_instance_uid,
        processing_id="P",
        message_at=report.content_at,
    )
    return single_report(_identity(told), _order(report), header=header)


def _identity(told: dicom.Header) -> PatientIdentity:
    number = Identifier(value=told.patient_id, namespace=told.patient_id_issuer, type_code="PI")
    groups = told.patient_name.groups if told.patient_name else ()
    names = tuple(PersonName(family=one.family, given=one.given, middle=one.middle) for one in groups)
    return identity([number], names=names, birth_date=told.birth_date, sex=SEXES.get(told.sex))


def _order(report: dicom.StructuredReport) -> OruOrder:
    told = report.header
    request = next(iter(report.requests), None)
    placer = (request.placer_number if request else "") or told.accession_number
    filler = (request.filler_number if request else "") or told.accession_number or told.study_uid
    examined = instant(told.studied_at) or instant(told.acquired_at)
    verified = next((one.verified_at for one in report.observers if one.verified_at), "")
    service = report.procedure or (request.procedure if request else None) or report.title
    return OruOrder(
        service=_coded(service) if service else Coded(text=told.study_description),
        placer=EntityIdentifier(placer) if placer else None,
        filler=EntityIdentifier(filler),
        observed_at=examined,
        requesters=(),
        reported_at=instant(verified) or instant(report.content_at),
        section=SECTION,
        result_status=_status(report),
        ordinal=1,
        observations=tuple(_observations(report)),
    )


def _status(report: dicom.StructuredReport) -> str:
    """Final is what is complete and verified; a report that follows another corrects it (HL7 table 0085)."""
    if not (report.is_complete and report.is_verified):
        return "P"
    return "C" if report.predecessors else "F"


def _observations(report: dicom.StructuredReport) -> Iterator[Observation]:
    """Yield a line for each item that has a value in words, then the study's number."""
    status, number = _status(report), 0
    observers = tuple(_person(one) for one in report.observers if one.name)
    for item in report.root.walk():
        words = item.display
        if not words or item.relationship == "HAS CONCEPT MOD" or item.value_type == "UIDREF":
            continue
        number += 1
        yield Observation(
            code=_coded(item.concept) if item.concept else Coded(),
            value_type="TX",
            values=(words,),
            status=status,
            observers=observers,
            ordinal=number,
            sub_id=item.place,
        )
    uid = report.header.study_uid
    yield Observation(code=STUDY, value_type="ST", values=(uid,), status=status, ordinal=number + 1)


def _person(observer: dicom.Observer) -> Person:
    group = next(iter(observer.name.groups)) if observer.name else None
    return Person(family=group.family, given=group.given, middle=group.middle) if group else Person()


def _coded(code: dicom.Code) -> Coded:
    return Coded(code=code.value, text=code.meaning, system=SYSTEMS.get(code.scheme, code.scheme))
