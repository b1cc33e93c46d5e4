"""The house's own rows as resources, in their current state and, as far as they are kept, in their earlier ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from lienthong.exchange.fhir.own.imaging import imaging_study, media, studies_of
from lienthong.exchange.fhir.own.observations import observation, observation_id
from lienthong.exchange.fhir.own.orders import service_request
from lienthong.exchange.fhir.own.patients import patient
from lienthong.exchange.fhir.own.reports import Beside, diagnostic_report, specimen
from lienthong.exchange.fhir.own.shelf import shelf_for
from lienthong.exchange.fhir.shown import Shown
from lienthong.exchange.imaging.archive import Archive, archive_of
from lienthong.exchange.terms.codebook import Edition
from lienthong.interop.fhir import Element
from lienthong.results import reads
from lienthong.results.imaging.reads import documents_of_reports, images_with_records, objects_of_reports
from lienthong.results.orders.reads import orders as orders_by_ids
from lienthong.results.reads import OrderFacts, Reach, ReportFacts, ResultFacts
from lienthong.results.search import loading
from lienthong.results.search.imaging import reports_of_studies, study_id
from lienthong.results.search.versions import report_versions


def show_own(kind: str, ids: Sequence[str], *, reader: str, on: dt.date, reach: Reach | None = None) -> list[Shown]:
    """Return rows of the house in their current state."""
    if kind == "Patient" and ids:
        return _own_patients(ids, reader, on, reach)
    return _OWN[kind](ids, reader, on) if ids and kind in _OWN else []


def own_versions(now: Shown, *, reader: str, on: dt.date) -> list[Shown]:
    """Return all versions of a row, newest first, as far as they are kept: of a patient record the present one."""
    if now.kind == "Observation":
        return show_observations(loading.results_by_ids([now.id]), reader=reader, on=on)[::-1]
    if now.kind in ("DiagnosticReport", "Specimen"):
        return [now, *_earlier_reports(now, reader, on)]
    if now.kind == "ServiceRequest":
        found = reads.order(int(now.id))
        versions = [replace(found, now=state) for state in reversed(found.versions)] if found else []
        return _orders(versions, reader, on)
    return [now]


def show_observations(
    results: Sequence[ResultFacts], *, reader: str, on: dt.date, edition: Edition | None = None
) -> list[Shown]:
    """Return versions of results, in their order."""
    facilities, procedures = {one.facility_id for one in results}, [one.procedure_id for one in results]
    shelf = shelf_for(facilities, procedures, on=on, edition=edition)
    patients = _patients_of({one.patient_record_id for one in results}, reader)
    found = []
    for one in results:
        element = observation(one, shelf, patient=patients[one.patient_record_id])
        found.append(_of_row(element, observation_id(one), one.version, one.patient_record_id, one.facility_id))
    return found


def _own_patients(ids: Sequence[str], reader: str, on: dt.date, reach: Reach | None) -> list[Shown]:
    records = loading.patients_by_ids([int(one) for one in ids])
    shelf = shelf_for({one.facility_id for _changed, one in records.values()}, on=on)
    same = loading.records_of_persons(list(records))
    together = {other for several in same.values() for other in several}
    others = _patients_of(reach.relations(together) if reach else (), reader)
    found = []
    for record_id, (changed_at, one) in records.items():
        named = [others[other] for other in same.get(record_id, ()) if other in others]
        element = patient(one, shelf, changed_at=changed_at, same_person=named)
        found.append(_of_row(element, str(record_id), 1, record_id, one.facility_id))
    return found


def _own_results(ids: Sequence[str], reader: str, on: dt.date) -> list[Shown]:
    results = [one for one in loading.results_by_ids(ids) if one.is_current]
    return show_observations(results, reader=reader, on=on)


def _own_reports(ids: Sequence[str], reader: str, on: dt.date) -> list[Shown]:
    reports = loading.reports_by_ids([int(one) for one in ids])
    shelf = shelf_for({one.facility_id for _changed, one in reports.values()}, [None], on=on)
    patients = _patients_of({one.patient.record_id for _changed, one in reports.values()}, reader)
    beside = _beside([one for _changed, one in reports.values()])
    found = []
    for changed, one in reports.values():
        patient_ = patients[one.patient.record_id]
        element = diagnostic_report(one, shelf, beside[one.id], changed=changed, patient=patient_)
        found.append(_of_row(element, str(one.id), one.version, one.patient.record_id, one.facility_id))
    return found


def _earlier_reports(now: Shown, reader: str, on: dt.date) -> list[Shown]:
    """Return the versions of a report, or of its specimen, before the present one, newest first."""
    versions = [one for one in report_versions(int(now.id)) if one.facts.version < now.version]
    shelf = shelf_for({one.facts.facility_id for one in versions}, on=on)
    patients = _patients_of({one.facts.patient.record_id for one in versions}, reader)
    found = []
    for one in versions:
        report, reference = one.facts, patients[one.facts.patient.record_id]
        if now.kind == "Specimen":
            element = specimen(report, changed=one.changed, patient=reference)
        else:
            element = diagnostic_report(
                report, shelf, Beside(), changed=one.changed, patient=reference, is_earlier=True
            )
        found.append(_of_row(element, now.id, report.version, report.patient.record_id, report.facility_id))
    return found


def _own_specimens(ids: Sequence[str], reader: str, on: dt.date) -> list[Shown]:
    reports = loading.reports_by_ids([int(one) for one in ids])
    patients = _patients_of({one.patient.record_id for _changed, one in reports.values()}, reader)
    found = []
    for changed, one in reports.values():
        element = specimen(one, changed=changed, patient=patients[one.patient.record_id])
        found.append(_of_row(element, str(one.id), one.version, one.patient.record_id, one.facility_id))
    return found


def _own_orders(ids: Sequence[str], reader: str, on: dt.date) -> list[Shown]:
    return _orders(orders_by_ids([int(one) for one in ids]), reader, on)


def _orders(orders: Sequence[OrderFacts], reader: str, on: dt.date) -> list[Shown]:
    shelf = shelf_for({one.facility_id for one in orders}, on=on)
    patients = _patients_of({one.patient_record_id for one in orders}, reader)
    found = []
    for one in orders:
        element = service_request(one, shelf, patient=patients[one.patient_record_id])
        found.append(_of_row(element, str(one.id), one.now.version, one.patient_record_id, one.facility_id))
    return found


def _own_studies(ids: Sequence[str], reader: str, on: dt.date) -> list[Shown]:
    reports = loading.reports_by_ids(reports_of_studies(ids))
    patients = _patients_of({one.patient.record_id for _changed, one in reports.values()}, reader)
    beside = _beside([one for _changed, one in reports.values()])
    found = []
    for changed, one in reports.values():
        its = beside[one.id]
        for uid in studies_of(its.documents, its.objects):
            patient_ = patients[one.patient.record_id]
            element = imaging_study(one, uid, its.objects, its.archive, changed=changed, patient=patient_)
            id_ = study_id(one.id, uid)
            found.append(_of_row(element, id_, one.version, one.patient.record_id, one.facility_id))
    return [one for one in found if one.id in ids]


def _beside(reports: Sequence[ReportFacts]) -> dict[int, Beside]:
    """Return what stands beside the results of some reports."""
    ids = [one.id for one in reports]
    documents, objects = documents_of_reports(ids), objects_of_reports(ids)
    archives = {one.source: archive_of(one.source) for one in reports if one.id in documents or one.id in objects}
    return {
        one.id: Beside(documents.get(one.id, ()), objects.get(one.id, ()), archives.get(one.source, Archive("")))
        for one in reports
    }


def _own_media(ids: Sequence[str], reader: str, on: dt.date) -> list[Shown]:
    images = images_with_records([int(one) for one in ids])
    shelf = shelf_for({one.facility_id for one, _record in images}, on=on)
    patients = _patients_of({record for _one, record in images}, reader)
    return [
        _of_row(media(one, shelf, patient=patients[record]), str(one.id), 1, record, one.facility_id)
        for one, record in images
    ]


def _patients_of(record_ids: Iterable[int], reader: str) -> dict[int, str]:
    """Return the reference to the patient of each record: the Patient that it came as, else the record itself."""
    wanted = set(record_ids)
    found = {record: f"Patient/{record}" for record in wanted}
    for record, one in loading.patient_names(wanted).items():
        found[record] = f"Patient/{one.own_id if one.source == reader else one.name}"
    return found


def _of_row(element: Element, id_: str, version: int, record_id: int, facility_id: int) -> Shown:
    meta = element["meta"]
    said = str(meta["lastUpdated"]) if isinstance(meta, dict) else ""
    changed_at = dt.datetime.fromisoformat(said.replace("Z", "+00:00"))
    return Shown(str(element["resourceType"]), id_, version, changed_at, element, record_id, facility_id)


_OWN: Mapping[str, Callable[[Sequence[str], str, dt.date], list[Shown]]] = {
    "DiagnosticReport": _own_reports,
    "ImagingStudy": _own_studies,
    "Media": _own_media,
    "Observation": _own_results,
    "ServiceRequest": _own_orders,
    "Specimen": _own_specimens,
}
