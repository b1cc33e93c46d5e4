"""From a FHIR R4 Bundle to an HL7 v2.5.1 message: ORU^R01, OML^O21 or ADT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from lienthong.findings import Finding
from lienthong.interop.fhir._index import Index, Resource
from lienthong.interop.fhir._json import as_element, dumps, element_at, elements_at, text_at
from lienthong.interop.fhir._lines import Line
from lienthong.interop.fhir._origins import Origins
from lienthong.interop.fhir._systems import system_name
from lienthong.interop.fhir._times import time_back
from lienthong.interop.fhir._v2_patient import al1, dg1, mrg, nk1, notes, pd1, pid, visit
from lienthong.interop.fhir._v2_results import obr, obx, orc, spm
from lienthong.interop.fhir._v2_types import endpoint, hd
from lienthong.interop.hl7v2 import STANDARD, Message, Segment, write_instant

_NAMESPACE = UUID("2d5b3d4e-1f0c-5f3e-8a5a-0b9f4e6a7c11")
_MERGES = frozenset(("A34", "A35", "A36", "A39", "A40", "A41", "A42", "A45", "A47"))
_ORDER_EVENTS = frozenset(("O01", "O21", "O33", "O35"))
_STRUCTURES = {
    **dict.fromkeys(("A01", "A04", "A08", "A13"), "ADT_A01"),
    **dict.fromkeys(("A05", "A14", "A28", "A31"), "ADT_A05"),
    "A02": "ADT_A02",
    "A03": "ADT_A03",
    **dict.fromkeys(("A39", "A40", "A41", "A42"), "ADT_A39"),
    "A45": "ADT_A45",
    **dict.fromkeys(("A34", "A35", "A36", "A46", "A47", "A48", "A49"), "ADT_A30"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A message; None, with the reason, where the Bundle holds nothing that a message could be made of.

    `origins` tells what its segments were made of.
    """

    message: Message | None
    findings: tuple[Finding, ...] = ()
    origins: Origins = field(default_factory=Origins, compare=False)


@dataclass(frozen=True, slots=True)
class _Group:
    """An order, its report, its results and its specimens; what is not there is empty."""

    request: Resource
    report: Resource
    observations: list[Resource]
    questions: list[Resource]
    specimens: list[Resource]
    patient: Resource


def from_bundle(bundle: object, *, at: datetime | None = None) -> Written:
    """Write a Bundle as an HL7 v2.5.1 message: results as ORU^R01, orders as OML^O21, patients and visits as ADT.

    `at` is MSH-7 where the Bundle has no timestamp, and must have a zone. Any JSON is read; what is no Bundle gives a
    finding.
    """
    resource = as_element(bundle)
    if resource.get("resourceType") != "Bundle":
        return Written(None, (Finding("Bundle", "not-a-bundle", "The JSON must be a FHIR resource of type Bundle."),))
    index = Index(resource)
    header = index.first("MessageHeader")
    groups = _groups(index)
    code, event = _message_type(header, index, groups)
    if not code:
        text = "The Bundle must hold a Patient, an Encounter, a ServiceRequest, a DiagnosticReport or an Observation."
        return Written(None, (Finding("Bundle", "nothing-to-write", text),))
    msh = _msh(resource, header, index, (code, event), at)
    if code == "ADT":
        body = [_evn(event, msh), *_adt(index, event)]
    else:
        body = _orders(index, groups, gives_results=code == "ORU")
    message = Message((msh, *body), STANDARD, "utf-8")
    origins = Origins(index.every)
    origins.note(index.made_of, message.segments)
    return Written(message, origins=origins)


def _message_type(header: Resource, index: Index, groups: list[_Group]) -> tuple[str, str]:
    """The header's event decides between results and an order; without one, whether there are results."""
    event = text_at(header, "eventCoding", "code")
    if groups:
        has_results = any(one.report or one.observations for one in groups)
        return ("OML", "O21") if event in _ORDER_EVENTS or not has_results else ("ORU", "R01")
    if index.first("Patient") or index.first("Encounter"):
        is_event = len(event) == 3 and event.startswith("A") and event[1:].isdigit()
        return "ADT", event if is_event else ("A08" if index.first("Encounter") else "A31")
    return "", ""


def _groups(index: Index) -> list[_Group]:
    """Return orders in the order of their reports; then requests without a report, then lone observations.

    An observation that no report has belongs to the request that it is based on, or to the only one.
    """
    found = [_of_report(report, index) for report in index.of("DiagnosticReport")]
    used = {id(one.request) for one in found if one.request}
    found.extend(_of_request(request, index) for request in index.of("ServiceRequest") if id(request) not in used)
    taken = {id(one) for group in found for one in (*group.observations, *group.questions)}
    for observation in index.of("Observation"):
        if id(observation) in taken or _is_about_specimen(observation, index):
            continue
        based_on = index.all_of(observation, "basedOn")
        owner = next((one for one in found if any(one.request is request for request in based_on)), None)
        if owner is None and len(found) == 1 and found[0].request and not found[0].report:
            owner = found[0]
        if owner:
            owner.observations.append(observation)
        else:
            found.append(_lone(observation, index))
    if len(found) == 1 and not found[0].specimens:
        found[0].specimens.extend(index.of("Specimen"))
    return found


def _of_report(report: Resource, index: Index) -> _Group:
    requests = [one for one in index.all_of(report, "basedOn") if one.get("resourceType") == "ServiceRequest"]
    request = requests[0] if requests else {}
    results = _with_members(index.all_of(report, "result"), index)
    specimens = index.all_of(report, "specimen") or index.all_of(request, "specimen")
    for observation in results:
        specimen = index.resolve(element_at(observation, "specimen"), observation)
        if specimen and not any(specimen is one for one in specimens):
            specimens.append(specimen)
    patient = index.resolve(element_at(report, "subject"), report)
    return _Group(request, report, results, _questions(request, index, results), specimens, patient)


def _of_request(request: Resource, index: Index) -> _Group:
    patient = index.resolve(element_at(request, "subject"), request)
    specimens = index.all_of(request, "specimen")
    return _Group(request, {}, [], _questions(request, index, []), specimens, patient)


def _lone(observation: Resource, index: Index) -> _Group:
    report = {"code": observation.get("code"), "status": observation.get("status")}
    specimens = index.all_of(observation, "specimen")
    return _Group({}, report, [observation], [], specimens, index.resolve(element_at(observation, "subject")))


def _with_members(results: list[Resource], index: Index) -> list[Resource]:
    """Return results and, behind each, those that it holds as a panel (hasMember)."""
    found: list[Resource] = []
    queue = list(results)
    while queue:
        one = queue.pop(0)
        if one.get("resourceType") == "Observation" and not any(one is other for other in found):
            found.append(one)
            queue[:0] = index.all_of(one, "hasMember")
    return found


def _questions(request: Resource, index: Index, results: list[Resource]) -> list[Resource]:
    every = index.all_of(request, "supportingInfo")
    return [
        one for one in every if one.get("resourceType") == "Observation" and not any(one is other for other in results)
    ]


def _is_about_specimen(observation: Resource, index: Index) -> bool:
    return any(one.get("resourceType") == "Specimen" for one in index.all_of(observation, "focus"))


def _orders(index: Index, groups: list[_Group], *, gives_results: bool) -> list[Segment]:
    segments: list[Segment] = []
    patients: list[Resource] = []
    described: list[Resource] = []
    for group in groups:
        if not any(group.patient is one for one in patients):
            patients.append(group.patient)
    for patient in patients:
        own = [group for group in groups if group.patient is patient]
        if patient.get("resourceType") == "Patient":
            segments.extend(_patient_group(patient, index, own, gives_results=gives_results))
        for number, group in enumerate(own, start=1):
            segments.extend(_order_group(number, group, index, described, gives_results=gives_results))
    return segments


def _patient_group(patient: Resource, index: Index, groups: list[_Group], *, gives_results: bool) -> list[Segment]:
    every = [one for group in groups for one in (group.report, group.request, *group.observations)]
    visits = [found for one in every if (found := index.resolve(element_at(one, "encounter"), one))]
    allergies = [] if gives_results else al1(patient, index)
    return [
        *index.made([pid(patient, index), *pd1(patient, index), *notes(patient, index)], patient),
        *nk1(patient, index),
        *(index.made(visit(visits[0], index), visits[0]) if visits else ()),
        *allergies,
    ]


def _order_group(
    number: int, group: _Group, index: Index, described: list[Resource], *, gives_results: bool
) -> list[Segment]:
    """Write one order; `described` are the specimens whose own observations are written already."""
    report = group.report if gives_results else {}
    specimen = group.specimens[0] if group.specimens else {}
    # A report that stands alone (an observation without one) has no order of its own.
    has_order = group.request or elements_at(report, "identifier")
    segments = index.made([orc(group.request, report, index)] if has_order else [], group.request, report)
    of_report = (report, group.request, *group.observations[:1])
    segments.extend(index.made([obr(number, group.request, report, specimen, index)], *of_report))
    segments.extend(index.made(notes(report, index) if report else [], report))
    segments.extend(index.made(notes(group.request, index), group.request))
    if not gives_results:
        segments.extend(dg1(index.all_of(group.request, "reasonReference"), index))
    place = 1
    for observation, is_question in (
        *((one, False) for one in group.observations),
        *((one, True) for one in group.questions),
    ):
        written = obx(
            place,
            observation,
            index,
            is_question=is_question and gives_results,
            names_specimen=len(group.specimens) > 1,
        )
        place += sum(segment.name == "OBX" for segment in written)
        segments.extend(index.made(written, observation))
    for position, one in enumerate(group.specimens, start=1):
        segments.extend(index.made(spm(position, one, index), one))
        about = [found for found in index.of("Observation") if any(one is f for f in index.all_of(found, "focus"))]
        if not any(one is other for other in described):
            described.append(one)
            for place, found in enumerate(about, 1):
                segments.extend(index.made(obx(place, found, index), found))
    return segments


def _adt(index: Index, event: str) -> list[Segment]:
    patients = [one for one in index.of("Patient") if not _is_replaced(one)]
    patient = patients[0] if patients else index.first("Patient")
    encounter = index.first("Encounter")
    segments = index.made([pid(patient, index), *pd1(patient, index), *notes(patient, index)], patient)
    stay = index.made(visit(encounter, index), encounter)
    if event in _MERGES:
        return [*segments, *index.made(mrg(patient, index), patient), *stay]
    conditions = [
        found for one in elements_at(encounter, "diagnosis") if (found := index.resolve(element_at(one, "condition")))
    ] or list(index.of("Condition"))
    about = enumerate(index.of("Observation"), 1)
    observations = [line for place, one in about for line in index.made(obx(place, one, index), one)]
    segments.extend((*nk1(patient, index), *stay, *observations))
    return [*segments, *al1(patient, index), *dg1(conditions, index)]


def _is_replaced(patient: Resource) -> bool:
    return any(link.get("type") == "replaced-by" for link in elements_at(patient, "link"))


def _msh(bundle: Resource, header: Resource, index: Index, kind: tuple[str, str], at: datetime | None) -> Segment:
    line = Line("MSH")
    line.put(1, STANDARD.field)
    line.put(2, STANDARD.encoding_characters)
    destination = element_at(header, "destination")
    line.put(3, endpoint(element_at(header, "source")))
    line.put(4, hd(index.resolve(element_at(header, "sender"))))
    line.put(5, endpoint(destination))
    line.put(6, hd(index.resolve(element_at(destination, "receiver"))))
    source = index.first("Provenance")
    sent = time_back(bundle, "timestamp") or time_back(source, "occurredDateTime") or time_back(source, "recorded")
    line.put_text(7, sent or (write_instant(at) if at else ""))
    code, event = kind
    structures = {"ORU": "ORU_R01", "OML": "OML_O21"}
    structure = structures.get(code) or _STRUCTURES.get(event, "")
    line.put(9, "^".join(part for part in (code, event, structure) if part))
    number = text_at(bundle, "identifier", "value") or text_at(bundle, "id")
    line.put_text(10, number or str(uuid5(_NAMESPACE, dumps(_plain(bundle)))))
    tags = elements_at(element_at(header, "meta"), "tag")
    modes = [text_at(one, "code") for one in tags if system_name(text_at(one, "system")) == "HL70103"]
    line.put_text(11, modes[0] if modes else "P")
    line.put(12, "2.5.1")
    line.put(18, "UNICODE UTF-8")
    return line.segment()


def _plain(bundle: Resource) -> Mapping[str, object]:
    return {"entry": bundle.get("entry"), "type": bundle.get("type")}


def _evn(event: str, msh: Segment) -> Segment:
    line = Line("EVN")
    line.put(1, event)
    line.put(2, msh.sent(7))
    return line.segment()
