"""Hospitals' exports and documents as HL7 v2 messages, for `exchange convert`: one a report."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from lienthong.findings import Finding
from lienthong.interop import cn_cda, hl7v2, vn_xml
from lienthong.interop.hl7v2 import Header, Message, OruMessage, PatientResults

SUFFIX = ".xml"
Converted = tuple[Message | None, tuple[Finding, ...]]


def exported_messages(data: bytes) -> Iterator[Converted]:
    """Yield a result message (ORU^R01) for each report of an export or a document, or None and why there is none."""
    if cn_cda.is_document(data):
        yield _of_document(data)
    elif vn_xml.is_export(data):
        yield from _of_export(data)
    else:
        told = (
            "The file is neither the export GIAMDINHHS, one of its tables XML1, XML3 and XML4, nor a ClinicalDocument."
        )
        yield None, (Finding("file", "unknown-kind", told),)


def _of_document(data: bytes) -> Converted:
    document, found = cn_cda.read_document(data)
    findings = list(found)
    results = cn_cda.results_of(document, findings) if document else None
    if document is None or results is None:
        told = Finding("recordTarget", "patient-missing", "recordTarget is missing; it must name the patient.")
        return None, tuple(findings or [told])
    custodian = document.custodian.identifier if document.custodian else ""
    written = document.written_at.text if document.written_at else ""
    return _message(results, facility=custodian, control_id=document.id, at=written), tuple(findings)


def _of_export(data: bytes) -> Iterator[Converted]:
    reading = vn_xml.Reading()
    for stay in vn_xml.read_stays(data, reading):
        findings = [*reading.findings]
        reading.findings.clear()
        results = vn_xml.results_of(stay, findings) if stay.results else None
        if results is None:
            place = f"{stay.position}/XML1" if stay.position else "XML1"
            told = Finding(place, "patient-missing", f"{place} is missing; the stay has no patient.")
            no_results = Finding(stay.position or "XML4", "no-results", "The stay has no results.")
            yield None, (*findings, told if stay.results else no_results)
            continue
        facility = stay.patient.facility if stay.patient else ""
        for number in dict.fromkeys(order.filler_order_number for order in results.orders):
            of_report = tuple(order for order in results.orders if order.filler_order_number == number)
            yield (
                _message(replace(results, orders=of_report), facility=facility, control_id=number, at=""),
                tuple(findings),
            )
            findings = []
    if reading.findings:
        yield None, tuple(reading.findings)


def _message(results: PatientResults, *, facility: str, control_id: str, at: str) -> Message:
    header = Header(
        sending_facility=facility,
        message_at=at,
        message_code="ORU",
        trigger_event="R01",
        message_structure="ORU_R01",
        control_id=control_id,
        processing_id="P",
        version="2.5.1",
        charset="UNICODE UTF-8",
    )
    return hl7v2.make_oru(OruMessage(header, (results,)))
