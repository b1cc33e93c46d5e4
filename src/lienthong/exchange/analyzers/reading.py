"""An analyser's ASTM message in the form in which the pipeline reads results: patients, orders, observations.

An analyser seldom knows the patient: its results belong to the order of the specimen's number.
"""

from __future__ import annotations

import re

from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import astm, hl7v2
from lienthong.interop.hl7v2 import (
    Coded,
    Comment,
    EntityIdentifier,
    Header,
    Identifier,
    Observation,
    OruMessage,
    OruOrder,
    PatientIdentity,
    PatientResults,
    Person,
    PersonName,
    Specimen,
)

# With these findings the message itself is in doubt, not one of its results.
STRUCTURE = frozenset({"record-order", "terminator-missing", "measurand-missing", "after-terminator"})
ABORTED = frozenset("TRE")  # L-3: the sender or the receiver broke off, or an error that nobody knows
# R-9 to OBX-11 (HL7 table 0085). Replicates and results sent before are final, doubtful and partial ones are not.
STATUS = {**dict.fromkeys("FVRQM", "F"), "C": "C", "X": "X", "N": "I", "I": "I"}
SEXES = {"M": "M", "F": "F", "U": "U"}
_NUMBER = re.compile(r"[<>]?=?\s*[+-]?\d+(?:\.\d+)?")
_LIMIT = re.compile(r"[+-]?\d+(?:\.\d+)?")


def parse(raw: bytes, source: SourceFacts) -> tuple[OruMessage, tuple[Finding, ...]]:
    """Parse an ASTM message as results; raise Unstorable where its form is broken."""
    message, findings = astm.parse(raw, default_charset=source.default_charset)
    if message is None:
        raise Unstorable(findings[0].code, findings)
    read, more = astm.read_results(message)
    findings = (*findings, *more)
    if read.termination[:1] in ABORTED:
        told = Finding(
            "L-3", "truncated", "L-3 says that the message was broken off; the analyser has to send it again."
        )
        raise Unstorable("truncated", (*findings, told))
    if any(finding.code in STRUCTURE for finding in findings):
        raise Unstorable("structure", findings)
    return results_of(read, source), findings


def results_of(read: astm.AnalyzerMessage, source: SourceFacts) -> OruMessage:
    """Return the message in the words of HL7; positions stay those of the ASTM records."""
    sender = read.sender
    header = Header(
        sending_application="^".join(sender.parts),
        control_id=sender.control_id,
        processing_id=sender.processing_id[:1],
        version=sender.version,
        message_at=sender.sent_at.text if sender.sent_at else "",
    )
    patients = tuple(
        PatientResults(
            patient=_identity(patient),
            orders=tuple(_order(one, sender, source) for one in patient.orders if one.results),
            comments=tuple(Comment(one.text) for one in patient.comments),
        )
        for patient in read.patients
    )
    return OruMessage(header=header, patients=patients)


def _identity(patient: astm.Patient) -> PatientIdentity:
    pairs = ((patient.practice_id, "MR"), (patient.laboratory_id, "PI"), (patient.other_id, "XX"))
    return PatientIdentity(
        identifiers=tuple(Identifier(value=value, type_code=kind) for value, kind in pairs if value),
        names=(PersonName(family=patient.family_name, given=patient.given_name, middle=patient.middle_name),),
        birth=hl7v2.read_instant(f"{patient.birth_date:%Y%m%d}") if patient.birth_date else None,
        sex=SEXES.get(patient.sex.upper()),
    )


def _order(order: astm.TestOrder, sender: astm.Sender, source: SourceFacts) -> OruOrder:
    number = order.specimen_id or order.instrument_specimen_id
    is_control = order.is_quality_control or source.is_control_specimen(number)
    specimen = Specimen(
        placer=EntityIdentifier(order.specimen_id) if order.specimen_id else None,  # O-4 is the analyser's own
        filler=EntityIdentifier(number),
        type=Coded(code=order.descriptor, text=order.descriptor) if order.descriptor else None,
        roles=(Coded(code="Q" if is_control else "P"),),
        collected_at=order.collected_at,
        received_at=order.received_at,
    )
    return OruOrder(
        service=_coded(order.measurands[0]) if order.measurands else Coded(),
        filler=EntityIdentifier(number),
        requesters=(Person(family=order.physician),) if order.physician else (),
        specimens=(specimen,),
        requested_at=order.requested_at,
        reported_at=order.reported_at,
        result_status=order.report_types[0] if order.report_types and order.report_types[0] in "CFPX" else "",
        observations=tuple(_observation(one, sender) for one in order.results),
        comments=tuple(Comment(one.text) for one in order.comments),
        segment="O",
        ordinal=_ordinal(order.position),
    )


def _observation(result: astm.TestResult, sender: astm.Sender) -> Observation:
    value = "" if result.has_no_value else " ".join(part for part in result.value.split("^") if part.strip())
    return Observation(
        code=_coded(result.measurand),
        value_type="NM" if _NUMBER.fullmatch(value) and value[:1] not in "<>=" else "ST",
        values=(value,) if value else (),
        unit=Coded(code=result.unit, text=result.unit) if result.unit else None,
        reference_range=_range(result.range),
        interpretations=tuple(Coded(code=flag) for flag in result.flags),
        status=STATUS.get(result.status, "P") if result.status else "F",
        analysed_at=result.completed_at or result.started_at,
        instruments=tuple(EntityIdentifier(part) for part in (*result.instrument, *sender.parts) if part),
        comments=tuple(Comment(one.text) for one in result.comments),
        segment="R",
        ordinal=_ordinal(result.position),
    )


def _ordinal(position: str) -> int:
    """Return the number in a record's name: 3 of `R(3)`."""
    return int(position[2:-1]) if position else 0


def _coded(measurand: astm.Measurand) -> Coded:
    """The local code, and beside it a standard's where the analyser tells one."""
    local = Coded(code=measurand.local_code, text=measurand.name)
    if not measurand.code:
        return local
    return Coded(
        code=measurand.code,
        text=measurand.name,
        system=measurand.system or "",
        alt_code=measurand.local_code,
        alt_text="",
        alt_system="",
    )


def _range(text: str) -> str:
    """`3.9 6.4` are the components of one interval; what is written otherwise stays."""
    limits = text.split()
    if len(limits) == 2 and all(_LIMIT.fullmatch(one) for one in limits):
        return "-".join(limits)
    return text
