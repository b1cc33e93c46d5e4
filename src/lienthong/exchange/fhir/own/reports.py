"""Reports as DiagnosticReports, and their specimens (R4, DiagnosticReport, Specimen)."""

from __future__ import annotations

from lienthong.core.timekey import instant_of
from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.own.observations import observation_id
from lienthong.exchange.fhir.own.shelf import Shelf, instant, meta
from lienthong.exchange.fhir.own.wording import STATUS
from lienthong.interop.fhir import Element
from lienthong.results.reads import ReportFacts

_REPORT = {"system": systems.LOINC, "code": "11502-2", "display": "Laboratory report"}


def diagnostic_report(report: ReportFacts, shelf: Shelf, *, changed: int, patient: str) -> Element:
    """Return a report with its current results; `changed` is the key of the message that it follows."""
    laboratory = shelf.organization(report.facility_id)
    found: Element = {
        "resourceType": "DiagnosticReport",
        "id": str(report.id),
        "meta": meta(version=report.version, changed_at=instant_of(changed), profile=systems.REPORT_PROFILE),
        "identifier": [{"system": systems.reports_of(report.source), "value": report.number}],
        "status": STATUS[report.status],
        "category": [{"coding": [{"system": systems.SECTION, "code": "LAB", "display": "Laboratory"}]}],
        "code": {"coding": [_REPORT], **({"text": report.service} if report.service else {})},
        "subject": {"reference": patient},
        "performer": [laboratory],
        "result": [{"reference": f"Observation/{observation_id(one)}"} for one in report.results],
    }
    if report.placer_number:
        order = {"system": systems.orders_of(report.source), "value": report.placer_number}
        found["basedOn"] = [{"type": "ServiceRequest", "identifier": order}]
    if report.collected_at:
        found["effectiveDateTime"] = instant(report.collected_at)
    if report.released_at:
        found["issued"] = instant(report.released_at)
    if report.specimen or report.collected_at:
        found["specimen"] = [{"reference": f"Specimen/{report.id}"}]
    if report.comment:
        found["conclusion"] = report.comment
    return {key: value for key, value in found.items() if value != []}


def specimen(report: ReportFacts, *, changed: int, patient: str) -> Element:
    """Return the specimen of a report, under the report's key."""
    found: Element = {
        "resourceType": "Specimen",
        "id": str(report.id),
        "meta": meta(version=report.version, changed_at=instant_of(changed)),
        "subject": {"reference": patient},
    }
    if report.specimen:
        found["type"] = {"text": report.specimen}
    if report.received_at:
        found["receivedTime"] = instant(report.received_at)
    if report.collected_at:
        found["collection"] = {"collectedDateTime": instant(report.collected_at)}
    return found
