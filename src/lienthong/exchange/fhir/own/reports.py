"""Reports as DiagnosticReports, and their specimens (R4, DiagnosticReport, Specimen)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lienthong.core.timekey import instant_of
from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.own.imaging import links_to_media, presented_forms, studies_of
from lienthong.exchange.fhir.own.observations import observation_id
from lienthong.exchange.fhir.own.shelf import Shelf, instant, meta
from lienthong.exchange.fhir.own.wording import STATUS
from lienthong.exchange.imaging.archive import Archive
from lienthong.interop.fhir import Element
from lienthong.results.imaging.reads import DocumentFacts, ObjectFacts
from lienthong.results.reads import ReportFacts, ResultFacts
from lienthong.results.search.imaging import study_id

_REPORT = {"system": systems.LOINC, "code": "11502-2", "display": "Laboratory report"}
_IMAGING_REPORT = {"system": systems.LOINC, "code": "18748-4", "display": "Diagnostic imaging study"}
_LABORATORY = {"system": systems.SECTION, "code": "LAB", "display": "Laboratory"}
_RADIOLOGY = {"system": systems.SECTION, "code": "RAD", "display": "Radiology"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the results of a report, and the archive of its sender."""

    documents: Sequence[DocumentFacts] = ()
    objects: Sequence[ObjectFacts] = ()
    archive: Archive = field(default_factory=lambda: Archive(""))


def diagnostic_report(
    report: ReportFacts, shelf: Shelf, beside: Beside, *, changed: int, patient: str, is_earlier: bool = False
) -> Element:
    """Return a report with its results; `changed` is the key of the message that it follows.

    It is one of imaging where all its results are examinations. An earlier version names the versions of the results
    that stood with it.
    """
    laboratory = shelf.organization(report.facility_id)
    is_imaging = bool(report.results) and all(shelf.is_examination(one.analyte_id) for one in report.results)
    found: Element = {
        "resourceType": "DiagnosticReport",
        "id": str(report.id),
        "meta": meta(version=report.version, changed_at=instant_of(changed), profile=systems.REPORT_PROFILE),
        "identifier": [{"system": systems.reports_of(report.source), "value": report.number}],
        "status": STATUS.get(report.status, "unknown"),
        "category": [{"coding": [_RADIOLOGY if is_imaging else _LABORATORY]}],
        "code": {"coding": [_IMAGING_REPORT if is_imaging else _REPORT]}
        | ({"text": report.service} if report.service else {}),
        "subject": {"reference": patient},
        "performer": [laboratory],
        "result": [{"reference": _result(one, is_earlier=is_earlier)} for one in report.results],
    }
    if report.placer_number:
        order = {"system": systems.orders_of(report.source), "value": report.placer_number}
        found["basedOn"] = [{"type": "ServiceRequest", "identifier": order}]
    if report.collected_at:
        found["effectiveDateTime"] = instant(report.collected_at)
    if report.released_at:
        found["issued"] = instant(report.released_at)
    if (report.specimen or report.collected_at) and not is_imaging:
        found["specimen"] = [{"reference": f"Specimen/{report.id}"}]
    if report.comment:
        found["conclusion"] = report.comment
    return {key: value for key, value in (found | _beside(report, beside)).items() if value != []}


def _beside(report: ReportFacts, beside: Beside) -> Element:
    studies = studies_of(beside.documents, beside.objects)
    return {
        "imagingStudy": [{"reference": f"ImagingStudy/{study_id(report.id, uid)}"} for uid in studies],
        "media": links_to_media(beside.objects),
        "presentedForm": presented_forms(beside.documents, beside.archive),
    }


def _result(one: ResultFacts, *, is_earlier: bool) -> str:
    reference = f"Observation/{observation_id(one)}"
    return f"{reference}/_history/{one.version}" if is_earlier else reference


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
