"""Resources as received, with what the server says of them: in the names of who reads them, with all versions.

A sender reads its own resources under its own ids, everybody else under the names that they have here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.own.observations import marks
from lienthong.exchange.fhir.own.shelf import instant
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir import Element, is_reference, loads, references
from lienthong.interop.fhir.r4.search import ReferenceValue, TokenValue, search_values
from lienthong.results.reads import ResultFacts
from lienthong.results.resources.compartment import OF_PATIENT, WITHOUT_PATIENTS
from lienthong.results.resources.names import is_name, name_of
from lienthong.results.search import loading
from lienthong.results.search.loading import ResourceFacts
from lienthong.results.search.observations import split_id

# What tells in a resource of whom it is.
_NAMES_PATIENT = OF_PATIENT | {"identifier"}
# Facilities have one id for all.
_OF_REGISTRY = frozenset(("Organization", "Location"))


def show_received(facts: Sequence[ResourceFacts], *, reader: str) -> list[Shown]:
    """Return resources as received, in the names of the reader, with the marks of the results made of them."""
    if not facts:
        return []
    results = loading.results_of_resources([one.name for one in facts if one.kind == "Observation"])
    told = {name: [one] for name, one in results.items()}
    told |= loading.examinations_of_reports([one.name for one in facts if one.kind == "DiagnosticReport"])
    return _all_shown([(one, told.get(one.name, ())) for one in facts], reader)


def received_versions(now: Shown, *, reader: str, is_sender: bool) -> list[Shown]:
    """Return all versions of a resource as received, newest first.

    Who is not of the sender's facility reads those that tell of the same patient as the one that may be read now; of a
    file, which names no patient, that one only.
    """
    versions = loading.versions(now.name) if now.name else []
    patient = _patient_in(now.kind, _tree(versions[0])) if versions else frozenset()
    results = loading.result_versions(now.name) if now.name and now.kind == "Observation" else []
    told = [
        (one, _results_of(one, results, is_latest=one is versions[0]))
        for one in versions
        if is_sender or one is versions[0] or _is_of_same(now.kind, patient, _patient_in(one.kind, _tree(one)))
    ]
    return _all_shown(told, reader)


def _all_shown(pairs: Sequence[tuple[ResourceFacts, Sequence[ResultFacts]]], reader: str) -> list[Shown]:
    """Return versions of resources, each with the results that give its marks."""
    trees = [(one, _tree(one), results) for one, results in pairs]
    names = _names_of_references([(one, tree) for one, tree, _results in trees if one.source != reader])
    return [_shown(one, tree, names if one.source != reader else None, results) for one, tree, results in trees]


def _shown(
    one: ResourceFacts, tree: Element, names: Mapping[tuple[str, str], str] | None, results: Sequence[ResultFacts]
) -> Shown:
    id_ = one.own_id if names is None else str(one.name)
    said = systems.without_server_meta(tree).get("meta")
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


def _results_of(version: ResourceFacts, results: Sequence[ResultFacts], *, is_latest: bool) -> Sequence[ResultFacts]:
    """Return what gives a version its marks: of the latest what stands now, else the last of its message or before."""
    if is_latest and version.kind == "DiagnosticReport":
        return loading.examinations_of_reports([version.name]).get(version.name, ())
    stood = [one for one in results if (one.is_current if is_latest else one.inbox_id <= version.inbox_id)]
    return stood[-1:]


def _patient_in(kind: str, tree: Element) -> frozenset[str]:
    """Return by what a version names its patient: the numbers of a Patient, else what refers to one."""
    values = [one for code, several in search_values(tree, kind).items() if code in _NAMES_PATIENT for one in several]
    if kind == "Patient":
        return frozenset(one.code for one in values if isinstance(one, TokenValue))
    return frozenset(f"{one.type}/{one.id}" for one in values if isinstance(one, ReferenceValue))


def _is_of_same(kind: str, patient: frozenset[str], other: frozenset[str]) -> bool:
    if not patient and kind not in WITHOUT_PATIENTS:
        return False  # another version may have been of another patient, and nothing tells
    return bool(patient & other) or patient == other


def _tree(one: ResourceFacts) -> Element:
    found = loads(one.content) if one.content else {}
    return found if isinstance(found, dict) else {}


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
