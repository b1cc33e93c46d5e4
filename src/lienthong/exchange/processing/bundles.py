"""Bundles of FHIR in the inbox, in the form in which messages are read: by HL7's map back to version 2.

A Bundle stands there with ids and references as the server gave them: each entry is a PUT of `Kind/id` in the names of
its sender. What version 2 demands and FHIR leaves open is filled in from what the Bundle says elsewhere: numbers of
patients, orders and reports from ids, the time of a report from that of its results. What stands beside the results of
a report (files, images, the study, the conclusion) becomes observations of it, as it is in version 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from lienthong.exchange.errors import Unstorable
from lienthong.exchange.imaging.in_bundles import as_imaging, beside, conclusion_of, lines_of
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.fhir import Element, from_bundle, loads, references
from lienthong.results.actions import Outcome, Waiting
from lienthong.results.resources.names import name_of
from lienthong.results.search.loading import resources, results_of_resources

FHIR = "^FHIR"  # behind the kind of message (MSH-9.1) that a Bundle is read as
RESOURCE = "urn:lienthong:resource"  # authority of the number by which a result knows its Observation
_NUMBER_TYPE = {"Patient": "MR", "ServiceRequest": "PLAC", "DiagnosticReport": "FILL"}
_NOTE = "http://hl7.org/fhir/StructureDefinition/note"
_PATIENT = re.compile(r"Patient/[^/]+")
_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
Resource = Mapping[str, object]


def is_bundle(one: Waiting) -> bool:
    return one.message_type.endswith(FHIR)


def _is_written(one: Waiting) -> bool:
    """Whether a Bundle comes as HL7 v2 already, from who had to write it to learn what it is."""
    return one.raw.startswith(b"MSH")


def as_messages(waiting: Iterable[Waiting]) -> tuple[list[Waiting], list[Outcome]]:
    """Return claimed messages with Bundles written as HL7 v2, and the outcomes of those that can't be."""
    read: list[Waiting] = []
    failed: list[Outcome] = []
    for one in waiting:
        try:
            is_to_write = is_bundle(one) and not _is_written(one)
            read.append(replace(one, raw=written(loads(one.raw), one.source)) if is_to_write else one)
        except Unstorable as error:
            failed.append(Outcome(inbox_id=one.id, state="held", reason=error.reason, findings=error.findings))
    return read, failed


def written(bundle: object, source: str) -> bytes:
    """Write a Bundle of a sender as an HL7 v2 message in UTF-8; raise Unstorable where nothing can be made of it."""
    if not isinstance(bundle, dict):
        raise Unstorable("unreadable", [Finding("Bundle", "not-a-bundle", "The message must be a Bundle.")])
    found = from_bundle(completed(bundle, source)[0])
    if found.message is None:
        raise Unstorable(found.findings[0].code, found.findings)
    return hl7v2.write(found.message)


def resource_of(one: hl7v2.Observation) -> UUID | None:
    """Return the Observation that a result was in a Bundle."""
    instance = one.instance_id
    if instance is None or RESOURCE not in (instance.namespace, instance.system):
        return None
    return UUID(instance.value)


def completed(bundle: Element, source: str) -> tuple[Element, list[str]]:
    """Return a Bundle with the patients that it only names, a report around each lone result, and their numbers.

    What stands beside the results of its reports is among the results. Beside it comes, for each of its entries, where
    in the Bundle as given it comes from: `entry[0].resource`, or `entry[0].resource.subject` of a patient that is only
    named there.
    """
    entries = [(at, one) for at, entry in enumerate(_entries(bundle)) if isinstance(one := entry.get("resource"), dict)]
    told = _told_as_results([(_numbered(one, source), f"entry[{at}].resource") for at, one in entries])
    given, places = [one for one, _place in told], [place for _one, place in told]
    strangers, reports = _strangers(given, source), _reports_of_lone(given, source)
    timed = [_timed(one, given) for one in (*strangers, *(report for _lone, report in reports), *given)]
    named = [f"{places[at]}.{name}" for one in strangers for at, name in [_where_named(_path(one), given)]]
    # What is here has a name of its own, so that a URL of another server names nothing of it.
    made = [{"fullUrl": f"urn:lienthong:{_path(one)}", "resource": one} for one in timed]
    whole: Element = {"resourceType": "Bundle", "type": "collection", "entry": made}
    return whole, [*named, *(places[lone] for lone, _report in reports), *places]


def _where_named(patient: str, given: Sequence[Element]) -> tuple[int, str]:
    """Return which resource names a patient first, and by which element."""
    found = (
        (at, name)
        for at, one in enumerate(given)
        for name in ("subject", "patient")
        if _reference(one.get(name)) == patient
    )
    return next(found, (0, "subject"))


def _entries(bundle: Element) -> Iterator[Element]:
    entries = bundle.get("entry")
    yield from (one for one in entries if isinstance(one, dict)) if isinstance(entries, list) else ()


def _numbered(resource: Element, source: str) -> Element:
    """Give what has no number its id as one; an Observation also the name that it has here."""
    kind, own_id = str(resource.get("resourceType")), str(resource.get("id", ""))
    numbers = resource.get("identifier")
    has_numbers = isinstance(numbers, list) and any(isinstance(one, dict) and one.get("value") for one in numbers)
    if kind == "Observation":
        name = name_of(kind, source=source, own_id=own_id)
        others = numbers if isinstance(numbers, list) else []
        return {**resource, "identifier": [_number("FILL", str(name), RESOURCE), *others]}
    if kind in _NUMBER_TYPE and not has_numbers and own_id:
        return {**resource, "identifier": [_number(_NUMBER_TYPE[kind], own_id)]}
    return resource


def _number(type_code: str, value: str, system: str = "") -> Element:
    found: Element = {"type": {"coding": [{"system": _TYPES, "code": type_code}]}, "value": value}
    return found | ({"assigner": {"display": system}} if system else {})


def report_names(bundle: Element, source: str) -> dict[tuple[str, str], UUID]:
    """Return for sender and number of each report in a Bundle, as it is stored, the DiagnosticReport that it is."""
    found = [one for entry in _entries(bundle) if isinstance(one := entry.get("resource"), dict)]
    return {
        (source, _report_number(_numbered(one, source))): name_of(
            "DiagnosticReport", source=source, own_id=str(one["id"])
        )
        for one in found
        if one.get("resourceType") == "DiagnosticReport" and one.get("id")
    }


def bundle_names(one: Waiting) -> dict[tuple[str, str], UUID]:
    """Return `report_names` of a Bundle that waits in the inbox."""
    bundle = None if _is_written(one) else loads(one.raw)
    return report_names(bundle, one.source) if isinstance(bundle, dict) else {}


def resource_names(one: Waiting) -> list[tuple[str, UUID]]:
    """Return kind and name of each resource in a Bundle that waits in the inbox."""
    bundle = None if _is_written(one) else loads(one.raw)
    entries = _entries(bundle) if isinstance(bundle, dict) else []
    found = [
        (str(it["resourceType"]), str(it["id"]))
        for entry in entries
        if isinstance(it := entry.get("resource"), dict) and it.get("id")
    ]
    return [(kind, name_of(kind, source=one.source, own_id=own_id)) for kind, own_id in found]


def patients_of_bundle(one: Waiting) -> dict[UUID, Resource]:
    """Return the Patients that a Bundle in the inbox names; those that stand elsewhere are empty."""
    bundle = None if _is_written(one) else loads(one.raw)
    entries = _entries(bundle) if isinstance(bundle, dict) else ()
    given = [it for entry in entries if isinstance(it := entry.get("resource"), dict)]
    told: dict[str, Resource] = {text: {} for it in given for text in references(it) if _PATIENT.fullmatch(text)}
    told |= {_path(it): it for it in given if it.get("resourceType") == "Patient"}
    return {name_of("Patient", source=one.source, own_id=path.partition("/")[2]): it for path, it in told.items()}


def _report_number(report: Element) -> str:
    """Return the filler's number, which one without a type is as well, else the placer's (OBR-3, OBR-2)."""
    numbers: dict[str, str] = {}
    for one in _list(report.get("identifier")):
        if isinstance(one, dict):
            code = next((str(coding.get("code")) for coding in _codings(one.get("type"))), "FILL")
            numbers.setdefault(code, str(one.get("value", "")))
    return numbers.get("FILL") or numbers.get("PLAC", "")


def _codings(concept: object) -> list[Element]:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return [one for one in _list(codings) if isinstance(one, dict)]


def _told_as_results(given: Sequence[tuple[Element, str]]) -> list[tuple[Element, str]]:
    """Return resources with what stands beside the results of each report as further results of it.

    Each comes with its place in the Bundle, which is that of the report for what stands in it.
    """
    by_path: dict[str, Resource] = {_path(one): one for one, _place in given}
    found: list[tuple[Element, str]] = []
    statuses: dict[str, str] = {}
    for one, place in given:
        if one.get("resourceType") != "DiagnosticReport":
            found.append((one, place))
            continue
        inside = {f"#{each.get('id')}": each for each in _list(one.get("contained")) if isinstance(each, dict)}
        resolve = partial(_named_in, {**by_path, **inside})
        report = as_imaging(one, resolve)
        more = beside(report, resolve)
        found += [(_holding(report, more), place), *((each, place) for each in more)]
        statuses |= lines_of(report)
    return [
        ({**one, "status": statuses[path]} if (path := _path(one)) in statuses else one, place) for one, place in found
    ]


def _named_in(there: Mapping[str, Resource], path: str) -> Resource:
    return there.get(path, {})


def _holding(report: Element, more: Sequence[Element]) -> Element:
    """Return a report with further results, and with its conclusion as a comment where it is none of them."""
    results = [*_list(report.get("result")), *({"reference": _path(one)} for one in more)]
    told = {"result": results} if results else {}
    if words := conclusion_of(report):
        note = {"url": _NOTE, "valueAnnotation": {"text": words}}
        told["extension"] = [*_list(report.get("extension")), note]
    return {**report, **told}


def _strangers(given: Sequence[Element], source: str) -> list[Element]:
    """Return the patients that are named, but stand in earlier messages of the sender only."""
    here = {f"{one.get('resourceType')}/{one.get('id')}" for one in given}
    named = {_reference(one.get("subject")) or _reference(one.get("patient")) for one in given}
    wanted = {
        name_of("Patient", source=source, own_id=text.partition("/")[2]): text.partition("/")[2]
        for text in named - here
        if text.startswith("Patient/")
    }
    found = []
    for name, facts in resources(list(wanted)).items():
        known = loads(facts.content)
        if isinstance(known, dict):
            found.append(_numbered({**known, "id": wanted[name]}, source))
    return found


def _reference(value: object) -> str:
    reference = value.get("reference") if isinstance(value, dict) else None
    return reference.split("/_history/")[0] if isinstance(reference, str) else ""


def _reports_of_lone(given: Sequence[Element], source: str) -> list[tuple[int, Element]]:
    """Return a report for each result, by its number, that no report of the Bundle holds.

    Version 2 has no result without one. A result that came in a report before is of that report still.
    """
    held = {
        _reference(one)
        for report in given
        if report.get("resourceType") in ("DiagnosticReport", "Observation")
        for member in ("result", "hasMember")
        for one in _list(report.get(member))
    }
    lone = [
        (at, one) for at, one in enumerate(given) if one.get("resourceType") == "Observation" and _path(one) not in held
    ]
    names = {at: name_of("Observation", source=source, own_id=str(one.get("id", ""))) for at, one in lone}
    stored = results_of_resources(list(names.values())) if names else {}
    numbers = {at: stored[name].report_number for at, name in names.items() if name in stored}
    return [(at, _report_of(one, numbers.get(at, str(one.get("id", ""))))) for at, one in lone]


def _report_of(one: Element, number: str) -> Element:
    same = ("status", "code", "subject", "effectiveDateTime", "effectivePeriod", "issued", "basedOn")
    fields = {name: one[name] for name in same if name in one}
    specimen = {"specimen": [one["specimen"]]} if "specimen" in one else {}
    known = {"identifier": [_number("FILL", number)], "result": [{"reference": _path(one)}]}
    return {"resourceType": "DiagnosticReport", "id": f"of-{one.get('id')}"[:64], **fields, **specimen, **known}


def _timed(resource: Element, given: Sequence[Element]) -> Element:
    """Give a report without a time that of its results, where all have the same."""
    if resource.get("resourceType") != "DiagnosticReport" or any(key.startswith("effective") for key in resource):
        return resource
    members = {_reference(one) for one in _list(resource.get("result"))}
    times = {str(one.get("effectiveDateTime", "")) for one in given if _path(one) in members}
    time = times.pop() if len(times) == 1 else ""
    return {**resource, "effectiveDateTime": time} if time else resource


def _path(resource: Resource) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
