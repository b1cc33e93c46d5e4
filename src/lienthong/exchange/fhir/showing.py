"""What was found, as resources: those as received with what the server says of them, and the house's own rows.

A sender reads its own resources under its own ids, everybody else under the names that they have here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lienthong.exchange.fhir.kinds import OF_PATIENT
from lienthong.exchange.fhir.own.imaging import imaging_study, media, studies_of
from lienthong.exchange.fhir.own.observations import marks, observation, observation_id
from lienthong.exchange.fhir.own.orders import service_request
from lienthong.exchange.fhir.own.patients import patient
from lienthong.exchange.fhir.own.reports import Beside, diagnostic_report, specimen
from lienthong.exchange.fhir.own.shelf import instant, shelf_for
from lienthong.exchange.fhir.placing import is_reference, references
from lienthong.exchange.imaging.archive import Archive, archive_of
from lienthong.interop.fhir import Element, loads
from lienthong.interop.fhir.r4.search import ReferenceValue, TokenValue, search_values
from lienthong.results import reads
from lienthong.results.imaging.reads import documents_of_reports, images_with_records, objects_of_reports
from lienthong.results.orders.reads import orders as orders_by_ids
from lienthong.results.reads import OrderFacts, Reach, ReportFacts, ResultFacts
from lienthong.results.resources.names import is_name, name_of
from lienthong.results.search import loading
from lienthong.results.search.conditions import Hit
from lienthong.results.search.imaging import reports_of_studies, study_id
from lienthong.results.search.loading import ResourceFacts
from lienthong.results.search.observations import split_id
from lienthong.results.search.versions import report_versions

# What tells in a resource of whom it is.
_NAMES_PATIENT = OF_PATIENT | {"identifier"}
# Facilities have one id for all.
_OF_REGISTRY = frozenset(("Organization", "Location"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource as the caller sees it; `record_id` is the patient record that is read with it.

    With `is_standing` it has what the server says of it now, which changes without a new version.
    """

    kind: str
    id: str
    version: int
    changed_at: dt.datetime
    element: Element
    record_id: int | None = None
    facility_id: int | None = None
    is_deleted: bool = False
    name: UUID | None = None
    is_standing: bool = False

    @property
    def reference(self) -> str:
        """How the caller names it."""
        return f"{self.kind}/{self.id}"

    @property
    def target(self) -> str:
        """How references name it here: a resource as received by its name, a row by its id."""
        return f"{self.kind}/{self.name or self.id}"

    @property
    def is_of_other(self) -> bool:
        """Whether it is a resource as received, of another sender than the one that reads it."""
        return self.name is not None and str(self.name) == self.id


def show(kind: str, hits: Sequence[Hit], *, reader: str, on: dt.date, reach: Reach | None = None) -> list[Shown]:
    """Return found resources in their order; `reader` is the code of the sender that asks, if it is one.

    The other records of a person are named as far as `reach` lets them be read.
    """
    names = [UUID(one.id) for one in hits if one.is_received]
    by_id = {str(one.name): one for one in loading.resources(names).values()}
    received = dict(zip(by_id, shown(list(by_id.values()), reader=reader), strict=True))
    rows = [one for one in hits if not one.is_received]
    if kind == "Observation":  # of which the hit tells the row itself
        of_rows = _observations(reads.results_by_id([one.changed for one in rows]), reader, on) if rows else []
    else:
        of_rows = show_own(kind, [one.id for one in rows], reader=reader, on=on, reach=reach)
    own = {one.id: one for one in of_rows}
    found = (received.get(one.id) if one.is_received else own.get(one.id) for one in hits)
    return [one for one in found if one]


def shown(facts: Sequence[ResourceFacts], *, reader: str) -> list[Shown]:
    """Return resources as received, in the names of the reader, with the marks of the results made of them."""
    if not facts:
        return []
    results = loading.results_of_resources([one.name for one in facts if one.kind == "Observation"])
    told = {name: [one] for name, one in results.items()}
    told |= loading.examinations_of_reports([one.name for one in facts if one.kind == "DiagnosticReport"])
    return _all_shown([(one, told.get(one.name, ())) for one in facts], reader)


def _all_shown(pairs: Sequence[tuple[ResourceFacts, Sequence[ResultFacts]]], reader: str) -> list[Shown]:
    """Return versions of resources, each with the results that give its marks."""
    trees = [(one, _tree(one), results) for one, results in pairs]
    names = _names_of_references([(one, tree) for one, tree, _results in trees if one.source != reader])
    return [_shown(one, tree, names if one.source != reader else None, results) for one, tree, results in trees]


def show_own(kind: str, ids: Sequence[str], *, reader: str, on: dt.date, reach: Reach | None = None) -> list[Shown]:
    """Return rows of the house in their current state."""
    if kind == "Patient" and ids:
        return _own_patients(ids, reader, on, reach)
    return _OWN[kind](ids, reader, on) if ids and kind in _OWN else []


def patients_shown(record_ids: Sequence[int], *, reader: str, on: dt.date, reach: Reach | None = None) -> list[Shown]:
    """Return the patients of some records: as they were received, else as the records tell them."""
    names = loading.patient_names(record_ids)
    received = shown(list(loading.resources([one.name for one in names.values()]).values()), reader=reader)
    others = [str(one) for one in record_ids if one not in names]
    return [*received, *show_own("Patient", others, reader=reader, on=on, reach=reach)]


def received_versions(now: Shown, *, reader: str, is_sender: bool) -> list[Shown]:
    """Return all versions of a resource as received, newest first.

    Who is not of the sender's facility reads those that tell of the same patient as the one that may be read now.
    """
    versions = loading.versions(now.name) if now.name else []
    patient = _patient_in(now.kind, _tree(versions[0])) if versions else frozenset()
    results = loading.result_versions(now.name) if now.name and now.kind == "Observation" else []
    told = [
        (one, _results_of(one, results, is_latest=one is versions[0]))
        for one in versions
        if is_sender or _is_of_same(patient, _patient_in(one.kind, _tree(one)))
    ]
    return _all_shown(told, reader)


def _results_of(version: ResourceFacts, results: Sequence[ResultFacts], *, is_latest: bool) -> Sequence[ResultFacts]:
    """Return what gives a version its marks: of the latest what stands now, else the last of its message or before."""
    if is_latest and version.kind == "DiagnosticReport":
        return loading.examinations_of_reports([version.name]).get(version.name, ())
    stood = [one for one in results if (one.is_current if is_latest else one.inbox_id <= version.inbox_id)]
    return stood[-1:]


def own_versions(now: Shown, *, reader: str, on: dt.date) -> list[Shown]:
    """Return all versions of a row, newest first, as far as they are kept: of a patient record the present one."""
    if now.kind == "Observation":
        return _observations(loading.results_by_ids([now.id]), reader, on)[::-1]
    if now.kind in ("DiagnosticReport", "Specimen"):
        return [now, *_earlier_reports(now, reader, on)]
    if now.kind == "ServiceRequest":
        found = reads.order(int(now.id))
        versions = [replace(found, now=state) for state in reversed(found.versions)] if found else []
        return _orders(versions, reader, on)
    return [now]


def _patient_in(kind: str, tree: Element) -> frozenset[str]:
    """Return by what a version names its patient: the numbers of a Patient, else what refers to one."""
    values = [one for code, several in search_values(tree, kind).items() if code in _NAMES_PATIENT for one in several]
    if kind == "Patient":
        return frozenset(one.code for one in values if isinstance(one, TokenValue))
    return frozenset(f"{one.type}/{one.id}" for one in values if isinstance(one, ReferenceValue))


def _is_of_same(patient: frozenset[str], other: frozenset[str]) -> bool:
    return bool(patient & other) or patient == other


def _tree(one: ResourceFacts) -> Element:
    found = loads(one.content) if one.content else {}
    return found if isinstance(found, dict) else {}


def _shown(
    one: ResourceFacts, tree: Element, names: Mapping[tuple[str, str], str] | None, results: Sequence[ResultFacts]
) -> Shown:
    id_ = one.own_id if names is None else str(one.name)
    said = tree.get("meta")
    own = {"versionId": str(one.version), "lastUpdated": instant(one.changed_at)}
    meta: Element = {**(said if isinstance(said, dict) else {}), **own}
    for key, values in (pair for result in results for pair in marks(result).items()):
        before = meta.get(key)
        meta[key] = [*(before if isinstance(before, list) else []), *(values if isinstance(values, list) else [])]
    body = {key: value for key, value in tree.items() if key not in ("resourceType", "id", "meta")}
    if names is not None:
        body = {key: _renamed(value, one.source, names) for key, value in body.items()}
    element: Element = {"resourceType": one.kind, "id": id_, "meta": meta, **body}
    return Shown(
        *(one.kind, id_, one.version, one.changed_at, element, one.patient_record_id, one.facility_id),
        is_deleted=one.is_deleted,
        name=one.name,
    )


def _names_of_references(trees: Iterable[tuple[ResourceFacts, Element]]) -> dict[tuple[str, str], str]:
    """Return for each reference of a sender the name that its target has here, or would have if it came.

    What may name a row of the house or another's resource stays as it is. An id of the sender's own never does: with
    who reads it, it might name another patient.
    """
    wanted = {
        (one.source, text): name_of(text.partition("/")[0], source=one.source, own_id=text.partition("/")[2])
        for one, tree in trees
        for text in references(tree)
        if text.count("/") == 1
    }
    there = loading.existing(set(wanted.values()))
    return {
        pair: f"{pair[1].partition('/')[0]}/{name}"
        for pair, name in wanted.items()
        if name in there or not _may_be_shared(pair[1])
    }


def _may_be_shared(reference: str) -> bool:
    kind, _slash, id_ = reference.partition("/")
    return not kind.isalpha() or kind in _OF_REGISTRY or is_name(id_) or id_.isdecimal() or split_id(id_) is not None


def _renamed(value: object, source: str, names: Mapping[tuple[str, str], str]) -> object:
    if isinstance(value, list):
        return [_renamed(one, source, names) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: names.get((source, one), one)
        if isinstance(one, str) and is_reference(key, one)
        else _renamed(one, source, names)
        for key, one in value.items()
    }


def _patients_of(record_ids: Iterable[int], reader: str) -> dict[int, str]:
    """Return the reference to the patient of each record: the Patient that it came as, else the record itself."""
    wanted = set(record_ids)
    names = loading.patient_names(wanted)
    found = {record: f"Patient/{record}" for record in wanted}
    for record, one in names.items():
        found[record] = f"Patient/{one.own_id if one.source == reader else one.name}"
    return found


def _own_results(ids: Sequence[str], reader: str, on: dt.date) -> list[Shown]:
    return _observations([one for one in loading.results_by_ids(ids) if one.is_current], reader, on)


def _observations(results: Sequence[ResultFacts], reader: str, on: dt.date) -> list[Shown]:
    shelf = shelf_for({one.facility_id for one in results}, [one.procedure_id for one in results], on=on)
    patients = _patients_of({one.patient_record_id for one in results}, reader)
    found = []
    for one in results:
        element = observation(one, shelf, patient=patients[one.patient_record_id])
        found.append(_of_row(element, observation_id(one), one.version, one.patient_record_id, one.facility_id))
    return found


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


def _own_specimens(ids: Sequence[str], reader: str, on: dt.date) -> list[Shown]:
    reports = loading.reports_by_ids([int(one) for one in ids])
    patients = _patients_of({one.patient.record_id for _changed, one in reports.values()}, reader)
    found = []
    for changed, one in reports.values():
        element = specimen(one, changed=changed, patient=patients[one.patient.record_id])
        found.append(_of_row(element, str(one.id), one.version, one.patient.record_id, one.facility_id))
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
