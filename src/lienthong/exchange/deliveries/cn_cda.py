"""China's laboratory and examination reports in CDA: a document is one report."""

from __future__ import annotations

import re

from lienthong.exchange.deliveries.pieces import Piece, Split
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import cn_cda
from lienthong.interop.cn_cda import ITEM, REPORT
from lienthong.interop.hl7v2 import Header, OruMessage

MESSAGE_TYPE = "CDA"
# Where the pipeline's findings name an element of HL7, the element that it was read from.
PLACES = {
    "OBR-3": "id",
    "PID-3": "recordTarget/patientRole/id",
    "PID-5": "recordTarget/patientRole/patient/name",
    "PID-7": "recordTarget/patientRole/patient/birthTime",
    "PID-8": "recordTarget/patientRole/patient/administrativeGenderCode",
    f"{REPORT}-3": "id",
    f"{REPORT}-4": "item[{ordinal}]/code",
    f"{REPORT}-7": "item[{ordinal}]/specimen/effectiveTime",
    "findings-3": "entry/observation[findings]",
    "conclusion-3": "entry/observation[conclusion]",
    f"{ITEM}-3": "item[{ordinal}]/code",
    f"{ITEM}-5": "item[{ordinal}]/value",
    f"{ITEM}-6": "item[{ordinal}]/unit",
}
_INSTITUTION = re.compile(r"[0-9A-Z]{9}|[0-9A-Z]{18}|[0-9A-Z]{22}", re.ASCII)


def is_of_kind(data: bytes) -> bool:
    """Whether bytes are a CDA document."""
    return cn_cda.is_document(data)


def split(data: bytes) -> Split:
    """Return the document as its one piece, byte for byte; none where it can't be read, or is of another kind."""
    document, findings = cn_cda.read_document(data)
    if document is None:
        return Split((), findings)
    number, told = cn_cda.number_of(document)
    return Split((Piece(number, data, "ClinicalDocument"),), (*findings, *told))


def parse(raw: bytes, source: SourceFacts) -> tuple[OruMessage, tuple[Finding, ...]]:
    """Read a document as results; raise Unstorable where it is no report, or of another institution."""
    document, found = cn_cda.read_document(raw)
    if document is None:
        raise Unstorable("structure", found)
    findings = list(found)
    custodian = document.custodian.identifier if document.custodian else ""
    if is_other_institution(custodian, source.facility_code):
        place = "custodian/assignedCustodian/representedCustodianOrganization/id"
        told = f"{place} is not the facility of this sender; send it as the sender that is registered for it."
        raise Unstorable("other-facility", [*findings, Finding(place, "other-facility", told)])
    patient = cn_cda.results_of(document, findings)
    if patient is None:
        told = "recordTarget is missing; it must name the patient."
        raise Unstorable("patient-missing", [*findings, Finding("recordTarget", "patient-missing", told)])
    header = Header(
        sending_facility=custodian,
        message_code=MESSAGE_TYPE,
        control_id=document.id,
        message_at=document.written_at.text if document.written_at else "",
    )
    return OruMessage(header, (patient,)), tuple(findings)


def is_other_institution(told: str, registered: str) -> bool:
    """Whether a document is of another institution: only codes of one form can be compared."""
    are_codes = bool(_INSTITUTION.fullmatch(told) and _INSTITUTION.fullmatch(registered))
    return are_codes and len(told) == len(registered) and told != registered
